#!/usr/bin/python3
"""No source file is longer than 400 lines: one file, one concept."""

import pathlib

import tree

LIMIT = 400
SOURCE = tree.CPP | {".py", ".sh", ".js", ".mjs", ".ts", ".css", ".html", ".proto", ".cmake"}


def is_source(source, file):
    return pathlib.PurePosixPath(file).suffix in SOURCE or bool(source.interpreter(file))


def check(source, findings):
    files = [file for file in source.files if is_source(source, file)]
    longest = (0, "")
    for file in files:
        lines = (source.text(file) or "").count("\n")
        longest = max(longest, (lines, file))
        if lines > LIMIT:
            findings.add(file, f"{lines} lines, more than {LIMIT}: split it by concept")
    findings.looked_at = f"{len(files)} files, the longest {longest[1]} with {longest[0]}"


if __name__ == "__main__":
    tree.main(__doc__, check)
