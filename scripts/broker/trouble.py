"""What goes wrong with a broker or a node, said to a person."""

import sys

speaker = "kafka"  # the program that speaks


class Trouble(Exception):
    """One sentence or more that says what is wrong and what to do."""


def say(text):
    """Progress goes to standard error: standard output is for the answer."""
    print(f"{speaker}: {text}", file=sys.stderr, flush=True)
