#!/usr/bin/python3
"""Shell scripts parse, Python compiles, and every program under scripts/ and .ci/ answers --help."""

import concurrent.futures
import os
import subprocess

import tree


def check_shell(source, file, findings):
    done = subprocess.run(["bash", "-n", str(source.path(file))], capture_output=True, text=True)
    if done.returncode != 0:
        findings.add(file, "does not parse: " + done.stderr.strip().splitlines()[0])


def check_python(source, file, findings):
    try:
        compile(source.text(file) or "", file, "exec")
    except (SyntaxError, ValueError) as error:
        findings.add(file, f"does not compile: {error}")


def check_help(source, file, findings):
    text = source.text(file) or ""
    if "--help" not in text and "argparse" not in text and "tree.main" not in text:
        # Not started: whatever does not know the option would do its work instead.
        findings.add(file, "knows no --help")
        return
    try:
        done = subprocess.run([str(source.path(file)), "--help"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=20, cwd=source.root,
                              env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    except (OSError, subprocess.TimeoutExpired) as error:
        findings.add(file, f"--help could not be run: {error}")
        return
    if done.returncode != 0 or "usage" not in done.stdout.lower():
        findings.add(file, f"--help ended with {done.returncode} and no line of usage")


def check(source, findings):
    programs = 0
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file in source.files:
            kind = source.interpreter(file)
            if kind == "shell":
                jobs.append(pool.submit(check_shell, source, file, findings))
            elif kind == "python":
                check_python(source, file, findings)
            if file.startswith(("scripts/", ".ci/")) and kind and source.executable(file):
                programs += 1
                jobs.append(pool.submit(check_help, source, file, findings))
        for job in jobs:
            job.result()
    findings.wrong.sort()
    findings.looked_at = f"{programs} programs answer --help"


if __name__ == "__main__":
    tree.main(__doc__, check)
