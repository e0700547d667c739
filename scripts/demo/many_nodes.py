"""A platform of many nodes on Kafka, all on this machine, entered by its first API node."""
import pathlib
import shutil
import sys
import time

import accounts
import node

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(SCRIPTS / "nodes"), str(SCRIPTS / "broker")]
import processes  # noqa: E402: they stand in the folders beside ours
import topology  # noqa: E402
import trouble  # noqa: E402

ENTRANCE = "api-1"
OURS = {topology.FILE, accounts.FILE, "demo-accounts.new", "admin.key", "admin.key.pub", "authority",
        "first", "kafka", "keys", "lock", "shared"}


class ManyNodes(node.Node):
    def __init__(self, programs, data, listen):
        super().__init__(programs, data, listen)
        trouble.speaker = "run"
        self._nodes = None
        self._say = None

    @property
    def log_file(self):
        return self.data / ENTRANCE / "log.txt"

    @log_file.setter
    def log_file(self, _):
        pass  # each node has its own

    # The folder.

    def _refuse_if_served(self):
        if not (self.data / topology.FILE).exists():
            return
        report = topology.Topology.load(self.data).report()
        if any(one["state"] != "stopped" for one in report["nodes"]):
            raise node.NodeError(f"{self.data} is in use by running nodes: stop those "
                                 f"(scripts/cluster stop --dir {self.data}), or choose another "
                                 "folder with --data")

    def remove(self, say):
        if not self.data.exists():
            return
        self._refuse_if_served()
        names = {member.name for member in topology.layout.MEMBERS}
        others = sorted({path.name for path in self.data.iterdir()} - OURS - names)
        if self.data.is_symlink() or others:
            raise node.NodeError(f"--fresh does not remove {self.data}: it holds what is no part of "
                                 f"a platform ({', '.join(others[:5]) or 'it is a link'})")
        say(f"run: removing the platform in {self.data}")
        shutil.rmtree(self.data)

    def prepare(self, say):
        self._refuse_if_served()
        if (self.data / topology.FILE).exists():
            say(f"run: the platform in {self.data} is there already")
            self._nodes = topology.Topology.load(self.data, tied=True)
        else:
            say(f"run: making a platform of {len(topology.layout.MEMBERS)} nodes in {self.data}")
            is_free_choice = node.split(self.listen)[1] == 0
            self._nodes = topology.Topology.make(
                self.data, tied=True, listen={} if is_free_choice else {ENTRANCE: self.listen})
        self._nodes.bin = self.bin

    # The nodes.

    def start(self, say):
        self._say = say
        say("run: starting Kafka and the nodes")
        self._nodes.start(node.START_SECONDS)
        self.url = self._nodes.url(ENTRANCE)
        say(f"run: ready at {', '.join(self._nodes.urls)}")

    def wait(self):
        """Until none is left. To lose some is what many are for: it is said, no more."""
        missing = set()
        while True:
            self._nodes.refresh()
            ended = {one["name"] for one in self._nodes.nodes if not processes.runs(one)}
            for name in sorted(ended - missing):
                self._say(f"run: {name} has ended (its log: {self._nodes.log_of(name)}); to have it "
                          f"back: scripts/cluster restart --dir {self.data} {name}")
            for name in sorted(missing - ended):
                self._say(f"run: {name} is back")
            missing = ended
            if len(missing) == len(self._nodes.nodes):
                raise node.NodeError("every node has ended")
            time.sleep(0.5)

    def stop(self, say):
        if self._nodes is None:
            return
        say("run: stopping the nodes, then Kafka")
        if not self._nodes.stop():
            raise node.NodeError("some did not stop when asked to and were killed; nothing that was "
                                 "acknowledged is lost")
        say("run: stopped")

    # What is said of it.

    def where(self):
        return [*(("also", url + "/readyz") for url in self._nodes.urls[1:]),
                ("Kafka", self._nodes.bootstrap), ("data", self.data),
                ("logs", f"{self.data}/NODE/log.txt"),
                ("mail", f"{self.data}/worker-1/data/mail and worker-2")]

    def audit(self, tool, _):
        return ["  # replay and prove everything, from Kafka, while it runs",
                f"  {tool} audit verify --kafka {self._nodes.bootstrap}", "",
                "  # lose the owner: the other one takes over",
                f"  scripts/cluster kill --dir {self.data} owner-1"]
