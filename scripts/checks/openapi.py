#!/usr/bin/python3
"""Every route in api/routes stands in schemas/openapi.yaml with the same caller, and no other does."""

import re

import tree

ROW = re.compile(r"\{?\s*(get|put|post|patch|delete_)\s*,\s*\"(/[^\"]*)\"\s*,\s*"
                 r"http::Access::(\w+)")
OWN_ROW = re.compile(r"own\((get|put|post|patch|delete_),\s*\"(/[^\"]*)\"")
SOCKET = re.compile(r"websocket\(\s*\"(/[^\"]*)\"\s*,\s*http::Access::(\w+)")
CONTRACT = "schemas/openapi.yaml"


def routes_of_code(source):
    """(method, path) → who may call it."""
    routes = {}
    for file in source.files:
        if not re.fullmatch(r"api/routes/\w+\.cpp", file):
            continue
        text = source.text(file)
        for method, path, access in ROW.findall(text):
            routes[method.rstrip("_"), path] = access
        for method, path in OWN_ROW.findall(text):
            routes[method.rstrip("_"), path] = "account"
        for path, access in SOCKET.findall(text):
            routes["get", path] = access
    return routes


def routes_of_contract(text):
    """The same, read by indentation: paths at two blanks, methods at four, their fields at six."""
    routes = {}
    path = method = None
    inside = False
    for line in text.splitlines():
        if re.match(r"\S", line):
            inside = line.startswith("paths:")
        if not inside:
            continue
        if found := re.match(r"  (/\S*):\s*$", line):
            path, method = found[1], None
        elif found := re.match(r"    (get|put|post|patch|delete):\s*$", line):
            method = found[1]
            routes[method, path] = None
        elif method and (found := re.match(r"      x-access: (\w+)", line)):
            routes[method, path] = found[1]
    return routes


def check(source, findings):
    code = routes_of_code(source)
    if not code and CONTRACT not in source.files:
        findings.looked_at = "no routes"
        return
    contract = routes_of_contract(source.text(CONTRACT)) if CONTRACT in source.files else {}
    for (method, path), access in sorted(code.items()):
        if (method, path) not in contract:
            findings.add(CONTRACT, f"lacks {method} {path}")
        elif contract[method, path] != access:
            findings.add(CONTRACT, f"{method} {path}: x-access is {contract[method, path]}, "
                                   f"the code says {access}")
    for method, path in sorted(contract.keys() - code.keys()):
        findings.add(CONTRACT, f"{method} {path} is not a route")
    findings.looked_at = f"{len(code)} routes"


if __name__ == "__main__":
    tree.main(__doc__, check)
