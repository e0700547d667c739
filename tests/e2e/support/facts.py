"""Named facts, run in order; the last line is `N passed, N failed`."""
import re
import sys
import time
import traceback

from support.client import Refused

_facts = []


def fact(name):
    """Registers a function as the proof of a fact."""
    def register(function):
        _facts.append((name, function))
        return function
    return register


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what or 'value'}: expected {expected!r}, got {actual!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(call, *arguments, status=None, code=None, field=None, **more):
    """The refusal that the call must give."""
    try:
        call(*arguments, **more)
    except Refused as error:
        if status is not None:
            equal(error.status, status, f"status of {error}")
        if code is not None:
            equal(error.code, code, f"code of {error}")
        if field is not None:
            equal(error.field, field, f"field of {error}")
        true(error.headers["Content-Type"].startswith("application/problem+json"),
             "a refusal is problem+json")
        return error
    raise AssertionError("it was not refused")


def run(world=None, only=""):
    """Runs every fact with the world; a failure does not stop the others. Exits with 0 or 1.
    `only`: a regular expression for the names of facts or functions."""
    passed = failed = 0
    for name, function in _facts:
        if not re.search(only, f"{name}\n{function.__name__}"):
            continue
        begin = time.monotonic()
        try:
            function(world) if world is not None else function()
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
        else:
            passed += 1
            print(f"passed  {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    if world is not None:
        world.close()
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)
