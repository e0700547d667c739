"""A disk that fails when it is told to: tests/support/faulty_io.c, loaded into our server."""
import glob
import os
import sys

from support.node import BIN


def library():
    """The built library; without it there is no test, and we say so."""
    given = os.environ.get("FAULTY_IO")
    root = os.path.dirname(os.path.abspath(BIN))
    found = [given] if given else glob.glob(os.path.join(root, "**", "libfaulty_io.so"),
                                            recursive=True)
    if not found or not os.path.exists(found[0]):
        print(f"libfaulty_io.so is not below {root}: build the target faulty_io", flush=True)
        print("0 passed, 1 failed", flush=True)
        sys.exit(1)
    return found[0]


class Faults:
    """The faults of one node: prepare it before its start, then hit it when you like."""

    def __init__(self, node):
        self.node = node
        self.library = library()
        self.control = os.path.join(node.folder, "faults")

    def prepare(self):
        self.node.environment = {"LD_PRELOAD": self.library, "FAULTY_IO_CONTROL": self.control}

    def hit(self, **settings):
        """From now on what matches fails: see the head of faulty_io.c for the settings."""
        with open(self.control + ".new", "w", encoding="utf-8") as file:
            for name, value in settings.items():
                file.write(f"{name}={value}\n")
        os.rename(self.control + ".new", self.control)

    def relieve(self):
        """From now on nothing fails, in the running server."""
        self.hit()

    def remove(self):
        """Nothing fails from the next start on."""
        self.node.environment = {}
        if os.path.exists(self.control):
            os.remove(self.control)
