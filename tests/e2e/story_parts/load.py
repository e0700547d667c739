"""Load through both API nodes while something breaks, and what must be true afterwards."""
import http.client
import threading
import time

from support.client import Client, Refused
from support.facts import equal, true
from support.node import until
from support.tips import TIP, all_tips


class Load:
    """Fans' tips from several threads through both API nodes, until it is told to stop.

    `pause`: seconds between a thread's tips; `lost`: connections may end without an answer.
    """

    def __init__(self, w, name, workers=4, pause=0.0, lost=False):
        self.w, self.name, self.pause, self.lost = w, name, pause, lost
        self.acknowledged, self.unknown, self.lock = {}, [], threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(workers)]
        self.wrong = []
        self.times = [time.monotonic()]  # of the answers

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def work(self, worker):
        for number in range(100_000):
            if self.stopping.is_set():
                return
            self.tip(f"{self.name}-{worker}-{number}")
            self.stopping.wait(self.pause)

    def tip(self, key):
        client = Client(self.w.node.url)
        client.token = self.w.fan.token
        try:
            entry = client.post("/v1/users/alice/tips", TIP, key=key)["entry"]
            with self.lock:
                self.acknowledged[key] = entry
                self.times.append(time.monotonic())
        except Refused as error:
            with self.lock:
                if error.status == 503:
                    self.unknown.append(key)
                else:
                    self.wrong.append(f"{key}: {error}")
        except (OSError, http.client.HTTPException) as error:
            with self.lock:
                if self.lost:
                    self.unknown.append(key)
                else:
                    self.wrong.append(f"{key}: {error!r}")
        except Exception as error:  # pylint: disable=broad-except
            with self.lock:
                self.wrong.append(f"{key}: {error!r}")

    def so_far(self):
        with self.lock:
            return len(self.acknowledged)

    def goes_on(self, what, count=40):
        begin = self.so_far()
        until(lambda: self.so_far() > begin + count, 60, what)

    def silence(self):
        """The longest time without any answer, in seconds."""
        with self.lock:
            return max((b - a for a, b in zip(self.times, self.times[1:])), default=0.0)


def settle(w, load, before):
    """What was acknowledged is there, once; then what was unknown is asked again, once each."""
    equal(load.wrong, [], "answers that nobody should get")
    w.settle()
    tips = all_tips(w)
    equal(len(tips), len(set(tips)), "no tip twice")
    true(set(load.acknowledged.values()) <= set(tips), "every acknowledged tip is there")
    for key in load.unknown:
        client = Client(w.node.url)
        client.token = w.fan.token
        load.acknowledged[key] = client.post("/v1/users/alice/tips", TIP, key=key)["entry"]
    spent = 100 * len(load.acknowledged)
    equal(len(set(load.acknowledged.values())), len(load.acknowledged), "each key one tip")
    w.settle()
    equal(w.fan.wallet(), before - spent, "each was charged once")
    w.sold += [("tip", 100)] * len(load.acknowledged)
