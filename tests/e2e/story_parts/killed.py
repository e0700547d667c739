"""A killed server."""
import threading

from support.client import Client, Refused
from support.facts import equal, fact, true
from support.node import until
from support.tips import TIP, all_tips


@fact("[D3] [D4] the server is killed in the middle of load; what was acknowledged is there, once")
def killed(w):
    w.deposit("bob", 1000_00)
    before = w.fan.wallet()
    acknowledged, unknown, lock = {}, [], threading.Lock()  # key → entry
    def tipping(worker):
        for number in range(1000):
            key = f"load-{worker}-{number}"
            try:
                client = Client(w.node.url)
                client.token = w.fan.token
                entry = client.post("/v1/users/alice/tips", TIP, key=key)["entry"]
                with lock:
                    acknowledged[key] = entry
            except Refused as error:
                if error.status != 503:
                    raise
                with lock:
                    unknown.append(key)
            except OSError:
                with lock:
                    unknown.append(key)
                return
    threads = [threading.Thread(target=tipping, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    until(lambda: len(acknowledged) > 60, 60, "load is under way")
    w.node.kill()
    for thread in threads:
        thread.join()
    w.node.start()
    for client in (w.creator, w.fan, w.other):
        client.url = w.node.url
    w.settle()
    # Before anybody asks again: what stands is what was acknowledged, and perhaps some of the rest.
    tips = all_tips(w)
    equal(len(set(acknowledged.values())), len(acknowledged), "each key has an entry of its own")
    equal(len(tips), len(set(tips)), "no tip twice")
    equal(sorted(set(acknowledged.values()) - set(tips)), [], "acknowledged tips that are gone")
    true(len(tips) <= len(acknowledged) + len(unknown), "tips that nobody sent")
    equal(w.fan.wallet(), before - 100 * len(tips), "what was charged for them")
    for key, entry in acknowledged.items():
        equal(w.fan.post("/v1/users/alice/tips", TIP, key=key)["entry"], entry, f"{key}, again")
    for key in unknown:
        w.fan.post("/v1/users/alice/tips", TIP, key=key)
    w.settle()
    tips = all_tips(w)
    equal(len(tips), len(set(tips)), "no tip twice, after all were sent again")
    equal(len(tips), len(acknowledged) + len(unknown), "each tip once")
    equal(w.fan.wallet(), before - 100 * len(tips), "and charged once")
    w.sold += [("tip", 100)] * len(tips)
