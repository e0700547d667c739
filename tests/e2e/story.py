#!/usr/bin/python3
"""The whole platform on real input: one video uploaded, paid for, watched, and audited.

Real processes, sockets, files, ffmpeg and ffprobe; everything through HTTP and the command line.
The parts run in the order in which they are imported, and build on each other.
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
from story_parts import killed  # noqa: F401
from story_parts import auditing  # noqa: F401
from support.facts import run
from support.node import Node
from support.story_world import World


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World(Node()))
