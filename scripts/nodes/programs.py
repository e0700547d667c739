"""Our own programs: where they are, and running one to its end."""

import os
import pathlib
import subprocess

from trouble import Trouble

BUILT = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"
SECONDS = 180


def folder():
    """Where fanledgerd and fanledger are: $FANLEDGER_BIN, or what was built."""
    found = pathlib.Path(os.environ.get("FANLEDGER_BIN") or BUILT).resolve()
    for name in ("fanledgerd", "fanledger"):
        if not os.access(found / name, os.X_OK):
            raise Trouble(f"there is no program {found / name}: run scripts/build, or set "
                          "FANLEDGER_BIN to the folder of the programs")
    return found


def run(path, *arguments):
    """The output of a program that ends."""
    command = [str(path), *map(str, arguments)]
    said = f"{path.name} {' '.join(command[1:])}"
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{said} did not end within {SECONDS} s") from None
    if done.returncode:
        raise Trouble(f"{said} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout
