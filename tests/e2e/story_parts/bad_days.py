"""A killed server, and empty wallets."""
import threading

from support.client import Client, Refused, new_key
from support.crowd import together
from support.facts import equal, fact, true
from support.node import until

TIP = {"amount": {"amount": 100, "currency": "USD"}}


def all_tips(w):
    rows, cursor = [], None
    while True:
        page = w.fan.get("/v1/me/wallet/statement?limit=100" +
                         (f"&cursor={cursor}" if cursor else ""))
        rows += page["data"]
        cursor = page["next"]
        if not cursor:
            return [row["entry"] for row in rows if row["kind"] == "tip"]


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


def outcomes(client, purchases):
    """How many of the (post, key), all sent at one moment, went through, and why not the others."""
    def buy(post, key):
        mine = Client(client.url)
        mine.token = client.token
        try:
            mine.post(f"/v1/posts/{post}/purchase", {"price": {"amount": 300, "currency": "USD"}},
                      key=key)
            return "bought"
        except Refused as error:
            return error.code
    return sorted(together([lambda one=one: buy(*one) for one in purchases]))


@fact("[D3] [D6] concurrent purchases of different posts never overdraw the wallet")
def overdraft(w):
    poor = w.node.client("dave")
    w.deposit("dave", 10_00)
    posts = [w.creator.post("/v1/posts", {
        "media": w.media, "caption": f"Short film {number}", "premium": True,
        "price": {"amount": 300, "currency": "USD"}}, key=f"short-{number}")["id"]
             for number in range(8)]
    w.settle()
    equal(outcomes(poor, [(post, new_key()) for post in posts]),
          ["bought"] * 3 + ["insufficient_funds"] * 5)
    w.settle()
    equal(poor.wallet(), 100, "what is left")
    equal(len(poor.get("/v1/me/purchases")["data"]), 3, "posts that dave has")
    w.sold += [("purchase", 300)] * 3
    w.short_film = posts[0]


@fact("[D3] [D5] one post bought with many keys at once is bought once")
def bought_once(w):
    erin = w.node.client("erin")
    w.deposit("erin", 100_00)
    equal(outcomes(erin, [(w.short_film, f"once-{number}") for number in range(16)]),
          ["already_purchased"] * 15 + ["bought"])
    w.settle()
    equal(erin.wallet(), 100_00 - 300, "charged once")
    w.sold.append(("purchase", 300))
