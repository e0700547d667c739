"""Waiting until nodes are ready, and saying why one is not."""

import http.client
import time
import urllib.error
import urllib.request

import layout
import processes
from trouble import Trouble

SHOWN_LINES = 12


class PortTaken(Exception):
    """Somebody took a port between our choice and the node's start."""


def is_ready(url):
    try:
        with urllib.request.urlopen(url + layout.READY, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def tail(topology, node):
    path = topology.log_of(node["name"])
    with path.open("rb") as file:
        file.seek(node.get("log_from", 0))
        lines = file.read().decode(errors="replace").splitlines()[-SHOWN_LINES:]
    return f"its log ({path}) ends with:\n" + "\n".join(lines)


def check_alive(topology, nodes):
    processes.reap()
    for node in nodes:
        if processes.runs(node):
            continue
        ports = [node["port"]] * (not node["listen"]) + [node["node_port"]] * (node["role"] == "owner")
        if not all(processes.is_free(port) for port in ports):
            raise PortTaken(node["name"])
        raise Trouble(f"{node['name']} ended while it started; {tail(topology, node)}")


def wait(topology, nodes, deadline):
    """Until each of the nodes is ready."""
    waiting = list(nodes)
    while waiting:
        check_alive(topology, nodes)
        waiting = [node for node in waiting if not is_ready(topology.url(node["name"]))]
        if waiting and time.monotonic() > deadline:
            names = ", ".join(node["name"] for node in waiting)
            raise Trouble(f"not ready in time: {names}; {tail(topology, waiting[0])}")
        if waiting:
            time.sleep(0.1)
    check_alive(topology, nodes)
