"""The owner's way to Kafka, and the way to the owner, broken by proxies."""
import time

from support.facts import equal, fact, true
from support.fault_world import BROKEN, OTHER
from support.node import until


@fact("[B16] the owner's connections to Kafka hang half-open: the standby takes over; what was held "
      "back arrives late and harms nothing")
def held(w):
    w.node.owned_by(BROKEN)
    with w.hammered("held") as load:
        began = time.monotonic()
        for way in w.node.kafka_ways:
            way.hold()
        try:
            until(lambda: w.node.owns(OTHER), 60, "the standby owns the ledger")
            print(f"  {OTHER} took over after {time.monotonic() - began:.1f} s", flush=True)
            load.goes_on("the standby serves")
        finally:
            for way in w.node.kafka_ways:
                way.go_on()
        load.goes_on("and goes on when the other hears of it")
        until(lambda: w.node.owns(BROKEN) != w.node.owns(OTHER), 60, "one of them owns the ledger")


@fact("[B16] the owner's way to Kafka is slow: it goes on, or another does")
def slow(w):
    w.node.owned_by(BROKEN)
    with w.hammered("slow") as load:
        for way in w.node.kafka_ways:
            way.delay(w.chance.randrange(100, 400))
        try:
            load.goes_on("slowly", 20)
        finally:
            for way in w.node.kafka_ways:
                way.delay(0)
        load.goes_on("and quickly again")


@fact("[B16] the owner's connections to Kafka are reset again and again, also in the middle of an answer")
def dropped(w):
    w.node.owned_by(BROKEN)
    with w.hammered("dropped") as load:
        for _ in range(3):
            for way in w.node.kafka_ways:
                way.drop()
            load.goes_on("after a reset", 10)
            for way in w.node.kafka_ways:
                way.cut_after(w.chance.randrange(1, 400), back=True)
            load.goes_on("after answers that were cut", 10)


@fact("[B16] the link to the owner is cut, also in the middle of an answer: commands are asked again, "
      "and no answer is unknown; without any link they wait for one")
def link(w):
    w.node.owned_by(BROKEN)
    proxy = w.node.link
    with w.hammered("link") as load:
        before = proxy.accepted
        true(before > 0, "the API nodes came by the proxy")
        for _ in range(4):
            proxy.drop()
            load.goes_on("after a reset", 10)
            proxy.cut_after(w.chance.randrange(1, 300), back=True)
            load.goes_on("after an answer that was cut", 10)
        true(proxy.accepted >= before + 4, "they connected again")
        equal(load.unknown, [], "answers that are unknown")
        proxy.hold()  # longer than a link may be silent
        try:
            seen = proxy.accepted
            until(lambda: proxy.accepted > seen, 30, "the silent link is given up, another tried")
        finally:
            proxy.go_on()
        load.goes_on("after silence", 10)
        proxy.refuse()
        proxy.drop()
        proxy.accept()
        load.goes_on("after there was no link at all", 10)
    equal(load.unknown, [], "answers that are unknown")
