"""Owners that are killed, and that sleep and wake, under load through both API nodes."""
from story_parts.load import Load, settle
from support.facts import equal, fact
from support.node import until


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
