"""One broker of three is lost, and comes back."""
import time

from support.facts import fact


@fact("[B16] one broker of three is killed and started again: load goes on with two, and with three")
def killed_broker(w):
    number = w.chance.choice("123")
    with w.hammered("broker") as load:
        began = time.monotonic()
        w.node.topology.broker("kill", number)
        load.goes_on("two brokers serve")
        print(f"  without broker {number} for {time.monotonic() - began:.1f} s", flush=True)
        w.node.topology.brokers.start(120, int(number))
        load.goes_on("and three again")


@fact("[B16] the broker that leads the ledger hangs, and wakes as one that leads no more")
def paused_leader(w):
    number = w.node.leader("fanledger.ledger")
    with w.hammered("leader") as load:
        began = time.monotonic()
        w.node.topology.broker("pause", number)
        try:
            load.goes_on("another broker leads")
            print(f"  without broker {number} for {time.monotonic() - began:.1f} s", flush=True)
        finally:
            w.node.topology.broker("resume", number)
        load.goes_on("and goes on when it wakes")
