"""The configuration of a broker on a small machine, and its Java command line."""

import json

# A few hundred megabytes are enough; the simple collector and compiler start fastest on few cores.
JAVA = ("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
        "-Djava.awt.headless=true")

LOGGING = """log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d{ISO8601} %p %m (%c{1})%n
"""


def properties(cluster, node):
    """server.properties of a node that is both broker and controller."""
    nodes = cluster["nodes"]
    copies = min(3, len(nodes))
    in_sync = min(2, len(nodes))
    voters = ",".join(f"{one['id']}@127.0.0.1:{one['controller_port']}" for one in nodes)
    # Brokers speak to one another by PLAINTEXT. A further listener tells its clients the address of
    # whatever stands before it, so that one client's way may be broken and another's not.
    listeners = [f"PLAINTEXT://127.0.0.1:{node['port']}"]
    advertised = list(listeners)
    protocols = ["CONTROLLER:PLAINTEXT", "PLAINTEXT:PLAINTEXT"]
    for name, further in node.get("listeners", {}).items():
        listeners.append(f"{name}://127.0.0.1:{further['port']}")
        advertised.append(f"{name}://127.0.0.1:{further['advertised']}")
        protocols.append(f"{name}:PLAINTEXT")
    listeners.append(f"CONTROLLER://127.0.0.1:{node['controller_port']}")
    settings = {
        "process.roles": "broker,controller",
        "node.id": node["id"],
        "controller.quorum.voters": voters,
        "listeners": ",".join(listeners),
        "advertised.listeners": ",".join(advertised),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": ",".join(protocols),
        "log.dirs": f"{node['folder']}/data",
        # A deleted topic stays deleted until somebody makes it: its readers must notice.
        "auto.create.topics.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "unclean.leader.election.enable": "false",
        "message.max.bytes": 8 * 1024 * 1024,
        "replica.fetch.max.bytes": 8 * 1024 * 1024,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": 4,
        # Positions of groups that rest are not forgotten after the default week.
        "offsets.retention.minutes": 365 * 24 * 60,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": 4,
        "group.initial.rebalance.delay.ms": 0,
        # Small: the defaults are for servers with nothing else to do.
        "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
        "log.cleaner.backoff.ms": 500,
        "num.network.threads": 2,
        "num.io.threads": 4,
        # A dead broker is noticed within seconds, a busy machine is not taken for a dead one.
        "broker.heartbeat.interval.ms": 1000,
        "broker.session.timeout.ms": 6000,
    }
    settings.update(cluster["further"])
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def java(libs, java_program, logging, *arguments):
    return [java_program, *JAVA, f"-Dlog4j.configuration=file:{logging}", "-cp", f"{libs}/*",
            *map(str, arguments)]


def save(path, cluster):
    """Whole or not at all: a start that is killed leaves the description that was."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(cluster, indent=1) + "\n")
    partial.rename(path)
