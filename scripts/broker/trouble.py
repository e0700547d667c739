"""What goes wrong with a broker, said to a person."""

import sys


class Trouble(Exception):
    """One sentence or more that says what is wrong and what to do."""


def say(text):
    """Progress goes to standard error: standard output is for the answer."""
    print(f"kafka: {text}", file=sys.stderr, flush=True)
