"""A killed server and an empty wallet."""
import concurrent.futures
import threading

from support.client import Client, Refused
from support.facts import equal, fact, true
from support.node import until


@fact("[D3] [D4] the server is killed in the middle of load; what was acknowledged is there, once")
def killed(w):
    w.node.deposit("bob", "1000.00", reference="wire 4")
    until(lambda: w.fan.wallet() == 1500 + 100000, 10, "the deposit is in the wallet")
    before = w.fan.wallet()
    acknowledged, unknown, lock = [], [], threading.Lock()
    def tipping(worker):
        for number in range(1000):
            key = f"load-{worker}-{number}"
            try:
                client = Client(w.node.url)
                client.token = w.fan.token
                client.post("/v1/users/alice/tips",
                            {"amount": {"amount": 100, "currency": "USD"}}, key=key)
                with lock:
                    acknowledged.append(key)
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
    until(lambda: len(acknowledged) > 60, 30, "load is under way")
    w.node.kill()
    for thread in threads:
        thread.join()
    w.node.start()
    for client in (w.creator, w.fan, w.other):
        client.url = w.node.url
    def all_rows():
        rows, cursor = [], None
        while True:
            page = w.fan.get("/v1/me/wallet/statement?limit=100" +
                             (f"&cursor={cursor}" if cursor else ""))
            rows += page["data"]
            cursor = page["next"]
            if not cursor:
                return rows
    for key in acknowledged + unknown:  # asked again: exactly once each
        w.fan.post("/v1/users/alice/tips", {"amount": {"amount": 100, "currency": "USD"}}, key=key)
    tips = [r["entry"] for r in all_rows() if r["kind"] == "tip"]
    equal(len(tips), len(set(tips)), "no tip twice")
    equal(len(tips), len(acknowledged) + len(unknown), "each tip once")
    equal(w.fan.wallet(), before - 100 * len(tips), "and charged once")


@fact("[D3] [D6] concurrent purchases of one wallet never overdraw it")
def overdraft(w):
    poor = w.node.client("dave")
    w.node.deposit("dave", "10.00", reference="wire 5")
    until(lambda: poor.wallet() == 1000, 10, "the deposit is in the wallet")
    def tip(number):
        try:
            client = Client(w.node.url)
            client.token = poor.token
            client.post("/v1/users/alice/tips", {"amount": {"amount": 300, "currency": "USD"}},
                        key=f"poor-{number}")
            return 1
        except Refused as error:
            equal(error.code, "insufficient_funds")
            return 0
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        paid = sum(pool.map(tip, range(40)))
    equal(paid, 3, "tips that went through")
    until(lambda: poor.wallet() == 100, 10, "what is left")
