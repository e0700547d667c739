"""The verbs of scripts/cluster."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time

import artifacts
import errand
import trouble
from topology import FILE, Topology
from trouble import Trouble, say

DEADLINE = 180


def read_arguments(description):
    parser = argparse.ArgumentParser(
        prog="scripts/cluster", description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The programs are those in $FANLEDGER_BIN, or build/release/bin. Progress goes to "
               "standard error.\nA folder holds everything: NODE/log.txt, NODE/data, kafka, keys, "
               "shared, admin.key.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    starting = argparse.ArgumentParser(add_help=False)
    starting.add_argument("--brokers", type=int, choices=(1, 3),
                          help="Kafka brokers of a new platform (default: 1)")
    starting.add_argument("--kafka", metavar="BOOTSTRAP",
                          help="a new platform on these brokers, instead of our own")
    starting.add_argument("--replication", type=int, metavar="N",
                          help="copies that they keep (default: 1)")
    starting.add_argument("--topic-prefix", metavar="P", help="of a new platform's topics")
    starting.add_argument("--listen", action="append", default=[], metavar="NODE=ADDR:PORT",
                          type=pair, help="where a node of a new platform serves (default: a free "
                          "port of 127.0.0.1)")
    starting.add_argument("--deadline", type=float, default=DEADLINE, metavar="SECONDS",
                          help="give up when it is not ready by then (default: %(default)s)")
    verb = verbs.add_parser("start", parents=[starting],
                            help="start what does not run, print where it is, leave it running")
    verb.add_argument("--dir", metavar="D", help="the platform's folder: made if it is not there "
                      "(default: a new one)")
    verb.add_argument("--node", metavar="NODE", help="only this node of the platform in D")
    verb.add_argument("--json", action="store_true", help="print folders, logs and processes too")
    verb.set_defaults(run=do_start)

    placed = argparse.ArgumentParser(add_help=False)
    placed.add_argument("--dir", metavar="D", required=True)
    verb = verbs.add_parser("status", parents=[placed],
                            help="what runs (exit code 0 if everything does)")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=do_status)
    verb = verbs.add_parser("stop", parents=[placed], help="stop everything; what is kept stays")
    verb.add_argument("--kill", action="store_true", help="by SIGKILL, as a crash")
    verb.add_argument("--remove", action="store_true", help="and remove the folder")
    verb.set_defaults(run=do_stop)
    for name, what in (("kill", "end a node by SIGKILL, as a crash"),
                       ("pause", "have a node hang, by SIGSTOP"),
                       ("resume", "have a paused node go on"),
                       ("restart", "stop a node, start it, wait until it is ready")):
        verb = verbs.add_parser(name, parents=[placed], help=what)
        verb.add_argument("node", metavar="NODE", help="owner-1, owner-2, api-1, …; kafka-1 for a "
                          "broker of ours")
        verb.set_defaults(run=do_node)

    verb = verbs.add_parser("run", parents=[starting], help="start everything, run a command with "
                            "FANLEDGER_API (the API nodes, by comma), FANLEDGER_KAFKA and "
                            "FANLEDGER_CLUSTER (the folder), stop everything whatever happens")
    verb.add_argument("--dir", metavar="D", help="keep all in this folder (default: a new one, "
                      "removed afterwards)")
    verb.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    verb.set_defaults(run=do_run)
    return parser.parse_args(), parser


def pair(text):
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NODE=ADDR:PORT")
    return name, value


def opened(arguments, folder, tied=False):
    """The platform of the folder, made if there is none."""
    new = {"brokers": arguments.brokers, "kafka": arguments.kafka, "prefix": arguments.topic_prefix,
           "replication": arguments.replication, "listen": dict(arguments.listen)}
    new = {name: value for name, value in new.items() if value}
    if not os.path.exists(os.path.join(folder, FILE)):
        return Topology.make(folder, tied=tied, **new)
    if new:
        raise Trouble(f"{folder} holds a platform already: {', '.join(sorted(new))} is for a new one")
    return Topology.load(folder, tied)


def start(topology, arguments, node=None):
    began = time.monotonic()
    if topology.brokers:
        artifacts.fetch()
    topology.start(arguments.deadline, node)
    say(f"{node or 'everything'} ready after {time.monotonic() - began:.1f} s in {topology.folder}")


def show(report, as_json):
    if as_json:
        print(json.dumps(report, indent=1), flush=True)
        return
    for node in report["nodes"]:
        print(f"{node['name']:<9} {node['state']:<8} {node['url']}")
    for broker in report["brokers"]:
        print(f"kafka-{broker['id']:<3} {'runs' if broker['runs'] else 'stopped':<8} "
              f"127.0.0.1:{broker['port']}", flush=True)


def do_start(arguments, _):
    folder = arguments.dir or tempfile.mkdtemp(prefix="fanledger-cluster-")
    topology = None
    try:
        topology = opened(arguments, folder)
        start(topology, arguments, arguments.node)
    except BaseException:
        if not arguments.dir:
            if topology:
                topology.stop(gently=False)
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if not arguments.dir:
        say(f"to stop: scripts/cluster stop --remove --dir {topology.folder}")
    show(topology.report(), arguments.json)
    return 0


def do_status(arguments, _):
    report = Topology.load(arguments.dir).report()
    show(report, arguments.json)
    return 0 if all(node["state"] == "runs" for node in report["nodes"]) and \
        all(broker["runs"] for broker in report["brokers"]) else 1


def do_stop(arguments, _):
    topology = Topology.load(arguments.dir)
    topology.stop(gently=not arguments.kill)
    if arguments.remove:
        shutil.rmtree(topology.folder)
    say("stopped")
    return 0


def do_node(arguments, _):
    topology = Topology.load(arguments.dir)
    if arguments.node.startswith("kafka-"):
        topology.broker(arguments.verb, arguments.node.removeprefix("kafka-"), DEADLINE)
    elif arguments.verb == "restart":
        topology.restart(arguments.node, DEADLINE)
    else:
        getattr(topology, arguments.verb)(arguments.node)
    return 0


def do_run(arguments, parser):
    command = errand.words(arguments, parser)
    folder = arguments.dir or tempfile.mkdtemp(prefix="fanledger-cluster-")
    topologies = []

    def begin():
        topologies.append(opened(arguments, folder, tied=True))
        start(topologies[0], arguments)
        return {"FANLEDGER_API": ",".join(topologies[0].urls),
                "FANLEDGER_KAFKA": topologies[0].bootstrap,
                "FANLEDGER_CLUSTER": str(topologies[0].folder)}

    def end():
        for topology in topologies:
            # What is thrown away needs no clean end.
            topology.stop(gently=bool(arguments.dir))
        if not arguments.dir:
            shutil.rmtree(folder, ignore_errors=True)

    return errand.run(command, begin, end)


def main(description):
    trouble.speaker = "cluster"
    arguments, parser = read_arguments(description)
    try:
        return arguments.run(arguments, parser)
    except Trouble as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
