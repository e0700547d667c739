"""A platform on three brokers, with proxies that can break the ways of its first owner."""
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys

from story_parts.buyers import PRICE, Buyers
from story_parts.load import Load, settle
from support import media
from support.kafka_platform import SECONDS, KafkaPlatform
from support.node import until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from tcp_proxy import Proxy  # noqa: E402  pylint: disable=wrong-import-position

SEED = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
BROKEN = "owner-1"  # whose ways go through the proxies
OTHER = "owner-2"
POSTS = 30


class BreakablePlatform(KafkaPlatform):
    """`kafka_ways`: the proxies from owner-1 to each broker; `link`: the one by which others
    reach it."""

    def __init__(self):
        self.kafka_ways = [Proxy() for _ in range(3)]
        self.link = Proxy()
        super().__init__(brokers=3, listeners={"FAULTY": [way.port for way in self.kafka_ways]},
                         by={BROKEN: "FAULTY"}, reached={BROKEN: self.link.port})

    def start(self):
        brokers = self.topology.brokers
        brokers.start(SECONDS)
        for way, broker in zip(self.kafka_ways, brokers.nodes, strict=True):
            way.target = ("127.0.0.1", broker["listeners"]["FAULTY"]["port"])
        self.link.target = ("127.0.0.1", self.topology.node(BROKEN)["node_port"])
        return super().start()

    def mend(self):
        """Whatever a fact that failed left broken: the next one starts from a whole platform."""
        self.away.clear()
        for broker in self.topology.brokers.nodes:
            self.topology.broker("resume", str(broker["id"]))
        for proxy in (self.link, *self.kafka_ways):
            proxy.delay(0)
            proxy.go_on()
            proxy.accept()
        for node in self.topology.nodes:
            if self.topology.state(node) == "paused":
                self.topology.resume(node["name"])
        self.topology.start(SECONDS)

    def close(self):
        super().close()
        for proxy in (self.link, *self.kafka_ways):
            proxy.close()

    def owns(self, name):
        try:
            return self.state(name)["owns_ledger"]
        except OSError:
            return False

    def owned_by(self, name):
        """Makes a node the owner, if it is not."""
        self.mend()
        if (owner := self.await_owner()[0]) != name:
            self.topology.kill(owner)
            until(lambda: self.owns(name), 60, f"{name} owns the ledger")
            self.topology.start(120, owner)

    def leader(self, topic):
        """The number of the broker that leads the first partition."""
        done = subprocess.run(["kcat", "-b", self.topology.bootstrap, "-L", "-J", "-t", topic],
                              capture_output=True, text=True, timeout=60, check=True)
        return str(json.loads(done.stdout)["topics"][0]["partitions"][0]["leader"])


class FaultWorld:
    def __init__(self):
        print(f"seed {SEED}", flush=True)
        self.chance = random.Random(SEED)
        self.node = BreakablePlatform()
        self.turn, self.deposited, self.sold = 0, 0, []
        try:
            self.node.start()
            self.people()
        except BaseException:
            print(self.node.logs(), flush=True)
            self.node.close()
            raise

    def people(self):
        self.creator = self.node.client("alice", "creator")
        self.node.verify("alice")
        until(lambda: self.creator.get("/v1/users/alice")["verified"], 60, "alice is verified")
        photo = self.creator.upload(media.photo("64x48"), name="photo.jpg")
        until(lambda: self.creator.get("/v1/uploads/" + photo)["state"] == "ready", 120,
              "the photo is ready")
        self.posts = [self.creator.post("/v1/posts", {
            "media": photo, "premium": True, "price": {"amount": PRICE, "currency": "USD"}},
            key=f"post-{number}")["id"] for number in range(POSTS)]

    def deposit(self, username, cents):
        self.deposited += cents
        self.node.deposit(username, f"{cents // 100}.{cents % 100:02}",
                          reference=f"wire {username} {self.deposited}")
        self.settle()

    def settle(self):
        until(self.node.settled, 90, "the read models reach the end of the log")

    @contextlib.contextmanager
    def hammered(self, name, **more):
        """Load, from a fan of its own and from buyers whose wallet runs dry; then all must be as it
        was answered."""
        self.node.mend()
        self.turn += 1
        self.fan = self.node.client(f"fan{self.turn}")
        self.deposit(f"fan{self.turn}", 50_000_00)
        buyers = Buyers(self, f"poor{self.turn}")
        before = self.fan.wallet()
        with Load(self, f"{name}-{self.turn}", pause=0.05, **more) as load, buyers:
            load.goes_on("load is under way", 20)
            yield load
        print(f"  {name}: {load.so_far()} tips, {len(load.unknown)} unknown, longest silence "
              f"{load.silence():.1f} s", flush=True)
        until(lambda: self.node.owner() is not None, 60, "one of them owns the ledger")
        settle(self, load, before)
        buyers.settle()

    def close(self):
        self.node.close()
