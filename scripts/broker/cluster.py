"""A cluster of one or three KRaft brokers in a folder: made, started, waited for, stopped."""

import base64
import concurrent.futures
import contextlib
import fcntl
import json
import pathlib
import subprocess
import time
import uuid

import artifacts
import processes
import settings
from trouble import Trouble, say

FILE = "cluster.json"
TRIES = 5
FORMAT_SECONDS = 60
SHOWN_LINES = 12


class PortTaken(Exception):
    """Somebody took a port between our choice and the broker's start."""


class Cluster:
    """What stands in a folder. One process at a time changes it; its lock is beside the file."""

    def __init__(self, folder, described, tied=False):
        self.folder = pathlib.Path(folder)
        self.described = described
        self.tied = tied  # the brokers die with this process

    @staticmethod
    def load(folder, tied=False):
        path = pathlib.Path(folder).resolve() / FILE
        try:
            return Cluster(path.parent, json.loads(path.read_text()), tied)
        except FileNotFoundError:
            raise Trouble(f"there is no cluster in {path.parent}: start one there") from None
        except (OSError, ValueError) as error:
            raise Trouble(f"{path} cannot be read: {error}") from None

    @staticmethod
    def make(folder, brokers, tied=False, further=None, listeners=None):
        """A cluster in a folder that is empty or not there yet. `further` are broker settings;
        `listeners` are further ones, name → the port that each broker's clients are told there, in
        the order of the brokers: that of a proxy before it."""
        folder = pathlib.Path(folder).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Trouble(f"{folder} is neither empty nor a cluster's: name another folder")
        nodes = [{"id": number, "folder": str(folder / f"node-{number}"), "pid": 0, "born": 0}
                 for number in range(1, brokers + 1)]
        for name, ports in (listeners or {}).items():
            for node, port in zip(nodes, ports, strict=True):
                node.setdefault("listeners", {})[name] = {"advertised": port}
        name = "-"
        while name.startswith("-"):  # Kafka's tool would take that for an option
            name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        cluster = Cluster(folder, {"version": artifacts.VERSION, "cluster_id": name, "nodes": nodes,
                                   "further": further or {}, "formatted": False}, tied)
        cluster.choose_ports()
        return cluster

    @property
    def nodes(self):
        return self.described["nodes"]

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{node['port']}" for node in self.nodes)

    def bootstrap_by(self, listener):
        """The address of the brokers for clients of a further listener."""
        return ",".join(f"127.0.0.1:{node['listeners'][listener]['advertised']}"
                        for node in self.nodes)

    def node(self, number):
        for node in self.nodes:
            if node["id"] == number:
                return node
        raise Trouble(f"there is no node {number} in {self.folder}")

    def chosen(self, number):
        return [self.node(number)] if number else self.nodes

    def report(self):
        return {"bootstrap": self.bootstrap, "folder": str(self.folder),
                "version": self.described["version"], "cluster_id": self.described["cluster_id"],
                "nodes": [{**node, "runs": processes.runs(node)} for node in self.nodes]}

    @contextlib.contextmanager
    def locked(self):
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Trouble(f"another program starts or stops {self.folder}") from None
            yield

    def save(self):
        settings.save(self.folder / FILE, self.described)

    def choose_ports(self):
        further = [one for node in self.nodes for one in node.get("listeners", {}).values()]
        ports = processes.free_ports(2 * len(self.nodes) + len(further))
        for node in self.nodes:
            node["port"], node["controller_port"] = ports.pop(), ports.pop()
        for one in further:
            one["port"] = ports.pop()

    # ---- starting ----

    def start(self, deadline_seconds, number=None):
        """Starts what does not run, and returns once every broker that runs serves."""
        libs = artifacts.fetch()
        java = artifacts.need("java")
        artifacts.need("kcat")
        deadline = time.monotonic() + deadline_seconds
        with self.locked():
            for attempt in range(1, TRIES + 1):
                try:
                    self._configure()
                    self._format(libs, java)
                    self._launch(libs, java, number)
                    self._wait(deadline, number)
                    return
                except PortTaken as taken:
                    # Those that run know these ports, and so do their clients.
                    if any(processes.runs(node) and not node.get("fresh") for node in self.nodes):
                        raise Trouble(f"a port of node {taken.args[0]} is taken by another program: "
                                      "stop all nodes and start them together") from None
                    say(f"a port was taken meanwhile: choosing others (attempt {attempt})")
                    processes.stop(self.nodes, gently=False)
                    self.choose_ports()
                except BaseException:
                    processes.stop([n for n in self.nodes if n.get("fresh")], gently=False)
                    raise
                finally:
                    for node in self.nodes:
                        node.pop("fresh", None)
                    self.save()
            raise Trouble(f"no free ports were found in {TRIES} attempts")

    def _configure(self):
        for node in self.nodes:
            folder = pathlib.Path(node["folder"])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "server.properties").write_text(settings.properties(self.described, node))
            (folder / "log4j.properties").write_text(settings.LOGGING)
        self.save()

    def _java(self, libs, java, node, program, *arguments):
        folder = pathlib.Path(node["folder"])
        return settings.java(libs, java, folder / "log4j.properties", program, *arguments)

    def _format(self, libs, java):
        if self.described["formatted"]:
            return

        def one(node):
            command = self._java(libs, java, node, "kafka.tools.StorageTool", "format",
                                 "--ignore-formatted", "-t", self.described["cluster_id"],
                                 "-c", f"{node['folder']}/server.properties")
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  timeout=FORMAT_SECONDS, check=False)
            if done.returncode:
                raise Trouble(f"node {node['id']} could not be formatted:\n{done.stdout}{done.stderr}")

        with concurrent.futures.ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(one, self.nodes))
        self.described["formatted"] = True

    def _launch(self, libs, java, number):
        for node in self.chosen(number):
            if processes.runs(node):
                continue
            log = pathlib.Path(node["folder"]) / "log.txt"
            node["log_from"] = log.stat().st_size if log.exists() else 0
            process = processes.start(self._java(libs, java, node, "kafka.Kafka",
                                                 f"{node['folder']}/server.properties"),
                                      log, self.tied)
            node["pid"], node["born"], node["fresh"] = process.pid, processes.born(process.pid), True
        self.save()

    # ---- readiness ----

    def _log(self, node):
        with open(f"{node['folder']}/log.txt", "rb") as file:
            file.seek(node.get("log_from", 0))
            return file.read().decode(errors="replace")

    def _check_alive(self):
        processes.reap()
        for node in self.nodes:
            if not node.get("fresh") or processes.runs(node):
                continue
            log = self._log(node)
            if "Address already in use" in log:
                raise PortTaken(node["id"])
            lines = "\n".join(log.splitlines()[-SHOWN_LINES:])
            raise Trouble(f"node {node['id']} ended while it started; its log "
                          f"({node['folder']}/log.txt) ends with:\n{lines}")

    def serving(self, node):
        """The ids of the brokers that this one names as alive, by Kafka's own protocol."""
        if not processes.accepts(node["port"]):
            return set()
        try:
            done = subprocess.run(["kcat", "-b", f"127.0.0.1:{node['port']}", "-L", "-J", "-m", "3"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10,
                                  check=False)
            answer = json.loads(done.stdout)
        except (ValueError, subprocess.TimeoutExpired):
            return set()
        return {broker["id"] for broker in answer.get("brokers", [])}

    def _wait(self, deadline, number):
        """Until each node that was started is known to every one that runs."""
        wanted = {node["id"] for node in self.chosen(number)}
        open_nodes = [node for node in self.nodes if processes.runs(node)]
        while open_nodes:
            self._check_alive()
            open_nodes = [node for node in open_nodes
                          if processes.runs(node) and not wanted <= self.serving(node)]
            if open_nodes and time.monotonic() > deadline:
                names = ", ".join(str(node["id"]) for node in open_nodes)
                lines = "\n".join(self._log(open_nodes[0]).splitlines()[-SHOWN_LINES:])
                raise Trouble(f"the brokers are not ready in time (waiting for node {names}); the log "
                              f"({open_nodes[0]['folder']}/log.txt) ends with:\n{lines}")
            if open_nodes:
                time.sleep(0.1)
        self._check_alive()

    # ---- stopping ----

    def stop(self, number=None, gently=True):
        """Stops one node or all; True if each ended as asked."""
        with self.locked():
            killed = processes.stop(self.chosen(number), gently)
            for node in self.chosen(number):
                node["pid"] = node["born"] = 0
            self.save()
        for node in killed:
            say(f"node {node['id']} did not end when asked to: it was killed")
        return not killed
