#!/usr/bin/python3
"""scripts/kafka brings up real brokers: one that bears kill -9, three that bear the loss of one."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/house"), str(ROOT / "scripts/broker")]
import artifacts  # noqa: E402
import facts  # noqa: E402
import processes  # noqa: E402
from cluster import Cluster  # noqa: E402
from trouble import Trouble  # noqa: E402

KAFKA = ROOT / "scripts/kafka"
# kcat makes its topic by writing to it.
MAKES_TOPICS = {"auto.create.topics.enable": "true"}
SECONDS = 90


def kcat(bootstrap, *arguments, stdin=""):
    done = subprocess.run(["kcat", "-b", bootstrap, *arguments], input=stdin, text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def produce(bootstrap, lines):
    kcat(bootstrap, "-P", "-t", "facts", "-X", "acks=all", "-X", "topic.metadata.propagation.max.ms=30000",
         stdin="".join(line + "\n" for line in lines))


def consume(bootstrap, count):
    return kcat(bootstrap, "-C", "-t", "facts", "-o", "beginning", "-c", str(count), "-q").splitlines()


def kill(node):
    os.kill(node["pid"], signal.SIGKILL)
    assert processes.ended([node], 10), "a killed broker lives on"


@facts.fact("one broker serves though its port was taken before its start, bears kill -9, and has its "
            "records when started again in its folder")
def _():
    with tempfile.TemporaryDirectory() as folder, socket.socket() as thief:
        cluster = Cluster.make(folder + "/kafka", 1, tied=True, further=MAKES_TOPICS)
        taken = cluster.bootstrap
        thief.bind(("127.0.0.1", cluster.nodes[0]["port"]))
        thief.listen()
        try:
            cluster.start(SECONDS)
            assert cluster.bootstrap != taken
            names = json.loads(kcat(cluster.bootstrap, "-L", "-J"))["brokers"]
            assert [broker["id"] for broker in names] == [1], names
            before = [f"record {number}" for number in range(100)]
            produce(cluster.bootstrap, before)
            assert consume(cluster.bootstrap, 100) == before
            where = cluster.bootstrap
            kill(cluster.nodes[0])
            assert not any(node["runs"] for node in cluster.report()["nodes"])
            cluster.start(SECONDS)
            assert cluster.bootstrap == where, "it came back elsewhere"
            produce(cluster.bootstrap, ["one more"])
            assert consume(cluster.bootstrap, 101) == [*before, "one more"]
        finally:
            cluster.stop(gently=False)


@facts.fact("three brokers serve on with one of them killed, and take it back")
def _():
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster.make(folder + "/kafka", 3, tied=True, further=MAKES_TOPICS)
        try:
            cluster.start(SECONDS)
            assert all(cluster.serving(node) == {1, 2, 3} for node in cluster.nodes)
            produce(cluster.bootstrap, ["a"])
            topic = json.loads(kcat(cluster.bootstrap, "-L", "-J", "-t", "facts"))["topics"][0]
            leader = topic["partitions"][0]["leader"]
            assert len(topic["partitions"][0]["replicas"]) == 3, topic
            kill(cluster.node(leader))
            produce(cluster.bootstrap, ["b"])
            assert consume(cluster.bootstrap, 2) == ["a", "b"]
            cluster.start(SECONDS, leader)
            assert cluster.serving(cluster.node(leader)) == {1, 2, 3}
        finally:
            cluster.stop(gently=False)


@facts.fact("run gives the command its broker, returns its exit code and leaves nothing behind")
def _():
    with tempfile.TemporaryDirectory() as folder:
        command = "kcat -b $FANLEDGER_KAFKA -L -J && exit 7"
        done = subprocess.run([KAFKA, "run", "--", "sh", "-c", command], text=True, capture_output=True,
                              env={**os.environ, "TMPDIR": folder}, timeout=120, check=False)
        assert done.returncode == 7, (done.returncode, done.stderr)
        broker = json.loads(done.stdout)["brokers"][0]["name"]
        assert not processes.accepts(int(broker.rpartition(":")[2])), "the broker lives on"
        assert not os.listdir(folder), os.listdir(folder)


# Its first thread is dead, as in a JVM that was killed a moment ago; the other has the socket.
HALF_DEAD = """
import ctypes, socket, sys, threading, time
listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=time.sleep, args=(600,)).start()
print(listener.getsockname()[1], flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""


@facts.fact("a process whose first thread is dead runs while another holds its socket; a stop ends it, "
            "its port is free, and no zombie stays")
def _():
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log")
        pid = processes.start([sys.executable, "-c", HALF_DEAD], log, tied=True).pid
        node = {"pid": pid, "born": processes.born(pid)}
        state = pathlib.Path(f"/proc/{pid}/stat")
        deadline = time.monotonic() + 60
        while state.read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.01)
        port = int(log.read_text())
        assert processes.runs(node) and processes.accepts(port)
        assert not processes.ended([node], 0.1)
        processes.stop([node], gently=False)
        assert not processes.accepts(port) and not processes.runs(node)
        assert not state.exists(), "it was not reaped"


def stand_in(folder, mvn):
    """An environment with a Maven of our own and an empty cache."""
    program = pathlib.Path(folder, "bin/mvn")
    program.parent.mkdir()
    program.write_text(f"#!/bin/bash\n{mvn}\n")
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "XDG_CACHE_HOME": folder + "/cache"}


@facts.fact("a fetch that fails says how to get the broker, and leaves nothing that looks whole")
def _():
    with tempfile.TemporaryDirectory() as folder:
        environment = stand_in(folder, "echo '[ERROR] no route to anything'; exit 1")
        done = facts.run(KAFKA, "start", env=environment)
        assert done.returncode == 1 and "no route to anything" in done.stdout, done.stdout
        assert "scripts/kafka fetch" in done.stdout and "settings.xml" in done.stdout, done.stdout
        assert os.listdir(folder + "/cache/fanledger") == [f"kafka-{artifacts.VERSION}.lock"]


@facts.fact("two fetches at a time run Maven once, and a changed jar is fetched again")
def _():
    make = ("echo once >> $NOTES; for a in \"$@\"; do case $a in -DoutputDirectory=*) libs=${a#*=};; esac; done; "
            "mkdir $libs; sleep 0.5; for jar in " + " ".join(artifacts.wanted()) + "; do echo x > $libs/$jar; done")
    with tempfile.TemporaryDirectory() as folder:
        environment = {**stand_in(folder, make), "NOTES": folder + "/notes"}
        ended = []
        threads = [threading.Thread(target=lambda: ended.append(facts.run(KAFKA, "fetch", env=environment)))
                   for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [done.returncode for done in ended] == [0, 0], [done.stdout for done in ended]
        assert pathlib.Path(folder, "notes").read_text() == "once\n"
        jar = pathlib.Path(folder, "cache/fanledger", f"kafka-{artifacts.VERSION}", "libs", artifacts.wanted()[0])
        jar.write_text("y\n")
        done = facts.run(KAFKA, "fetch", env=environment)
        assert done.returncode == 0 and "not what was fetched" in done.stdout, done.stdout
        assert jar.read_text() == "x\n"


@facts.fact("a folder that holds something else is refused, and a stop where nothing is")
def _():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "photograph").touch()
        try:
            Cluster.make(folder, 1)
        except Trouble as trouble:
            assert "neither empty" in str(trouble)
        else:
            raise AssertionError("it was taken")
        done = facts.run(KAFKA, "stop", "--dir", folder)
        assert done.returncode == 1 and "no cluster" in done.stdout, done.stdout


if __name__ == "__main__":
    facts.main(__doc__)
