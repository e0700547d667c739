"""What a preset means for the tests: its folder, its programs, its environment, its patience."""

import fnmatch
import functools
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "scripts/sanitizer-sample.txt"
SUPPRESSIONS = ROOT / "scripts/tsan-suppressions.txt"
SLOWER = {"asan": 4, "tsan": 8}

SANITIZER_OPTIONS = {
    "asan": {"ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
             "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"},
    "tsan": {"TSAN_OPTIONS": f"halt_on_error=1:second_deadlock_stack=1:suppressions={SUPPRESSIONS}"},
}


def folder(preset):
    return ROOT / "build" / preset


def environment(preset, is_long):
    """For every program: where the programs under test are, and whether to take long."""
    given = {"FANLEDGER_BIN": str(folder(preset) / "bin"), "PYTHONDONTWRITEBYTECODE": "1"}
    if is_long:
        given["FANLEDGER_LONG"] = "1"
    return {**given, **SANITIZER_OPTIONS.get(preset, {})}


@functools.cache
def _without_address_randomisation():
    """ThreadSanitizer of GCC 12 cannot start under the address randomisation of newer kernels."""
    command = ["setarch", "-R"]
    try:
        done = subprocess.run([*command, "true"], capture_output=True)
        return command if done.returncode == 0 else []
    except OSError:
        return []


def command(preset, path):
    """The program itself, or the program with a broker of its own, as its CMakeLists.txt asks."""
    broker = [str(ROOT / "scripts/kafka"), "run", "--"] if path.name in kafka_programs(preset) else []
    return [*broker, *(_without_address_randomisation() if preset == "tsan" else []), str(path)]


def kafka_programs(preset):
    """Those of the doctest programs that need a real Kafka."""
    try:
        return set((folder(preset) / "kafka-tests.txt").read_text().split())
    except FileNotFoundError:
        return set()


def test_programs(preset):
    """The doctest programs that the configured build knows: a left-over of a removed test is none."""
    done = subprocess.run(["ninja", "-C", str(folder(preset)), "-t", "targets", "all"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"build/{preset} is not configured: run scripts/build --preset {preset}")
    names = (line.split(":")[0] for line in done.stdout.splitlines())
    return sorted(name.removeprefix("bin/tests/") for name in names if name.startswith("bin/tests/"))


def python_programs():
    """tests/**/*_test.py and tests/e2e/*.py, if they are programs and no modules."""
    found = set(ROOT.glob("tests/**/*_test.py")) | set(ROOT.glob("tests/e2e/*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found
                  if os.access(path, os.X_OK) or path.read_bytes().startswith(b"#!"))


def sample(preset, programs):
    """Those of the programs that the sample names for this sanitizer."""
    globs = []
    for line in SAMPLE.read_text().splitlines():
        words = line.split("#")[0].split()
        if words and preset in words[0].split(","):
            globs.append(words[1])
    return [name for name in programs if any(fnmatch.fnmatch(name, glob) for glob in globs)]
