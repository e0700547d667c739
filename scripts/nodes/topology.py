"""A platform of several nodes on Kafka, as plain processes in a folder of one machine.

    topology = Topology.make(folder, brokers=1, tied=True)
    topology.start(90)                  # Kafka, certificates, the ledger, every node
    topology.kill("owner-1")            # as a crash; start(90, "owner-1") brings it back
    topology.pause("api-2"), topology.resume("api-2")
    topology.stop()
"""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import time

import layout
import processes
import programs
import readiness
import settings
from cluster import Cluster
from trouble import Trouble, say

FILE = "topology.json"
TRIES = 5
STOP_SECONDS = 60


class Topology:
    """What stands in a folder. One process at a time changes it; its lock is beside the file.

    Before a start, `arguments` (node → further arguments) and `environment` (node → variables) may
    be filled. Tied nodes die with the thread that started them.
    """

    def __init__(self, folder, described, tied=False):
        self.folder = pathlib.Path(folder)
        self.described = described
        self.tied = tied
        self.arguments = {}
        self.environment = {}
        self.bin = None  # the folder of the programs, if not the usual one
        self.brokers = None  # those that are ours
        if described["brokers"]:
            kafka = self.folder / "kafka"
            if (kafka / "cluster.json").exists():
                self.brokers = Cluster.load(kafka, tied)
            else:
                self.brokers = Cluster.make(kafka, described["brokers"], tied,
                                            listeners=described["listeners"])

    @staticmethod
    def load(folder, tied=False):
        path = pathlib.Path(folder).resolve() / FILE
        try:
            return Topology(path.parent, json.loads(path.read_text()), tied)
        except FileNotFoundError:
            raise Trouble(f"there are no nodes in {path.parent}: start some there") from None
        except (OSError, ValueError, KeyError) as error:
            raise Trouble(f"{path} cannot be read: {error!r}") from None

    @staticmethod
    def make(folder, brokers=1, kafka="", replication=0, prefix="", tied=False, listen=None,
             listeners=None, by=None, reached=None):
        """Nodes in a folder that is empty or not there yet; nothing runs before start().

        brokers: how many of our own; or `kafka`, the address of others, with the copies to keep.
        listen: node → ADDR:PORT where it serves; the others get a free port of 127.0.0.1.
        For proxies: `listeners` as of Cluster.make; `by`: node → the listener by which it reaches
        Kafka; `reached`: owner → the port at which the others reach it.
        """
        folder = pathlib.Path(folder).resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Trouble(f"{folder} is neither empty nor a platform's: name another folder")
        nodes = [{"name": member.name, "role": member.role, "folder": str(folder / member.name),
                  "listen": (listen or {}).get(member.name, ""), "by": (by or {}).get(member.name, ""),
                  "reached": (reached or {}).get(member.name, 0), "pid": 0, "born": 0}
                 for member in layout.MEMBERS]
        topology = Topology(folder, {"brokers": 0 if kafka else brokers, "kafka": kafka,
                                     "replication": replication or (1 if kafka else brokers),
                                     "prefix": prefix, "listeners": listeners or {}, "nodes": nodes,
                                     "made": False}, tied)
        topology.choose_ports()
        topology.save()
        return topology

    # ---- what is where ----

    @property
    def nodes(self):
        return self.described["nodes"]

    def node(self, name):
        for node in self.nodes:
            if node["name"] == name:
                return node
        names = ", ".join(node["name"] for node in self.nodes)
        raise Trouble(f"there is no node {name}: there are {names}")

    def chosen(self, name):
        return [self.node(name)] if name else self.nodes

    def of_role(self, role):
        return [node["name"] for node in self.nodes if node["role"] == role]

    def url(self, name):
        host, _, port = self.listen_of(self.node(name)).rpartition(":")
        # Who listens on all addresses is reached by this one.
        reached = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
        return f"http://{reached}:{port}"

    @staticmethod
    def listen_of(node):
        return node["listen"] or f"127.0.0.1:{node['port']}"

    @property
    def urls(self):
        """Of the API nodes."""
        return [self.url(name) for name in self.of_role("api")]

    @property
    def admin_key(self):
        return self.folder / "admin.key"

    @property
    def bootstrap(self):
        return self.brokers.bootstrap if self.brokers else self.described["kafka"]

    def process(self, name):
        """Of a node that this program started: its end, and the exit code."""
        return processes.child(self.node(name))

    def log_of(self, name):
        return pathlib.Path(self.node(name)["folder"]) / "log.txt"

    def data_of(self, name):
        return pathlib.Path(self.node(name)["folder"]) / "data"

    def places(self, name):
        """Where all is, for one node."""
        by = self.node(name)["by"] if name else ""
        folder = self.folder

        def node_port(owner):
            return self.node(owner)["reached"] or self.node(owner)["node_port"]

        return layout.Places(
            kafka=self.brokers.bootstrap_by(by) if by else self.bootstrap,
            replication=self.described["replication"],
            prefix=self.described["prefix"], keys=f"{folder}/keys", shared=f"{folder}/shared",
            admin_key=f"{self.admin_key}.pub", first_data=f"{folder}/first",
            data=lambda one: str(self.data_of(one)),
            certificates=lambda one: f"{self.node(one)['folder']}/certificates",
            listen=lambda one: self.listen_of(self.node(one)),
            public_url=self.url,
            node_listen=lambda one: f"127.0.0.1:{self.node(one)['node_port']}",
            node_url=lambda one: f"tls://127.0.0.1:{node_port(one)}")

    def report(self):
        nodes = [{"name": node["name"], "role": node["role"], "pid": node["pid"],
                  "url": self.url(node["name"]), "log": str(self.log_of(node["name"])),
                  "data": str(self.data_of(node["name"])), "state": self.state(node)}
                 for node in self.nodes]
        kafka = self.brokers.report()["nodes"] if self.brokers else []
        return {"folder": str(self.folder), "kafka": self.bootstrap, "api": self.urls,
                "admin_key": str(self.admin_key), "nodes": nodes, "brokers": kafka}

    @staticmethod
    def state(node):
        if processes.is_paused(node):
            return "paused"
        return "runs" if processes.runs(node) else "stopped"

    # ---- starting ----

    @contextlib.contextmanager
    def locked(self):
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Trouble(f"another program starts or stops {self.folder}") from None
            self.refresh()
            yield

    def refresh(self):
        """Learns what other programs did with the nodes meanwhile."""
        with contextlib.suppress(FileNotFoundError):
            self.described = json.loads((self.folder / FILE).read_text())
        if self.brokers and (self.folder / "kafka/cluster.json").exists():
            self.brokers = Cluster.load(self.folder / "kafka", self.tied)

    def save(self):
        settings.save(self.folder / FILE, self.described)

    def choose_ports(self):
        ports = processes.free_ports(2 * len(self.nodes))
        for node in self.nodes:
            node["port"], node["node_port"] = ports.pop(), ports.pop()

    def start(self, deadline_seconds, name=None):
        """Starts what does not run, one node or all with Kafka; returns once all that was started is
        ready. What it started ends again if that fails."""
        bin_folder = self.bin or programs.folder()
        deadline = time.monotonic() + deadline_seconds
        with self.locked():
            if self.brokers and not name:
                self.brokers.start(deadline_seconds)
            for attempt in range(1, TRIES + 1):
                fresh = []
                try:
                    self._make(bin_folder)
                    for group in self._in_order(name):
                        fresh += self._launch(bin_folder, group)
                        readiness.wait(self, fresh, deadline)
                    return
                except readiness.PortTaken as taken:
                    if any(processes.runs(node) for node in self.nodes if node not in fresh):
                        raise Trouble(f"a port of {taken.args[0]} is taken by another program: stop "
                                      "all nodes and start them together") from None
                    say(f"a port was taken meanwhile: choosing others (attempt {attempt})")
                    processes.stop(fresh, gently=False)
                    self.choose_ports()
                except BaseException:
                    processes.stop(fresh, gently=False)
                    raise
                finally:
                    self.save()
            raise Trouble(f"no free ports were found in {TRIES} attempts")

    def _in_order(self, name):
        """The first owner alone, so that it is the one; then all others together."""
        if name:
            return [[self.node(name)]]
        first = self.node(layout.OWNERS[0])
        return [[first], [node for node in self.nodes if node is not first]]

    def _make(self, bin_folder):
        """Keys, certificates and the ledger, once."""
        if self.described["made"]:
            return
        tool = bin_folder / "fanledger"
        authority = self.folder / "authority"
        for path in (self.folder / "shared", *(self.data_of(node["name"]) for node in self.nodes)):
            path.mkdir(parents=True, exist_ok=True)
        if not self.admin_key.exists():
            programs.run(tool, "admin", "key", "create", self.admin_key)
        if not authority.exists():
            programs.run(tool, "admin", "nodes", "ca", authority)
        for node in self.nodes:
            where = pathlib.Path(node["folder"]) / "certificates"
            if not where.exists():
                programs.run(tool, "admin", "nodes", "cert", "--ca", authority, "--host", "127.0.0.1",
                             where)
        say("making the ledger")
        say(programs.run(bin_folder / "fanledgerd", *layout.init(self.places(""))).strip())
        self.described["made"] = True

    def _launch(self, bin_folder, nodes):
        fresh = []
        for node in nodes:
            if processes.runs(node):
                continue
            name = node["name"]
            log = self.log_of(name)
            node["log_from"] = log.stat().st_size if log.exists() else 0
            member = layout.Member(name, node["role"])
            command = [str(bin_folder / "fanledgerd"), *layout.serve(member, self.places(name)),
                       *self.arguments.get(name, [])]
            process = processes.start(command, log, self.tied,
                                      {**os.environ, **self.environment.get(name, {})})
            node["pid"], node["born"] = process.pid, processes.born(process.pid)
            fresh.append(node)
        self.save()
        return fresh

    # ---- what happens to nodes ----

    def pause(self, name):
        """It neither ends nor answers: as a machine that hangs."""
        if not processes.pause(self.node(name)):
            raise Trouble(f"{name} does not run, or does not stand still")

    def resume(self, name):
        if not processes.runs(self.node(name)):
            raise Trouble(f"{name} does not run")
        processes.send(self.node(name), signal.SIGCONT)

    def kill(self, name):
        """By SIGKILL, as a crash."""
        return self._end([name], gently=False)

    def restart(self, name, deadline_seconds):
        self._end([name], gently=True)
        self.start(deadline_seconds, name)

    def broker(self, verb, number, deadline_seconds=90):
        """The same for a broker of ours: kill, pause, resume or restart."""
        if not self.brokers or not number.isdigit():
            raise Trouble(f"there is no broker {number} of ours")
        node = self.brokers.node(int(number))
        if verb == "pause":
            processes.pause(node)
        elif verb == "resume":
            processes.send(node, signal.SIGCONT)
        if verb in ("pause", "resume"):
            return
        self.brokers.stop(node["id"], gently=verb == "restart")
        if verb == "restart":
            self.brokers.start(deadline_seconds, node["id"])

    def stop_nodes(self, gently=True):
        """Ends every node; True if each ended when asked to. The brokers stay, for auditors."""
        # Workers and API nodes first: the owner then ends with nobody waiting for it.
        return all([self._end(self.of_role(role), gently) for role in ("worker", "api", "owner")])

    def stop(self, gently=True):
        """Ends every node, then our brokers; True if each ended when asked to."""
        is_clean = self.stop_nodes(gently)
        if self.brokers:
            is_clean &= self.brokers.stop(gently=gently)
        return is_clean

    def _end(self, names, gently):
        with self.locked():
            nodes = [self.node(name) for name in names]
            killed = processes.stop(nodes, gently, STOP_SECONDS)
            for node in nodes:
                node["pid"] = node["born"] = 0
            self.save()
        for node in killed:
            say(f"{node['name']} did not end when asked to: it was killed")
        return not killed
