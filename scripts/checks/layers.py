#!/usr/bin/python3
"""Includes go down the layers only, as scripts/layers.txt and the root CMakeLists.txt list them."""

import re

import tree

LIST = "scripts/layers.txt"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def read_layers(source, findings):
    """folder → folders it may include; a right-hand folder stands above, so there is no cycle."""
    layers = {}
    for number, line in enumerate((source.text(LIST) or "").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        folder, colon, below = line.partition(":")
        folder, below = folder.strip(), below.split()
        if not colon:
            findings.add(LIST, "expected 'folder: folders'", number)
            continue
        if folder in layers:
            findings.add(LIST, f"{folder} is listed twice", number)
        for name in below:
            if name != "*" and name not in layers:
                findings.add(LIST, f"{folder} may not use {name}, which is not above it", number)
        layers[folder] = set(layers) if "*" in below else set(below)
    return layers


def layer_of(file, layers):
    """The longest listed folder that holds the file."""
    parts = file.split("/")[:-1]
    for size in range(len(parts), 0, -1):
        if "/".join(parts[:size]) in layers:
            return "/".join(parts[:size])
    return None


def check_order(source, layers, findings):
    """The root CMakeLists.txt adds the listed folders in the listed order, and no others."""
    added = re.findall(r"add_subdirectory\(\s*([\w/.-]+)",
                       tree.cmake_code(source.text("CMakeLists.txt") or ""))
    for folder in added:
        if folder not in layers:
            findings.add("CMakeLists.txt", f"{folder} has no line in {LIST}")
    listed = [folder for folder in layers if folder in added]
    if [folder for folder in added if folder in layers] != listed:
        findings.add("CMakeLists.txt",
                     f"add_subdirectory is not in the order of {LIST}: {' '.join(listed)}")
    for folder in layers:
        if folder not in added and source.exists(f"{folder}/CMakeLists.txt"):
            findings.add("CMakeLists.txt", f"{folder} is listed in {LIST} but not added")


def check_include(source, layers, file, kind, path, line, findings):
    mine, theirs = layer_of(file, layers), layer_of(path, layers)
    if theirs is None:
        if kind == '"':
            findings.add(file, f'"{path}": quotes are for paths from the root of this tree', line)
        return
    generated = path.endswith(".pb.h") and source.exists(path.removesuffix(".pb.h") + ".proto")
    if not source.exists(path) and not generated:
        if kind == '"':
            findings.add(file, f'"{path}" does not exist', line)
    elif theirs != mine and theirs not in layers[mine]:
        findings.add(file, f"{mine} may not include {path}", line)


def check(source, findings):
    if not source.exists(LIST):
        findings.add(LIST, "is missing")
        return
    layers = read_layers(source, findings)
    check_order(source, layers, findings)
    files = source.cpp()
    findings.looked_at = f"{len(layers)} layers, {len(files)} files"
    for file in files:
        if layer_of(file, layers) is None:
            findings.add(file, f"no folder of this file has a line in {LIST}")
            continue
        text = source.text(file) or ""
        for found in INCLUDE.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            check_include(source, layers, file, found[1], found[2], line, findings)


if __name__ == "__main__":
    tree.main(__doc__, check)
