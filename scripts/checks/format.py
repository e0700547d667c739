#!/usr/bin/python3
"""C++ and .proto files are formatted as .clang-format says."""

import concurrent.futures
import os
import re
import shutil
import subprocess

import tree


def files_of(source):
    return source.cpp() + [file for file in source.files if file.endswith(".proto")]


def clang_format(source, options, files):
    """Runs clang-format over the files, a slice a processor; gives what it wrote as complaints."""
    width = os.cpu_count() or 1
    slices = [files[start::width] for start in range(width) if files[start::width]]

    def run(part):
        done = subprocess.run(["clang-format", *options, *part], cwd=source.root,
                              capture_output=True, text=True)
        if done.returncode != 0 and not done.stderr:
            return f"clang-format ended with {done.returncode}\n"
        return done.stderr

    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        return "".join(pool.map(run, slices))


def fix(source):
    if shutil.which("clang-format"):
        clang_format(source, ["-i"], files_of(source))


def check(source, findings):
    files = files_of(source)
    findings.looked_at = f"{len(files)} files"
    if not shutil.which("clang-format"):
        findings.add("clang-format", "not installed: run scripts/packages")
        return
    complaints = clang_format(source, ["--dry-run", "-Werror"], files)
    places = re.findall(r"^(\S+?):(\d+):\d+: error: code should be clang-formatted", complaints,
                        re.MULTILINE)
    first = {}
    for file, line in places:
        first.setdefault(file, line)
    for file, line in sorted(first.items()):
        findings.add(file, "not formatted: run scripts/check --fix", line)
    if complaints and not places:
        findings.add("clang-format", complaints.strip().splitlines()[0])


if __name__ == "__main__":
    tree.main(__doc__, check, fix)
