#!/usr/bin/python3
"""The test runner counts honestly: what crashes, hangs or says nothing is a failure."""

import os
import pathlib
import sys
import tempfile
import threading
import time

import facts

sys.path.insert(0, str(facts.ROOT / "scripts/testing"))
import programs  # noqa: E402: it stands beside the runner, not beside the tests

DOCTEST = "[doctest] test cases:  {} |  {} passed | {} failed | {} skipped"

# output, exit code, expected (passed, failed, skipped), part of the reason
JUDGED = [
    (DOCTEST.format(12, 12, 0, 0), 0, (12, 0, 0), ""),
    ("\x1b[36m[doctest] \x1b[0mtest cases: \x1b[0m 3 | \x1b[0m 3 passed\x1b[0m | 0 failed | 1 skipped", 0,
     (3, 0, 1), ""),
    (DOCTEST.format(12, 10, 2, 0), 1, (10, 2, 0), "2 failed"),
    ("a\n5 passed, 0 failed\n", 0, (5, 0, 0), ""),
    ("a\n5 passed, 1 failed, 2 skipped\n", 1, (5, 1, 2), "1 failed"),
    ("5 passed, 0 failed\nand then some\n", 0, (0, 1, 0), "no count"),
    ("", 0, (0, 1, 0), "no count"),
    ("all good", 0, (0, 1, 0), "no count"),
    ("5 passed, 0 failed", 1, (5, 1, 0), "exit code 1 though no test failed"),
    ("5 passed, 1 failed", 0, (5, 1, 0), "yet exit code 0"),
    ("0 passed, 0 failed", 0, (0, 1, 0), "ran no test"),
    (DOCTEST.format(12, 12, 0, 0), -11, (0, 1, 0), "killed by SIGSEGV"),
    (DOCTEST.format(12, 12, 0, 0), -6, (0, 1, 0), "killed by SIGABRT"),
]

for number, (output, code, expected, why) in enumerate(JUDGED, 1):
    def judges(output=output, code=code, expected=expected, why=why):
        program = programs.Program("a_test", ["a_test"], 5)
        outcome = programs.judge(program, output, code, False)
        assert (outcome.passed, outcome.failed, outcome.skipped) == expected, outcome
        assert why in outcome.why and bool(outcome.why) == bool(why), outcome
    facts.fact(f"{number}. exit code {code} and {output.strip()[-50:]!r} count as {expected}")(judges)


def run_python(source, seconds=20.0, processes=None):
    with tempfile.TemporaryDirectory() as folder:
        program = programs.Program("a/b_test.py", [sys.executable, "-c", source], seconds)
        outcome = programs.run(program, pathlib.Path(folder), processes or programs.Processes())
        return outcome, outcome.log.read_text() if outcome.log.exists() else ""


@facts.fact("what a filter of cases left out is not counted as skipped")
def _():
    assert programs.count(DOCTEST.format(2, 2, 0, 9), is_filtered=True) == (2, 0, 0)
    assert programs.count(DOCTEST.format(2, 2, 0, 9)) == (2, 0, 9)


@facts.fact("a program that hangs is one failure, and its children end with it")
def _():
    source = ("import subprocess\nchild = subprocess.Popen(['sleep', '600'])\n"
              "print(child.pid, flush=True)\nchild.wait()\n")
    outcome, log = run_python(source, seconds=1.0)
    assert (outcome.passed, outcome.failed) == (0, 1) and "not done after 1 s" in outcome.why, outcome
    assert gone(int(log)), "the child of a program that hung lives on"


@facts.fact("a server that a test forgot ends with the test")
def _():
    source = ("import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)\n"
              "print('1 passed, 0 failed')\n")
    outcome, log = run_python(source)
    assert outcome.failed == 0, outcome
    assert gone(int(log.splitlines()[0])), "the forgotten child lives on"


def gone(pid):
    """Whether the process has ended, or does within some seconds: a killed one needs a moment."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.01)
    return False


@facts.fact("every program has a TMPDIR of its own, which is gone afterwards")
def _():
    source = ("import os, pathlib\npathlib.Path(os.environ['TMPDIR'], 'a').touch()\n"
              "print(os.environ['TMPDIR'])\nprint('1 passed, 0 failed')\n")
    first, second = run_python(source)[1].splitlines()[0], run_python(source)[1].splitlines()[0]
    assert first != second and not os.path.exists(first) and not os.path.exists(second)


@facts.fact("a program that needs a broker has failed where there is none, and its log says how to get one")
def _():
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": "/nowhere", "XDG_CACHE_HOME": folder}
        kafka = str(facts.ROOT / "scripts/kafka")
        program = programs.Program("kafka_a_test", [kafka, "run", "--", "a_test"], 30, False, environment)
        outcome = programs.run(program, pathlib.Path(folder), programs.Processes())
        assert (outcome.passed, outcome.failed) == (0, 1), outcome
        assert "run scripts/packages" in outcome.log.read_text(), outcome.log.read_text()


@facts.fact("a program that does not exist is one failure")
def _():
    with tempfile.TemporaryDirectory() as folder:
        program = programs.Program("none", [folder + "/none"], 5)
        outcome = programs.run(program, pathlib.Path(folder), programs.Processes())
        assert outcome.failed == 1 and "could not be run" in outcome.why, outcome


@facts.fact("a stop ends what runs and starts nothing more")
def _():
    processes = programs.Processes()
    stopper = threading.Timer(0.5, processes.stop)
    stopper.start()
    outcome, _ = run_python("import time\ntime.sleep(600)\n", 60, processes)
    stopper.join()
    assert outcome.failed == 1 and "killed by SIGKILL" in outcome.why, outcome
    outcome, _ = run_python("print('1 passed, 0 failed')", 60, processes)
    assert outcome.failed == 1, outcome


if __name__ == "__main__":
    facts.main(__doc__)
