#!/usr/bin/python3
"""The story of the platform, unchanged, on a real Kafka: two API nodes, an owner and a standby, two
workers. Every request goes to one API node or the other; the owner is killed and paused meanwhile.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position,unused-import
from story_parts import publishing  # noqa: F401
from story_parts import paywall  # noqa: F401
from story_parts import together  # noqa: F401
from story_parts import bad_days  # noqa: F401
from story_parts import takeovers  # noqa: F401
from story_parts import auditing_kafka  # noqa: F401
from support.facts import run
from support.kafka_platform import KafkaPlatform
from support.story_world import World


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World(KafkaPlatform()))
