"""What an administrator can do to a topic behind everybody's back, by Kafka's own protocol.

    admin = Admin("127.0.0.1:9092")            # the only broker of a cluster
    admin.remake("fanledger.activity", 8)      # deleted, and made again, empty, with its settings
    admin.cut_beginning("fanledger.ledger", 0, 5)
"""
import socket
import struct
import time

CREATE, DELETE, DELETE_RECORDS, DESCRIBE = (19, 1), (20, 1), (21, 0), (32, 0)
MILLISECONDS = 20_000
EXISTS = 36
TOPIC = 2  # a kind of resource


def text(value):
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def array(items):
    items = list(items)
    return struct.pack(">i", len(items)) + b"".join(items)


class Answer:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, kind):
        size = struct.calcsize(">" + kind)
        value, = struct.unpack_from(">" + kind, self.data, self.at)
        self.at += size
        return value

    def text(self):
        size = self.take("h")
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size:self.at].decode()


class Admin:
    def __init__(self, bootstrap):
        host, _, port = bootstrap.partition(":")
        self.address = host, int(port)

    def ask(self, what, body):
        header = struct.pack(">hhi", *what, 1) + text("admin")
        with socket.create_connection(self.address, 30) as end, end.makefile("rb") as answers:
            end.sendall(struct.pack(">i", len(header + body)) + header + body)
            size, = struct.unpack(">i", answers.read(4))
            return Answer(answers.read(size)[4:])

    def settings(self, topic):
        """Those that are the topic's own."""
        got = self.ask(DESCRIBE, array([struct.pack(">b", TOPIC) + text(topic) + struct.pack(">i", -1)]))
        got.take("i"), got.take("i")
        error = got.take("h")
        got.text()
        assert error == 0, f"the settings of {topic}: error {error}"
        got.take("b"), got.text()
        own = {}
        for _ in range(got.take("i")):
            name, value = got.text(), got.text()
            _, is_default, _ = got.take("b"), got.take("b"), got.take("b")
            if not is_default:
                own[name] = value
        return own

    def delete(self, topic):
        got = self.ask(DELETE, array([text(topic)]) + struct.pack(">i", MILLISECONDS))
        got.take("i"), got.take("i"), got.text()
        error = got.take("h")
        assert error == 0, f"deleting {topic}: error {error}"

    def make(self, topic, partitions, settings, copies=1):
        body = array([text(topic) + struct.pack(">ih", partitions, copies) + array([]) +
                      array(text(name) + text(value) for name, value in settings.items())])
        deadline = time.monotonic() + 30
        while True:
            got = self.ask(CREATE, body + struct.pack(">ib", MILLISECONDS, 0))
            got.take("i"), got.text()
            error, why = got.take("h"), got.text()
            if error == 0:
                return
            assert error == EXISTS and time.monotonic() < deadline, f"making {topic}: {error} {why}"
            time.sleep(0.05)

    def remake(self, topic, partitions):
        settings = self.settings(topic)
        self.delete(topic)
        self.make(topic, partitions, settings)

    def cut_beginning(self, topic, partition, below):
        got = self.ask(DELETE_RECORDS, array([text(topic) + array(
            [struct.pack(">iq", partition, below)])]) + struct.pack(">i", MILLISECONDS))
        got.take("i"), got.take("i"), got.text(), got.take("i"), got.take("i"), got.take("q")
        error = got.take("h")
        assert error == 0, f"cutting {topic}: error {error}"
