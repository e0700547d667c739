"""The platform of the stories on a real Kafka: two API nodes, an owner and a standby, two workers."""
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from support.client import Client
from support.node import BIN, until

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts/broker"), str(ROOT / "scripts/nodes")]
from topology import Topology  # noqa: E402  pylint: disable=wrong-import-position

SECONDS = 240


class KafkaPlatform:
    """Speaks like `support.node.Node`; what a node does to itself, this does to the owner."""

    def __init__(self, brokers=1, **more):
        self.folder = tempfile.mkdtemp(prefix="fanledger-e2e-kafka-")
        self.topology = Topology.make(os.path.join(self.folder, "nodes"), brokers=brokers, tied=True,
                                      **more)
        self.topology.bin = pathlib.Path(BIN).resolve()
        self.turn = 0
        self.away = set()  # API nodes that nobody should ask now

    def start(self):
        """All of it at first; later whoever does not run."""
        for name in [None] if not self.topology.described["made"] else self.stopped():
            self.topology.start(SECONDS, name)
        return self

    def stopped(self):
        return [node["name"] for node in self.topology.nodes
                if self.topology.state(node) == "stopped"]

    @property
    def url(self):
        """One API node after the other, so that every story goes through both."""
        self.turn += 1
        urls = [self.topology.url(name) for name in self.topology.of_role("api")
                if name not in self.away]
        return urls[self.turn % len(urls)]

    @property
    def admin_key(self):
        return str(self.topology.admin_key)

    def state(self, name):
        """What /readyz of a node tells."""
        with urllib.request.urlopen(self.topology.url(name) + "/readyz", timeout=10) as answer:
            return json.load(answer)

    def settled(self):
        """Whether both API nodes have read what any node knows of, and all that they know of."""
        running = [node["name"] for node in self.topology.nodes
                   if self.topology.state(node) == "runs"]
        try:
            states = {name: self.state(name) for name in running}
        except OSError:  # one of them says that it cannot do its part now
            return False
        end = max(state["ledger_offset"] for state in states.values())
        return all(states[name]["behind"] == 0 and states[name]["ledger_offset"] >= end
                   for name in self.topology.of_role("api") if name in states)

    def owner(self):
        """The name of the node that says that it owns the ledger; None while none does."""
        for name in self.topology.of_role("owner"):
            if self.topology.state(self.topology.node(name)) != "runs":
                continue
            try:
                if self.state(name)["owns_ledger"]:
                    return name
            except OSError:
                continue
        return None

    def kill(self):
        """The owner, as a crash."""
        self.topology.kill(self.owner())

    def stop(self):
        """Every node; 0 if each ended in peace. The brokers stay, for auditors."""
        return 0 if self.topology.stop_nodes() else 1

    def places(self):
        """The folders in which the nodes keep what they were given."""
        return [str(self.topology.folder / "shared"),
                *(str(self.topology.data_of(node["name"])) for node in self.topology.nodes)]

    def mails(self):
        return [path for name in self.topology.of_role("worker")
                for path in glob.glob(str(self.topology.data_of(name) / "mail" / "*.eml"))]

    def run(self, program, *arguments, expect=0, **more):
        done = subprocess.run([os.path.join(BIN, program), *arguments], capture_output=True,
                              text=True, timeout=600, check=False, **more)
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{program} {' '.join(arguments)} ended with {done.returncode}, "
                                 f"expected {expect}\n{done.stdout}\n{done.stderr}")
        return done

    def client(self, username=None, role="fan"):
        client = Client(self.url)
        return client.sign_up(username, role) if username else client

    def staff(self, *arguments, expect=0, key=None):
        return self.run("fanledger", *arguments, "--api", self.url, "--key", key or self.admin_key,
                        expect=expect)

    def deposit(self, username, amount, currency="USD", reference="wire"):
        self.staff("staff", "deposit", username, amount, currency, "--reference", reference)

    def verify(self, username):
        self.staff("staff", "creator", "verify", username)

    def audit(self, expect=0):
        done = self.run("fanledger", "audit", "verify", "--kafka", self.topology.bootstrap, "--json",
                        expect=expect)
        return json.loads(done.stdout)

    def await_owner(self, but=None, seconds=60):
        """Until somebody else owns the ledger; its name, and how long that took."""
        began = time.monotonic()
        name = until(lambda: (found := self.owner()) != but and found, seconds, "another owner")
        return name, time.monotonic() - began

    def logs(self):
        return "\n".join(f"---- {node['name']}\n" +
                         self.topology.log_of(node["name"]).read_text(errors="replace")[-3000:]
                         for node in self.topology.nodes)

    def close(self):
        self.topology.stop(gently=False)
        shutil.rmtree(self.folder, ignore_errors=True)
