"""Builds, checks and runs every test, and counts. Started by scripts/test."""

import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import signal
import sys
import time

import presets
import programs

AT_ONCE = 2
DOCTEST_SECONDS = 600
PYTHON_SECONDS = 1200
LONG_FACTOR = 6
BUILD_SECONDS = 3600
SHOWN_LINES = 80


class Stopped(Exception):
    """A signal asked the run to end."""


def say(text):
    print(text, flush=True)


class Run:
    """One run of the tests: what was asked for, and the outcomes so far."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.outcomes = []
        self.processes = programs.Processes()
        self.began = time.monotonic()
        self.pattern, _, self.case = (arguments.only or "").partition(":")

    def heading(self, text):
        say(f"\n== {text} [{time.monotonic() - self.began:.0f} s]")

    def note(self, outcome):
        self.outcomes.append(outcome)
        skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
        say(f"{'FAILED' if outcome.failed else 'ok    '} {outcome.name:<36} "
            f"{outcome.passed} passed, {outcome.failed} failed{skipped}, {outcome.seconds:.1f} s"
            f"{': ' + outcome.why if outcome.why else ''}")
        if outcome.failed and outcome.log:
            lines = outcome.log.read_text(errors="replace").splitlines()
            cut = len(lines) - SHOWN_LINES
            say(f"------ {outcome.log}" + (f" (the last {SHOWN_LINES} lines)" if cut > 0 else ""))
            say("\n".join(lines[-SHOWN_LINES:]))
            say("------")

    def chosen(self, name):
        stem = pathlib.PurePosixPath(name).stem
        return not self.pattern or any(
            fnmatch.fnmatch(one, self.pattern) or self.pattern in one for one in (name, stem))

    def build(self, preset, targets=(), configure_only=False):
        """True if it built; a build that fails is one failure."""
        if self.arguments.no_build:
            return True
        command = [str(presets.ROOT / "scripts/build"), "--preset", preset, *targets]
        if configure_only:
            command.append("--configure-only")
        code, _ = self.processes.run(command, None, BUILD_SECONDS, dict(os.environ))
        if code != 0:
            self.note(programs.Outcome(f"build {preset}", failed=1, why=f"scripts/build: {code}"))
        return code == 0

    def check(self):
        """Every check of scripts/check counts as a test."""
        log = presets.folder("release") / "test-logs/check.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with log.open("wb") as output:
            code, _ = self.processes.run([str(presets.ROOT / "scripts/check")], output,
                                         DOCTEST_SECONDS, dict(os.environ))
        found = re.search(r"^check: (\d+) passed, (\d+) failed$", log.read_text(), re.MULTILINE)
        passed, failed = (int(found[1]), int(found[2])) if found else (0, 1)
        if code != 0 and failed == 0:
            failed = 1
        self.note(programs.Outcome("scripts/check", passed, failed, 0,
                                   "see below" if failed else "", log, time.monotonic() - began))

    def doctest_programs(self, preset, names):
        """Two at a time: they have their own ports and folders."""
        environment = presets.environment(preset, self.arguments.long)
        patience = self.patience(preset)
        jobs = []
        for name in names:
            command = [*presets.command(preset, presets.folder(preset) / "bin/tests" / name),
                       "--no-colors=true", "--no-version=true"]
            if self.case:
                command.append(f"--test-case=*{self.case}*")
            jobs.append(programs.Program(name, command, DOCTEST_SECONDS * patience,
                                         bool(self.case), environment))
        self.run_all(preset, jobs, AT_ONCE)

    def python_programs(self, preset, names):
        """One after another, when the machine is quiet: they start whole servers."""
        environment = presets.environment(preset, self.arguments.long)
        seconds = PYTHON_SECONDS * self.patience(preset)
        jobs = [programs.Program(name, [sys.executable, str(presets.ROOT / name)], seconds, False,
                                 environment) for name in names]
        self.run_all(preset, jobs, 1)

    def patience(self, preset):
        return presets.SLOWER.get(preset, 1) * (LONG_FACTOR if self.arguments.long else 1)

    def run_all(self, preset, jobs, at_once):
        logs = presets.folder(preset) / "test-logs"
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            futures = [pool.submit(programs.run, job, logs, self.processes) for job in jobs]
            try:
                for future in concurrent.futures.as_completed(futures):
                    outcome = future.result()
                    if preset != "release":
                        outcome.name += f" ({preset})"
                    self.note(outcome)
            except Stopped:
                pool.shutdown(wait=False, cancel_futures=True)
                self.processes.stop()
                raise

    def release(self):
        self.heading("build release")
        python = [name for name in presets.python_programs() if self.chosen(name)]
        if not self.build("release", configure_only=True):
            return
        doctests = [name for name in presets.test_programs("release") if self.chosen(name)]
        everything = not self.pattern or any(name.startswith("tests/e2e/") for name in python)
        if (everything or doctests) and not self.build("release", () if everything else doctests):
            return
        if not self.pattern:
            self.heading("checks")
            self.check()
        self.heading(f"{len(doctests)} test programs, {AT_ONCE} at a time")
        self.doctest_programs("release", doctests)
        self.heading(f"{len(python)} Python test programs, one after another")
        self.python_programs("release", python)

    def sanitizer(self, preset, is_whole):
        self.heading(f"{preset}: {'everything' if is_whole else 'a sample'}")
        if not self.build(preset, configure_only=True):
            return
        names = [name for name in presets.test_programs(preset) if self.chosen(name)]
        if not is_whole:
            names = presets.sample(preset, names)
            say(f"the sample: {' '.join(names) or 'no program'}")
        if not names or not self.build(preset, () if is_whole and not self.pattern else names):
            return
        self.doctest_programs(preset, names)
        if is_whole and not self.pattern:
            self.python_programs(preset, [name for name in presets.python_programs()
                                          if name.startswith("tests/e2e/")])

    def everything(self):
        self.release()
        for preset, is_whole in (("asan", self.arguments.asan), ("tsan", self.arguments.tsan)):
            if is_whole or not (self.pattern or self.arguments.no_build):
                self.sanitizer(preset, is_whole)

    def summary(self):
        """The last line is the count. The exit code."""
        passed = sum(outcome.passed for outcome in self.outcomes)
        failed = sum(outcome.failed for outcome in self.outcomes)
        skipped = sum(outcome.skipped for outcome in self.outcomes)
        if passed + failed == 0:
            failed = 1
            say("\nno test was run")
        self.heading("result")
        for outcome in self.outcomes:
            if outcome.failed:
                say(f"failed: {outcome.name}: {outcome.why}{f' ({outcome.log})' if outcome.log else ''}")
        say(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
        return 1 if failed else 0


def read_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/test", description="Builds fanledger, checks the tree and runs every test.",
        epilog="The last line is 'N passed, N failed'; the exit code is 0 only if nothing failed. "
               "Logs are kept in build/*/test-logs. How a test program is found and what it is "
               "given: scripts/README.md.")
    parser.add_argument("--long", action="store_true", help="longer loops (FANLEDGER_LONG=1)")
    parser.add_argument("--asan", action="store_true",
                        help="everything under AddressSanitizer too, not just the sample")
    parser.add_argument("--tsan", action="store_true",
                        help="everything under ThreadSanitizer too, not just the sample")
    parser.add_argument("--only", metavar="PATTERN",
                        help="only programs whose name matches (a glob or a part of it), without "
                             "checks and samples; PROGRAM:CASE also chooses doctest cases")
    parser.add_argument("--no-build", action="store_true",
                        help="use what is built; no packages, no samples")
    return parser.parse_args()


def main():
    def stop(number, _):
        raise Stopped(signal.Signals(number).name)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    run = Run(read_arguments())
    try:
        run.everything()
    except Stopped as stopped:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        run.processes.stop()
        run.note(programs.Outcome("the run", failed=1, why=f"stopped by {stopped}"))
    except RuntimeError as error:
        run.note(programs.Outcome("the run", failed=1, why=str(error)))
    sys.exit(run.summary())


if __name__ == "__main__":
    main()
