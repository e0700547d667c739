"""Runs the facts (test functions) of a module and prints the count that scripts/test reads."""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
_facts = []


def fact(sentence):
    """Registers a function as a test, under the sentence that it shows."""
    def register(function):
        _facts.append((sentence, function))
        return function
    return register


@contextlib.contextmanager
def tree(files):
    """A folder that holds the files given (path → text); a path that ends in "*" is executable."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            path = root / name.rstrip("*")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            path.chmod(0o755 if name.endswith("*") else 0o644)
        yield root


def run(*command, **options):
    """The finished process, its two outputs as one text."""
    return subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, **options)


def main(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", default="", help="only facts that contain this text")
    wanted = parser.parse_args().only
    passed = failed = 0
    for sentence, function in _facts:
        if wanted not in sentence:
            continue
        try:
            function()
            passed += 1
            print(f"ok     {sentence}", flush=True)
        except Exception:  # a fact that breaks in any way is a failed one
            failed += 1
            print(f"FAILED {sentence}\n{traceback.format_exc()}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)
