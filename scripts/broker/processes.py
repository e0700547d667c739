"""Broker processes that outlive the program that started them: found again, and never mistaken."""

import contextlib
import os
import pathlib
import signal
import socket
import random
import shutil
import subprocess
import time

from trouble import Trouble

_children = {}  # pid → process: what we started and have not reaped


def _fields(process):
    """The fields of /proc/…/stat from the state on; none if there is no such process or thread."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def born(pid):
    """When a process started, in the kernel's ticks: with the id it names one process for ever."""
    fields = _fields(pid)
    if not fields:
        return None
    # Of a killed process the first thread may be dead while others still end, and until the last
    # of them has, its sockets and files are open. Then it is a zombie with one thread.
    is_dead = fields[0] in "ZX" and int(fields[17]) <= 1
    return None if is_dead else int(fields[19])


def runs(node):
    return bool(node.get("pid")) and born(node["pid"]) == node.get("born")


def is_paused(node):
    """Whether no thread of it goes on."""
    if not runs(node):
        return False
    with contextlib.suppress(OSError):
        threads = os.listdir(f"/proc/{node['pid']}/task")
        return all(_fields(f"{node['pid']}/task/{one}")[:1] in (["T"], []) for one in threads)
    return False


def pause(node, seconds=20):
    """Stops the process by SIGSTOP; True once every thread of it stands still."""
    send(node, signal.SIGSTOP)
    deadline = time.monotonic() + seconds
    while not is_paused(node):
        if not runs(node) or time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def start(command, log, tied, environment=None):
    """The process. A tied one dies with the thread that started it, even by SIGKILL; another lives
    on. Neither is in our process group: Ctrl-C is for us, and we end them in order."""
    group = {"start_new_session": True}
    if tied and shutil.which("setpriv"):
        command = ["setpriv", "--pdeathsig", "KILL", "--", *command]
        group = {"process_group": 0}
    elif tied:
        group = {}  # our group's end is all that ends it
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, env=environment, **group)
    _children[process.pid] = process
    return process


def reap():
    """Lets our own children that have ended go: else each stays a zombie as long as we live."""
    for pid, process in list(_children.items()):
        if process.poll() is not None:
            _children.pop(pid, None)


def child(node):
    """The process of a node that we started ourselves."""
    return _children[node["pid"]]


def send(node, number):
    if runs(node):
        with contextlib.suppress(ProcessLookupError):
            os.kill(node["pid"], number)


def ended(nodes, seconds):
    """Whether all have ended within the time."""
    deadline = time.monotonic() + seconds
    while any(runs(node) for node in nodes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    reap()
    return True


def stop(nodes, gently, seconds=20):
    """Ends the processes of the nodes; those that had to be killed though asked gently."""
    if gently:
        for node in nodes:
            send(node, signal.SIGTERM)
            send(node, signal.SIGCONT)  # a paused one could not end
        if ended(nodes, seconds):
            return []
    killed = [node for node in nodes if runs(node)]
    for node in killed:
        send(node, signal.SIGKILL)
    if not ended(killed, seconds):
        living = ", ".join(str(node["pid"]) for node in killed if runs(node))
        raise Trouble(f"killed {seconds} s ago and still there: process {living}")
    return killed if gently else []


def is_free(port):
    with socket.socket() as probe:
        # As the broker binds: a port whose old connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def free_ports(count):
    """Free ports below those that the kernel gives to outgoing connections: such a connection may
    not take one between this look and the broker's start, nor while a broker is down."""
    try:
        first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        first = 32768
    top = first if first > 20000 else 32768
    found = []
    for _ in range(1000):
        port = random.randrange(10000, top)
        if port not in found and is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError("no free ports")


def accepts(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
