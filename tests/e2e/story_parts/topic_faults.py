"""Topics that somebody cut or made anew."""
import time

from support.facts import equal, fact, true
from support.kafka_platform import KafkaPlatform
from support.node import until

from kafka_admin import Admin

PARTITIONS = {"fanledger.activity": 8, "fanledger.ledger": 1}


def ended(topology, what, topic):
    """Every node ends with 1, and its log names the topic."""
    pids = {node["name"]: topology.process(node["name"]) for node in topology.nodes}
    began = time.monotonic()
    what()
    until(lambda: all(process.poll() is not None for process in pids.values()), 120,
          "every node ends; these run: " + ", ".join(sorted(pids)))
    print(f"  {topic}: every node had ended after {time.monotonic() - began:.1f} s", flush=True)
    equal({name: process.returncode for name, process in pids.items()}, dict.fromkeys(pids, 1), "exit codes")
    for name in pids:
        said = topology.log_of(name).read_text(errors="replace").splitlines()[-20:]
        true(any(topic in line for line in said), f"{name} does not name {topic}:\n" + "\n".join(said))


def broken(w, topic, what):
    w.node.topology.stop(gently=False)  # nobody needs that platform any more
    platform = KafkaPlatform()
    try:
        platform.start()
        creator = platform.client("alice", "creator")
        platform.verify("alice")
        until(lambda: creator.get("/v1/users/alice")["verified"], 60, "alice is verified")
        until(platform.settled, 60, "the read models reach the end of the log")
        admin = Admin(platform.topology.bootstrap)
        ended(platform.topology, lambda: what(admin, topic), topic)
    finally:
        platform.close()


def remade(admin, topic):
    admin.remake(topic, PARTITIONS[topic])


@fact("[B16] activity that is made anew behind our back is seen by every node: it says so, and ends with 1")
def activity_anew(w):
    broken(w, "fanledger.activity", remade)


@fact("[B16] so is a ledger that is made anew")
def ledger_anew(w):
    broken(w, "fanledger.ledger", remade)


@fact("[B16] and one whose beginning is cut off")
def ledger_cut(w):
    broken(w, "fanledger.ledger", lambda admin, topic: admin.cut_beginning(topic, 0, 2))
