"""A TCP proxy that breaks what goes through it, for tests of faults.

    proxy = Proxy()                       # listens on proxy.port at once
    proxy.target = ("127.0.0.1", port)    # may come later, and change
    proxy.drop()                          # every connection ends, by a reset
    proxy.refuse(); proxy.accept()        # new connections only
    proxy.delay(50)                       # milliseconds, each way
    proxy.hold(); proxy.go_on()           # open, but nothing goes through: half-open
    proxy.cut_after(1000, back=True)      # 1,000 more bytes of the answers, then a reset
    proxy.close()

`only="there"` or `only="back"` take one direction: an answer that never comes is not a request that
never went. Before Kafka, a broker must tell its clients the proxy's address: `listeners` of
Cluster.make (scripts/broker).
"""

import collections
import contextlib
import socket
import struct
import threading
import time

TICK = 0.05  # how soon a thread that waits for bytes sees that its connection is over
CHUNK = 65536
QUEUE = 64   # chunks under way in a direction; then the sender waits, as TCP has it
THERE, BACK = "there", "back"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset, not an end


class Proxy:
    """Safe for threads."""

    def __init__(self, target=None, port=0):
        self.target = target
        self.forwarded = {THERE: 0, BACK: 0}  # bytes
        self.accepted = 0                     # connections
        self._changed = threading.Condition()
        self._delay = 0.0
        self._held = set()
        self._budget = {THERE: None, BACK: None}
        self._connections = set()
        self._listener = None
        self._listen(port)
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"

    def _listen(self, port):
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._take, args=(self._listener,), daemon=True).start()

    def _take(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # refuse() or close()
            try:
                server = socket.create_connection(self.target, 10)
            except (OSError, TypeError):
                reset(client)  # nobody there, or no target yet
                continue
            with self._changed:
                self.accepted += 1
                self._connections.add(Connection(self, client, server))

    # ---- commands ----

    def drop(self):
        """Resets every connection, and waits until they are gone."""
        with self._changed:
            for connection in self._connections:
                connection.is_over = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not any(one.is_over for one in self._connections), 10)

    def refuse(self):
        """Whoever connects is refused; connections that stand go on."""
        listener, self._listener = self._listener, None
        if listener:
            # Closing alone would not wake the thread that accepts.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def accept(self):
        if self._listener is None:
            self._listen(self.port)

    def delay(self, milliseconds):
        """Every byte that comes from now on arrives so much later; their order stays."""
        self._delay = milliseconds / 1000

    def hold(self, only=None):
        """Nothing goes through, and nobody is told."""
        with self._changed:
            self._held |= {only} if only else {THERE, BACK}

    def go_on(self):
        """What was held back arrives."""
        with self._changed:
            self._held.clear()
            self._changed.notify_all()

    def cut_after(self, count, back=False):
        """Lets through so many bytes more of that direction, then resets the connection, once."""
        with self._changed:
            self._budget[BACK if back else THERE] = count

    def close(self):
        self.refuse()
        self.drop()

    # ---- for connections ----

    def connections(self):
        with self._changed:
            return len(self._connections)

    def wait_turn(self, connection, direction, due):
        """Until a chunk may go on; False if the connection is over before."""
        with self._changed:
            while not connection.is_over:
                left = due - time.monotonic()
                if left <= 0 and direction not in self._held:
                    return True
                self._changed.wait(left if left > 0 else None)
            return False

    def allowed(self, direction, size):
        """(how many of the bytes may pass, whether the connection is then cut)"""
        with self._changed:
            budget = self._budget[direction]
            if budget is None:
                return size, False
            is_cut = size >= budget
            self._budget[direction] = None if is_cut else budget - size
            return min(size, budget), is_cut

    def passed(self, direction, size):
        with self._changed:
            self.forwarded[direction] += size

    def ended(self, connection):
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()

    def delay_seconds(self):
        return self._delay


def reset(end):
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    end.close()


class Connection:
    """A client and the target's end; a thread each reads, a thread each writes."""

    def __init__(self, proxy, client, server):
        self.is_over = False
        self._proxy = proxy
        self._ends = (client, server)
        for end in self._ends:
            end.settimeout(TICK)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = 4
        self._lock = threading.Lock()
        for direction, (source, sink) in ((THERE, (client, server)), (BACK, (server, client))):
            queue = collections.deque()
            room = threading.Condition()
            for work in ((self._read, source), (self._write, sink)):
                threading.Thread(target=self._run, args=(*work, direction, queue, room),
                                 daemon=True).start()

    def _run(self, work, end, direction, queue, room):
        try:
            if not work(end, direction, queue, room):
                self.is_over = True
        except OSError:
            self.is_over = True
        with room:
            room.notify_all()
        with self._lock:
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            for each in self._ends:
                reset(each) if self.is_over else each.close()
            self._proxy.ended(self)

    def _read(self, source, _, queue, room):
        """True at the end of what the source sends."""
        while not self.is_over:
            try:
                data = source.recv(CHUNK)
            except TimeoutError:
                continue
            with room:
                while len(queue) >= QUEUE and not self.is_over:
                    room.wait(TICK)
                queue.append((time.monotonic() + self._proxy.delay_seconds(), data))
                room.notify_all()
            if not data:
                return True
        return False

    def _write(self, sink, direction, queue, room):
        """True once the end was passed on."""
        while not self.is_over:
            with room:
                while not queue and not self.is_over:
                    room.wait(TICK)
                if not queue:
                    return False
                due, data = queue.popleft()
                room.notify_all()
            if not self._proxy.wait_turn(self, direction, due):
                return False
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return True
            count, is_cut = self._proxy.allowed(direction, len(data))
            if not self._send(sink, data[:count]):
                return False
            self._proxy.passed(direction, count)
            if is_cut:
                return False
        return False

    def _send(self, sink, data):
        view = memoryview(data)
        while view and not self.is_over:
            with contextlib.suppress(TimeoutError):
                view = view[sink.send(view):]
        return not view
