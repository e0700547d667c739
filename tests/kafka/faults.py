#!/usr/bin/python3
"""What can go wrong around the platform on real Kafka brokers: brokers, networks, workers, folders
and topics are broken under load, and an oracle in this process knows every answer that was given.
Run on demand: it takes more than four minutes, and a machine that is quiet.

With FANLEDGER_LONG=1 the faults come again in random order, FANLEDGER_CYCLES times (60);
FANLEDGER_SEED repeats a run.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
# pylint: disable=wrong-import-position,unused-import
from story_parts import broker_faults, network_faults, node_faults
from support.facts import fact, run
from support.fault_world import FaultWorld

FAULTS = (broker_faults.killed_broker, broker_faults.paused_leader, network_faults.held,
          network_faults.slow, network_faults.dropped, network_faults.link,
          node_faults.killed_worker, node_faults.emptied_api)
CYCLES = int(os.environ.get("FANLEDGER_CYCLES", 60))

if os.environ.get("FANLEDGER_LONG") == "1":
    @fact(f"[B16] {CYCLES} faults more, in random order")
    def again(w):
        for number in range(CYCLES):
            fault = w.chance.choice(FAULTS)
            print(f"  {number}: {fault.__name__}", flush=True)
            fault(w)

from story_parts import auditing_kafka  # noqa: F401
from story_parts import topic_faults  # noqa: F401


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a regular expression for the names of facts")
    run(FaultWorld(), parser.parse_args().only)
