"""Owners that are killed, and that sleep and wake, under load through both API nodes."""
import threading

from story_parts.bad_days import TIP, all_tips
from support.client import Client, Refused
from support.facts import equal, fact, true
from support.node import until


class Load:
    """Fans' tips from several threads through both API nodes, until it is told to stop."""

    def __init__(self, w, name, workers=4):
        self.w, self.name = w, name
        self.acknowledged, self.unknown, self.lock = {}, [], threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(workers)]
        self.wrong = []

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def work(self, worker):
        for number in range(100_000):
            if self.stopping.is_set():
                return
            key = f"{self.name}-{worker}-{number}"
            client = Client(self.w.node.url)
            client.token = self.w.fan.token
            try:
                entry = client.post("/v1/users/alice/tips", TIP, key=key)["entry"]
                with self.lock:
                    self.acknowledged[key] = entry
            except Refused as error:
                with self.lock:
                    (self.unknown if error.status == 503 else self.wrong).append(key)
            except Exception as error:  # pylint: disable=broad-except
                with self.lock:
                    self.wrong.append(f"{key}: {error!r}")

    def so_far(self):
        with self.lock:
            return len(self.acknowledged)

    def goes_on(self, what):
        begin = self.so_far()
        until(lambda: self.so_far() > begin + 40, 60, what)


def settle(w, load, before):
    """What was acknowledged is there, once; then what was unknown is asked again, once each."""
    equal(load.wrong, [], "answers that nobody should get")
    w.settle()
    tips = all_tips(w)
    equal(len(tips), len(set(tips)), "no tip twice")
    true(set(load.acknowledged.values()) <= set(tips), "every acknowledged tip is there")
    for key in load.unknown:
        client = Client(w.node.url)
        client.token = w.fan.token
        load.acknowledged[key] = client.post("/v1/users/alice/tips", TIP, key=key)["entry"]
    spent = 100 * len(load.acknowledged)
    equal(len(set(load.acknowledged.values())), len(load.acknowledged), "each key one tip")
    w.settle()
    equal(w.fan.wallet(), before - spent, "each was charged once")
    w.sold += [("tip", 100)] * len(load.acknowledged)


@fact("[B16] the owner is killed under load: the standby takes over, and no tip is lost or doubled")
def killed_owner(w):
    w.deposit("bob", 5000_00)
    funded = w.fan.wallet()
    first, _ = w.node.await_owner()
    with Load(w, "kill") as load:
        load.goes_on("load is under way")
        w.node.topology.kill(first)
        second, seconds = w.node.await_owner(but=first)
        load.goes_on("the standby serves")
        print(f"  {second} took over from {first} after {seconds:.1f} s, "
              f"{len(load.unknown)} of {load.so_far()} answers were unknown", flush=True)
    w.node.topology.start(120, first)
    settle(w, load, funded)


@fact("[B16] an owner that was paused, and wakes when another owns the ledger, harms nothing")
def paused_owner(w):
    before = w.fan.wallet()
    first, _ = w.node.await_owner()
    with Load(w, "pause") as load:
        load.goes_on("load is under way")
        w.node.topology.pause(first)
        second, seconds = w.node.await_owner(but=first)
        load.goes_on("the standby serves")
        w.node.topology.resume(first)
        load.goes_on("and goes on when the other wakes")
        print(f"  {second} took over after {seconds:.1f} s", flush=True)
    until(lambda: w.node.owner() is not None, 60, "one of them owns the ledger")
    settle(w, load, before)


@fact("[B16] a standby that is killed, and API nodes that come and go, are not noticed")
def others(w):
    before = w.fan.wallet()
    owner, _ = w.node.await_owner()
    standby = next(name for name in w.node.topology.of_role("owner") if name != owner)
    with Load(w, "others") as load:
        load.goes_on("load is under way")
        w.node.topology.kill(standby)
        load.goes_on("without a standby")
        w.node.topology.start(120, standby)
        load.goes_on("with one again")
    equal(w.node.owner(), owner, "the owner is the same")
    settle(w, load, before)
