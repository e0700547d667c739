#!/usr/bin/python3
"""The proxy of the fault tests breaks exactly what it is told to, also before a real broker."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("tests/house", "tests/support", "scripts/broker")]
import facts  # noqa: E402
from cluster import Cluster  # noqa: E402
from tcp_proxy import BACK, THERE, Proxy  # noqa: E402


@contextlib.contextmanager
def echo():
    """A proxy before a server that sends back what it gets."""
    def answer(taken):
        with taken, contextlib.suppress(OSError):
            while data := taken.recv(65536):
                taken.sendall(data)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        proxy = Proxy(server.getsockname())
        try:
            yield proxy
        finally:
            proxy.close()
            server.shutdown(socket.SHUT_RDWR)


def connect(proxy, seconds=20):
    return socket.create_connection(("127.0.0.1", proxy.port), seconds)


def receive(end, count):
    data = b""
    while len(data) < count and (more := end.recv(count - len(data))):
        data += more
    return data


def ask(end, data):
    end.sendall(data)
    return receive(end, len(data))


def is_reset(end):
    end.settimeout(20)
    try:
        end.recv(1)
        return False
    except ConnectionResetError:
        return True


@facts.fact("what goes through is the same, in its order, to the last of many bytes, and the end is passed on")
def _():
    data = bytes(range(256)) * 20_000
    with echo() as proxy, connect(proxy) as end:
        threading.Thread(target=lambda: (end.sendall(data), end.shutdown(socket.SHUT_WR)), daemon=True).start()
        assert receive(end, len(data) + 1) == data
        assert proxy.forwarded == {THERE: len(data), BACK: len(data)} and proxy.accepted == 1


@facts.fact("drop resets every connection; a new one is taken")
def _():
    with echo() as proxy, connect(proxy) as one, connect(proxy) as other:
        assert ask(one, b"a") == b"a" and ask(other, b"b") == b"b"
        proxy.drop()
        assert proxy.connections() == 0 and is_reset(one) and is_reset(other)
        with connect(proxy) as third:
            assert ask(third, b"c") == b"c"


@facts.fact("refuse refuses new connections at the same port, and leaves those that stand")
def _():
    with echo() as proxy, connect(proxy) as one:
        assert ask(one, b"a") == b"a"
        proxy.refuse()
        try:
            connect(proxy).close()
        except ConnectionRefusedError:
            pass
        else:
            raise AssertionError("it was taken")
        assert ask(one, b"b") == b"b"
        proxy.accept()
        with connect(proxy) as other:
            assert ask(other, b"c") == b"c"


@facts.fact("held, it stays open and silent; then what was held back arrives, each direction apart")
def _():
    with echo() as proxy, connect(proxy) as end:
        assert ask(end, b"a") == b"a"
        for only, went in ((None, 0), (THERE, 0), (BACK, 1)):
            proxy.hold(only)
            before = proxy.forwarded[THERE]
            end.sendall(b"b")
            end.settimeout(0.3)
            try:
                raise AssertionError(f"it came through: {end.recv(1)}")
            except TimeoutError:
                pass
            assert proxy.forwarded[THERE] - before == went, only
            proxy.go_on()
            end.settimeout(20)
            assert receive(end, 1) == b"b"


@facts.fact("a delay is a delay each way, and no less for many bytes at once")
def _():
    with echo() as proxy, connect(proxy) as end:
        assert ask(end, b"a") == b"a"
        proxy.delay(150)
        began = time.monotonic()
        assert ask(end, b"b" * 1000) == b"b" * 1000
        assert time.monotonic() - began >= 0.3
        proxy.delay(0)
        assert ask(end, b"c") == b"c"


@facts.fact("cut after N bytes, exactly N arrive, then a reset; the next connection is whole")
def _():
    with echo() as proxy:
        for back in (True, False):
            with connect(proxy) as end:
                proxy.cut_after(700, back)
                before = dict(proxy.forwarded)
                end.sendall(b"x" * 1000)
                if back:
                    assert receive(end, 700) == b"x" * 700
                assert is_reset(end)
                assert proxy.forwarded[BACK if back else THERE] - before[BACK if back else THERE] == 700
            with connect(proxy) as end:
                assert ask(end, b"y" * 1000) == b"y" * 1000


@facts.fact("before a target that is not there, connections are reset")
def _():
    proxy = Proxy()
    try:
        try:
            with connect(proxy) as end:
                assert is_reset(end)
        except ConnectionResetError:
            pass  # as early as that
        assert proxy.accepted == 0
    finally:
        proxy.close()


@facts.fact("a broker tells clients of a further listener the proxy's address: their way is broken, that of "
            "others is not")
def _():
    proxy = Proxy()
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster.make(folder + "/kafka", 1, tied=True, listeners={"FAULTY": [proxy.port]},
                               further={"auto.create.topics.enable": "true"})
        try:
            cluster.start(90)
            proxy.target = ("127.0.0.1", cluster.nodes[0]["listeners"]["FAULTY"]["port"])
            faulty = cluster.bootstrap_by("FAULTY")
            assert faulty == proxy.address != cluster.bootstrap

            def kcat(bootstrap, *arguments, stdin=""):
                return subprocess.run(["kcat", "-b", bootstrap, "-m", "5", *arguments], input=stdin, text=True,
                                      capture_output=True, timeout=60, check=False)

            for bootstrap in (faulty, cluster.bootstrap):
                named = json.loads(kcat(bootstrap, "-L", "-J").stdout)["brokers"][0]["name"]
                assert named == bootstrap, named
            write = ("-P", "-t", "facts", "-X", "message.timeout.ms=20000")
            assert kcat(faulty, *write, stdin="a\n").returncode == 0
            assert proxy.forwarded[THERE] > 0
            proxy.refuse()
            proxy.drop()
            assert kcat(faulty, "-L").returncode != 0
            assert kcat(cluster.bootstrap, *write, stdin="b\n").returncode == 0
            proxy.accept()
            done = kcat(faulty, "-C", "-t", "facts", "-o", "beginning", "-c", "2", "-q")
            assert done.stdout.split() == ["a", "b"], done
        finally:
            cluster.stop(gently=False)
            proxy.close()


if __name__ == "__main__":
    facts.main(__doc__)
