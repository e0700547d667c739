#!/usr/bin/python3
"""The whole platform on real input: one video uploaded, paid for, watched, and audited.

Real processes, sockets, files, ffmpeg and ffprobe; everything through HTTP and the command line.
The parts run in the order in which they are imported, and build on each other.
"""
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position,unused-import
from story_parts import publishing  # noqa: F401
from story_parts import paywall  # noqa: F401
from story_parts import together  # noqa: F401
from story_parts import bad_days  # noqa: F401
from story_parts import auditing  # noqa: F401
from support import media
from support.client import Client
from support.facts import run
from support.node import Node, until


class World:
    """What the parts share: the platform, its people, their post."""

    def __init__(self):
        self.node = Node().start()
        self.video = media.video(6, "1280x720")
        self.deposited = 0  # all that staff paid in, in cents
        self.sold = []  # (kind, cents) of all that was paid

    def deposit(self, username, cents):
        self.deposited += cents
        self.node.deposit(username, f"{cents // 100}.{cents % 100:02}",
                          reference=f"wire {username} {self.deposited}")
        self.settle()

    def settle(self):
        """Until the read models have read all of the log."""
        def read_all():
            return json.loads(Client(self.node.url).raw("GET", "/readyz")[2])["behind"] == 0
        until(read_all, 60, "the read models reach the end of the log")

    def close(self):
        self.node.close()


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World())
