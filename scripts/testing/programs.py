"""Runs one test program and counts what passed: each with a time limit, a log and a folder of its own."""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

DOCTEST = re.compile(r"^\[doctest\] test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed"
                     r"(?:\s*\|\s*(\d+) skipped)?", re.MULTILINE)
COUNT_LINE = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclasses.dataclass
class Program:
    name: str
    command: list[str]
    seconds: float  # the time limit
    is_filtered: bool = False  # a filter of test cases was given: what it left out is not "skipped"
    environment: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Outcome:
    """What a program, a check or a build amounts to in the count."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    why: str = ""  # empty unless something failed
    log: pathlib.Path | None = None
    seconds: float = 0


def count(output, is_filtered=False):
    """(passed, failed, skipped) by doctest's summary or by a last line "N passed, N failed"."""
    output = COLOUR.sub("", output)
    summaries = DOCTEST.findall(output)
    if summaries:
        _, passed, failed, skipped = summaries[-1]
    else:
        lines = output.strip().splitlines()
        last = COUNT_LINE.match(lines[-1].strip()) if lines else None
        if not last:
            return None
        passed, failed, skipped = last.groups()
    return int(passed), int(failed), 0 if is_filtered else int(skipped or 0)


def judge(program, output, code, timed_out):
    """The outcome of a program that has ended. What gives no trustworthy count is one failure."""
    def one_failure(why):
        return Outcome(program.name, failed=1, why=why)

    if timed_out:
        return one_failure(f"not done after {program.seconds:.0f} s")
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return one_failure(f"killed by {name}")
    counted = count(output, program.is_filtered)
    if counted is None:
        return one_failure(f"printed no count (exit code {code})")
    passed, failed, skipped = counted
    if code != 0 and failed == 0:
        return Outcome(program.name, passed, 1, skipped, f"exit code {code} though no test failed")
    if code == 0 and failed > 0:
        return Outcome(program.name, passed, failed, skipped, f"{failed} failed, yet exit code 0")
    if passed + failed + skipped == 0 and not program.is_filtered:
        return one_failure("ran no test at all")
    return Outcome(program.name, passed, failed, skipped, f"{failed} failed" if failed else "")


class Processes:
    """The processes running now, so that a stop can end them all. Safe for threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._live = set()
        self._stopped = False

    def run(self, command, output, seconds, environment, cwd=None):
        """(exit code, timed out). The program leads a process group, which ends with it."""
        with self._lock:
            if self._stopped:
                return -signal.SIGTERM, False
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=cwd,
                                       stdin=subprocess.DEVNULL, env=environment,
                                       start_new_session=True)
            self._live.add(process)
        try:
            return process.wait(seconds), False
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL, True
        finally:
            self._end(process)
            with self._lock:
                self._live.discard(process)

    def _end(self, process):
        """Ends what is left of the group: also the servers that a test forgot."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        process.wait()

    def stop(self):
        with self._lock:
            self._stopped = True
            live = list(self._live)
        for process in live:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass


def run(program, log_folder, processes):
    """Runs the program in a fresh TMPDIR; its output goes to a log."""
    log = log_folder / (program.name.replace("/", "-") + ".log")
    log_folder.mkdir(parents=True, exist_ok=True)
    scratch = tempfile.mkdtemp(prefix="fanledger-test-")
    began = time.monotonic()
    try:
        with log.open("wb") as output:
            code, timed_out = processes.run(
                program.command, output, program.seconds,
                {**os.environ, **program.environment, "TMPDIR": scratch})
        outcome = judge(program, log.read_text(errors="replace"), code, timed_out)
    except OSError as error:
        outcome = Outcome(program.name, failed=1, why=f"could not be run: {error}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    outcome.log, outcome.seconds = log, time.monotonic() - began
    return outcome
