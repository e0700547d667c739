#!/usr/bin/python3
"""scripts/cluster brings up a platform of many nodes, breaks it as asked, and leaves nothing behind.

The nodes are stand-ins: what they do is tested elsewhere.
"""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("tests/house", "tests/support", "scripts/broker",
                                              "scripts/nodes")]
import facts  # noqa: E402
import processes  # noqa: E402
import stand_in_node  # noqa: E402
from topology import Topology  # noqa: E402
from trouble import Trouble  # noqa: E402

CLUSTER = ROOT / "scripts/cluster"
SECONDS = 60
NOWHERE = "127.0.0.1:9"  # the stand-ins ask no broker
NAMES = ["owner-1", "owner-2", "api-1", "api-2", "worker-1", "worker-2"]


@contextlib.contextmanager
def programs():
    """A folder, with the stand-ins as the programs."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/bin")
        stand_in_node.install(folder + "/bin")
        before = dict(os.environ)
        os.environ.update(FANLEDGER_BIN=folder + "/bin", TMPDIR=folder)
        try:
            yield folder
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def topology(**more):
    with programs() as folder:
        made = Topology.make(folder + "/platform", kafka=NOWHERE, tied=True, **more)
        try:
            made.start(SECONDS)
            yield made
        finally:
            made.stop(gently=False)


def states(made):
    return {node["name"]: node["state"] for node in made.report()["nodes"]}


def answers(url):
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def command_of(made, name):
    """What the node was started with, as it noted itself."""
    return made.log_of(name).read_text().splitlines()[0].split()


def value(command, option):
    return command[command.index(option) + 1]


@facts.fact("every node is ready, with a role, a folder, certificates and a log of its own, and a common "
            "key ring and store")
def _():
    with topology() as made:
        commands = {name: command_of(made, name) for name in NAMES}
        assert all(answers(made.url(name)) for name in NAMES)
        assert [value(commands[name], "--roles") for name in NAMES] == \
            ["owner", "owner", "api", "api", "worker", "worker"]
        for option in ("--data", "--listen", "--node-certs"):
            assert len({value(command, option) for command in commands.values()}) == 6, option
        for option in ("--keys", "--shared", "--kafka", "--replication"):
            assert len({value(command, option) for command in commands.values()}) == 1, option
        owners = [value(commands[name], "--node-url") for name in ("owner-1", "owner-2")]
        for name, command in commands.items():
            nodes = [command[at + 1] for at, word in enumerate(command) if word == "--node"]
            assert nodes == owners, (name, nodes)


@facts.fact("a killed node is down and comes back where it was; a paused one hangs until it is resumed; a "
            "restarted one is another process")
def _():
    with topology() as made:
        url = made.url("api-1")
        made.kill("api-1")
        assert states(made)["api-1"] == "stopped" and not answers(url)
        assert made.restart("api-1", SECONDS) is None and answers(url)
        made.pause("api-2")
        assert states(made)["api-2"] == "paused" and not answers(made.url("api-2"))
        made.resume("api-2")
        while states(made)["api-2"] != "runs":
            time.sleep(0.01)
        assert answers(made.url("api-2"))
        before = made.node("owner-1")["pid"]
        made.restart("owner-1", SECONDS)
        assert made.node("owner-1")["pid"] != before and set(states(made).values()) == {"runs"}
        for wrong in (lambda: made.kill("api-3"), lambda: made.pause("kafka-1")):
            try:
                wrong()
            except Trouble as trouble:
                assert "there is no node" in str(trouble)
            else:
                raise AssertionError("it was taken")


@facts.fact("a proxy's port is what the others are told of an owner, and a node's further options and "
            "variables reach it")
def _():
    with programs() as folder:
        made = Topology.make(folder + "/platform", kafka=NOWHERE, tied=True, prefix="other.",
                             reached={"owner-1": 4711})
        made.arguments["api-1"] = ["--log-level", "debug"]
        made.environment["worker-1"] = {"STAND_IN_FAILS": "worker"}
        try:
            made.start(SECONDS)
        except Trouble as trouble:
            assert "worker-1 ended" in str(trouble) and "told to fail" in str(trouble), trouble
        else:
            raise AssertionError("a node that ended was taken for ready")
        assert set(states(made).values()) == {"stopped"}, "what was started is left running"
        made.environment.clear()
        try:
            made.start(SECONDS)
            command = made.log_of("api-1").read_text().splitlines()[-1].split()
            assert value(command, "--log-level") == "debug" and value(command, "--topic-prefix") == "other."
            assert value(command, "--node") == "tls://127.0.0.1:4711"
            assert not value(command_of(made, "owner-1"), "--node-listen").endswith(":4711")
        finally:
            made.stop(gently=False)


@facts.fact("a port that somebody took meanwhile is replaced")
def _():
    with programs() as folder, socket.socket() as thief:
        made = Topology.make(folder + "/platform", kafka=NOWHERE, tied=True)
        taken = made.node("owner-2")["node_port"]
        thief.bind(("127.0.0.1", taken))
        thief.listen()
        try:
            made.start(SECONDS)
            assert made.node("owner-2")["node_port"] != taken
            assert set(states(made).values()) == {"runs"}
        finally:
            made.stop(gently=False)


@facts.fact("started, looked at, broken and stopped by the command line, with a broker of its own; started "
            "again it is the same platform")
def _():
    with programs() as folder:
        place = folder + "/platform"
        try:
            done = facts.run(CLUSTER, "start", "--json", "--dir", place)
            assert done.returncode == 0, done.stdout
            report = json.loads(done.stdout[done.stdout.index("{"):])
            assert len(report["nodes"]) == 6 and len(report["brokers"]) == 1
            assert report["kafka"] in pathlib.Path(place, "api-1/log.txt").read_text()
            for verb, name in (("pause", "owner-1"), ("kill", "worker-2"), ("kill", "kafka-1")):
                done = facts.run(CLUSTER, verb, "--dir", place, name)
                assert done.returncode == 0, done.stdout
            done = facts.run(CLUSTER, "status", "--dir", place)
            lines = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()}
            assert done.returncode == 1 and lines == {
                **dict.fromkeys(NAMES, "runs"), "owner-1": "paused", "worker-2": "stopped",
                "kafka-1": "stopped"}, done.stdout
            assert facts.run(CLUSTER, "resume", "--dir", place, "owner-1").returncode == 0
            done = facts.run(CLUSTER, "start", "--dir", place)
            assert done.returncode == 0 and "making the ledger" not in done.stdout, done.stdout
            assert facts.run(CLUSTER, "status", "--dir", place).returncode == 0
            again = json.loads(facts.run(CLUSTER, "status", "--json", "--dir", place).stdout)
            assert [node["url"] for node in again["nodes"]] == [node["url"] for node in report["nodes"]]
        finally:
            done = facts.run(CLUSTER, "stop", "--remove", "--dir", place)
        assert done.returncode == 0 and not os.path.exists(place), done.stdout
        assert not any(answers(url) for url in report["api"])


@facts.fact("run gives the command the API nodes, returns its exit code and leaves nothing behind")
def _():
    with programs() as folder:
        done = subprocess.run(
            [CLUSTER, "run", "--kafka", NOWHERE, "--", "sh", "-c",
             "echo $FANLEDGER_API $FANLEDGER_KAFKA; curl -fs ${FANLEDGER_API%,*}/readyz && exit 7"],
            text=True, capture_output=True, timeout=SECONDS, check=False)
        assert done.returncode == 7, (done.returncode, done.stderr)
        api, kafka = done.stdout.split()
        assert len(api.split(",")) == 2 and kafka == NOWHERE
        assert not any(answers(url) for url in api.split(","))
        assert os.listdir(folder) == ["bin"], os.listdir(folder)


@facts.fact("nodes die with the run that started them, even when it is killed")
def _():
    with programs() as folder:
        run = subprocess.Popen([CLUSTER, "run", "--kafka", NOWHERE, "--", "sh", "-c",
                                "echo $FANLEDGER_API; exec sleep 600"], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            urls = run.stdout.readline().strip().split(",")
            assert len(urls) == 2 and all(answers(url) for url in urls)
            run.send_signal(signal.SIGKILL)
            run.wait(10)
            deadline = time.monotonic() + 20
            while any(answers(url) for url in urls):
                assert time.monotonic() < deadline, "they live on"
                time.sleep(0.05)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            run.stdout.close()


@facts.fact("scripts/run --kafka says what is lost and what is back, and Ctrl-C ends all of it in order, "
            "also what somebody else restarted")
def _():
    with programs() as folder:
        place = folder + "/platform"
        run = subprocess.Popen([ROOT / "scripts/run", "--kafka", "--no-build", "--no-demo", "--listen",
                                "127.0.0.1:0", "--data", place], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.STDOUT, start_new_session=True)
        said = []

        def until(words):
            for line in run.stdout:
                said.append(line)
                if words in line:
                    return
            raise AssertionError("".join(said))

        try:
            until("Press Ctrl-C")
            assert facts.run(CLUSTER, "kill", "--dir", place, "owner-1").returncode == 0
            until("owner-1 has ended")
            assert facts.run(CLUSTER, "restart", "--dir", place, "owner-1").returncode == 0
            assert facts.run(CLUSTER, "restart", "--dir", place, "kafka-1").returncode == 0
            until("owner-1 is back")
            assert facts.run(CLUSTER, "status", "--dir", place).returncode == 0
            again = facts.run(ROOT / "scripts/run", "--kafka", "--no-build", "--fresh", "--listen",
                              "127.0.0.1:0", "--data", place)
            assert again.returncode == 1 and "is in use" in again.stdout, again.stdout
            run.send_signal(signal.SIGINT)
            until("run: stopped")
            assert run.wait(20) == 0, said
            done = facts.run(CLUSTER, "status", "--dir", place)
            assert "runs" not in done.stdout, done.stdout
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            run.stdout.close()


@facts.fact("a folder that holds something else is refused, and verbs where nothing is")
def _():
    with programs() as folder:
        done = facts.run(CLUSTER, "start", "--dir", folder)
        assert done.returncode == 1 and "neither empty" in done.stdout, done.stdout
        for verb in (("stop",), ("kill", "api-1")):
            done = facts.run(CLUSTER, verb[0], "--dir", folder, *verb[1:])
            assert done.returncode == 1 and "there are no nodes" in done.stdout, done.stdout


if __name__ == "__main__":
    facts.main(__doc__)
