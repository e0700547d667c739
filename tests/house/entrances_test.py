#!/usr/bin/python3
"""scripts/packages, scripts/build and scripts/test behave at their edges: nothing there, nothing allowed."""

import os

import facts

SCRIPTS = facts.ROOT / "scripts"


def run_with(stand_ins, *command):
    """Runs with some programs replaced: name → shell text. What they note lands in $NOTES."""
    files = {f"{name}*": f"#!/bin/bash\n{text}\n" for name, text in stand_ins.items()}
    with facts.tree({**files, "notes": ""}) as folder:
        done = facts.run(*command, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}",
                                        "NOTES": str(folder / "notes")})
        return done, (folder / "notes").read_text()


ALL_THERE = f"'{SCRIPTS}/packages' --list | sed 's/^/installed /'"
NONE_BUT_CMAKE = "echo installed cmake; exit 1"
APT = 'echo "$@" >> "$NOTES"'


@facts.fact("scripts/packages lists each package once")
def _():
    names = facts.run(SCRIPTS / "packages", "--list").stdout.split()
    assert len(names) == len(set(names)) and "build-essential" in names and "#" not in "".join(names)


@facts.fact("scripts/packages does not touch apt when all are installed")
def _():
    done, notes = run_with({"dpkg-query": ALL_THERE, "apt-get": APT}, SCRIPTS / "packages")
    assert done.returncode == 0 and "are installed" in done.stdout and notes == "", (done.stdout, notes)


@facts.fact("scripts/packages updates and installs exactly what is missing")
def _():
    done, notes = run_with({"dpkg-query": NONE_BUT_CMAKE, "apt-get": APT, "id": "echo 0", "flock": 'exec "${@:2}"'},
                           SCRIPTS / "packages")
    update, install = notes.splitlines()
    assert done.returncode == 0 and update.endswith("update"), (done.stdout, notes)
    assert " install " in install and " mold " in install and " cmake" not in install, install


@facts.fact("scripts/packages fails when apt-get cannot install")
def _():
    done, _ = run_with({"dpkg-query": NONE_BUT_CMAKE, "apt-get": "exit 100", "id": "echo 0",
                        "flock": 'exec "${@:2}"'}, SCRIPTS / "packages")
    assert done.returncode == 1 and "could not install" in done.stdout, done.stdout


@facts.fact("scripts/packages says what to do where it is neither root nor may use sudo")
def _():
    done, notes = run_with({"dpkg-query": NONE_BUT_CMAKE, "apt-get": APT, "id": "echo 1000", "sudo": "exit 1"},
                           SCRIPTS / "packages")
    assert done.returncode == 1 and "neither root nor able to use sudo" in done.stdout, done.stdout
    assert notes == "", notes


@facts.fact("scripts/test counts missing packages as a failure, in its last line")
def _():
    done, _ = run_with({"dpkg-query": NONE_BUT_CMAKE, "apt-get": APT, "id": "echo 1000", "sudo": "exit 1"},
                       SCRIPTS / "test")
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "0 passed, 1 failed", done.stdout


@facts.fact("scripts/test fails when no program matches")
def _():
    done = facts.run(SCRIPTS / "test", "--no-build", "--only", "no-such-program")
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "0 passed, 1 failed", done.stdout


@facts.fact("scripts/test runs the one program asked for and counts its cases")
def _():
    done = facts.run(SCRIPTS / "test", "--no-build", "--only", "base_test")
    last = done.stdout.splitlines()[-1]
    assert done.returncode == 0 and last.endswith(" passed, 0 failed") and int(last.split()[0]) > 5, done.stdout


@facts.fact("scripts/build refuses an unknown preset and a number of jobs that is none")
def _():
    for options in (("--preset", "none"), ("-j", "0"), ("-jx",), ("--what",)):
        done = facts.run(SCRIPTS / "build", *options)
        assert done.returncode == 2 and "usage" in done.stdout, (options, done.stdout)


if __name__ == "__main__":
    facts.main(__doc__)
