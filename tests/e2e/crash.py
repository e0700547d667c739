#!/usr/bin/python3
"""The server is killed again and again under load; an oracle in this process knows what must be.

Clients pay, buy, like and comment at once, each request with an Idempotency-Key, while the server
is killed (SIGKILL) at a random moment. After each restart what was acknowledged must be there
exactly once; what nobody knows is sent again with its key, and must then be there exactly once.
200 cycles; 1,200 with FANLEDGER_LONG=1, or as FANLEDGER_CYCLES says. FANLEDGER_SEED repeats a run.
"""
import argparse
import atexit
import collections
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position
from support import media
from support.client import Client, Refused
from support.facts import equal, fact, run, true
from support.node import BIN, Node, until

LONG = os.environ.get("FANLEDGER_LONG") == "1"
CYCLES = int(os.environ.get("FANLEDGER_CYCLES", 1200 if LONG else 200))
SEED = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
FANS = 3
DEPOSITS = 1 + CYCLES // 200
FUNDS = DEPOSITS * 10_000_000  # of each fan, in cents; one deposit is no greater
POSTS = 4 * CYCLES // FANS + 10  # for sale
FREE_POSTS = 3  # to like and to comment on
FEE_PERCENT = {"tips": 20, "purchase": 50}
DEATH = (OSError, http.client.HTTPException)


class Request:
    """One request under its key, as often as it is sent."""

    def __init__(self, fan, method, path, body, key, effect):
        self.fan, self.method, self.path, self.body, self.key = fan, method, path, body, key
        self.effect = effect  # what the oracle expects of it: ("tips", cents), ("like", post) …
        self.answer = None

    def send(self, url):
        """True: acknowledged. False: nobody knows. A refusal is a failure: all of this is due."""
        client = Client(url)
        client.token = self.fan.token
        try:
            answer = client.call(self.method, self.path, self.body, key=self.key)
        except DEATH:
            return False
        except Refused as error:
            if error.status == 503:
                return False
            raise
        if self.answer is not None and self.effect[0] not in ("like", "unlike"):
            for name in ("entry", "id"):
                equal(answer.get(name), self.answer.get(name), f"{name} of {self.key} sent again")
        self.answer = answer
        return True


class Fan:
    def __init__(self, name, client, to_buy):
        self.name, self.client, self.token = name, client, client.token
        self.to_buy = to_buy
        self.entries = {}  # entry → cents, of all that was paid
        self.newest = None  # row of the statement at the end of the cycle before
        self.liked = set()

    def balance(self):
        return FUNDS - sum(self.entries.values())


class World:
    def __init__(self):
        print(f"seed {SEED}", flush=True)
        self.chance = random.Random(SEED)
        self.node = Node()
        atexit.register(self.node.close)  # also when what follows fails
        self.node.start()
        self.creator = self.node.client("alice", "creator")
        self.node.verify("alice")
        until(lambda: self.creator.get("/v1/users/alice")["verified"], 30, "alice is verified")
        photo = self.creator.upload(media.photo("64x48"), name="photo.jpg")
        until(lambda: self.creator.get("/v1/uploads/" + photo)["state"] == "ready", 300,
              "the photo is ready")
        self.prices = {}
        for number in range(POSTS):
            price = 100 + 2 * self.chance.randrange(400) + 1  # odd, so that half of it is rounded
            post = self.creator.post("/v1/posts", {
                "media": photo, "premium": True, "price": {"amount": price, "currency": "USD"}},
                key=f"sale-{number}")["id"]
            self.prices[post] = price
        self.free = [self.creator.post("/v1/posts", {"media": photo}, key=f"free-{n}")["id"]
                     for n in range(FREE_POSTS)]
        self.fans = []
        for number in range(FANS):
            name = f"fan{number}"
            client = self.node.client(name)
            for deposit in range(DEPOSITS):
                self.node.deposit(name, "100000", reference=f"{name} {deposit}")
            self.fans.append(Fan(name, client, list(self.prices)))
        self.settle()
        self.earned = 0
        self.comments = {post: {} for post in self.free}  # text → id
        self.newest_comment = dict.fromkeys(self.free)
        self.lock = threading.Lock()
        self.acknowledged, self.unknown, self.broken = [], [], []
        self.serial = 0
        self.problems = collections.defaultdict(list)
        self.totals = collections.Counter()

    def close(self):
        self.node.close()

    def settle(self):
        """Until the read models have read all of the log."""
        def read_all():
            with urllib.request.urlopen(self.node.url + "/readyz", timeout=10) as answer:
                return json.loads(answer.read())["behind"] == 0
        until(read_all, 60, "the read models reach the end of the log")
        for fan in self.fans:
            fan.client.url = self.node.url
            fan.client.position = None
        self.creator.url = self.node.url
        self.creator.position = None

    # ---- load

    def next_request(self, fan, kind, chance):
        with self.lock:
            self.serial += 1
            key = f"{kind}-{self.serial}"
            if kind == "money" and fan.to_buy and chance.random() < 0.15:
                post = fan.to_buy.pop()
                price = self.prices[post]
                return Request(fan, "POST", f"/v1/posts/{post}/purchase",
                               {"price": {"amount": price, "currency": "USD"}}, key,
                               ("purchase", price))
        if kind == "money":
            cents = chance.randrange(100, 300)
            return Request(fan, "POST", "/v1/users/alice/tips",
                           {"amount": {"amount": cents, "currency": "USD"}, "note": key}, key,
                           ("tips", cents))
        post = chance.choice(self.free)
        if chance.random() < 0.5:
            like = chance.random() < 0.6
            return Request(fan, "PUT" if like else "DELETE", f"/v1/posts/{post}/like", None, key,
                           ("like" if like else "unlike", post))
        return Request(fan, "POST", f"/v1/posts/{post}/comments", {"text": key}, key,
                       ("comment", post))

    def load(self, fan, kind, seed):
        """One client after another request, until the server is gone."""
        chance = random.Random(seed)
        try:
            while True:
                request = self.next_request(fan, kind, chance)
                known = request.send(self.node.url)
                with self.lock:
                    (self.acknowledged if known else self.unknown).append(request)
                if not known:
                    return
        except Exception as error:  # pylint: disable=broad-except
            self.broken.append(f"{fan.name}: {error!r}")

    def apply(self, request):
        """The oracle learns that this has happened: once and for all."""
        kind, what = request.effect
        if kind in FEE_PERCENT:
            entry = request.answer["entry"]
            true(entry not in request.fan.entries, f"entry {entry} answers two requests")
            request.fan.entries[entry] = what
            self.earned += what - what * FEE_PERCENT[kind] // 100
        elif kind == "like":
            request.fan.liked.add(what)
        elif kind == "unlike":
            request.fan.liked.discard(what)
        else:
            self.comments[what][request.body["text"]] = request.answer["id"]
        self.totals[kind] += 1

    # ---- what the platform says

    @staticmethod
    def pages(client, path, newest, name):
        """The rows newer than the one called `newest`, the newest first."""
        rows, cursor = [], None
        while True:
            page = client.get(f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            for row in page["data"]:
                if newest is not None and row[name] == newest:
                    return rows
                rows.append(row)
            cursor = page["next"]
            if not cursor:
                true(newest is None, f"{path}: row {newest} has gone")
                return rows

    def paid_rows(self, fan, newest):
        rows = self.pages(fan.client, "/v1/me/wallet/statement", newest, "entry")
        return [r for r in rows if r["kind"] != "deposit"]

    def check_money(self, resent):
        """Before the unknown are sent again they may be there once, or not; afterwards they are."""
        pending = [r for r in self.acknowledged + self.unknown if r.effect[0] in FEE_PERCENT]
        for fan in self.fans:
            rows = self.paid_rows(fan, fan.newest)
            seen = [row["entry"] for row in rows]
            equal(len(seen), len(set(seen)), f"{fan.name}: rows without the repeated ones")
            there = {row["entry"]: -row["amount"]["amount"] for row in rows}
            known = {r.answer["entry"]: r.effect[1] for r in pending
                     if r.fan is fan and r.answer is not None}
            for entry, cents in known.items():
                equal(there.get(entry), cents, f"{fan.name}: acknowledged entry {entry}")
            more = len(there) - len(known)
            unsure = sum(1 for r in self.unknown if r.fan is fan and r.effect[0] in FEE_PERCENT)
            if resent:
                equal(more, 0, f"{fan.name}: entries that nobody asked for")
                equal(fan.client.wallet(), fan.balance(), f"{fan.name}: balance")
                if rows:
                    equal(rows[0]["balance"], fan.balance(), f"{fan.name}: balance of the last row")
                    fan.newest = rows[0]["entry"]
            else:
                true(more <= unsure, f"{fan.name}: {more} entries of {unsure} unknown requests")
        if resent:
            equal(self.creator.wallet(book="earnings"), self.earned, "earnings of the creator")

    def check_social(self, resent):
        pending = [r for r in self.acknowledged + self.unknown if r.effect[0] == "comment"]
        for post in self.free:
            rows = self.pages(self.creator, f"/v1/posts/{post}/comments",
                              self.newest_comment[post], "id")
            texts = [row["text"] for row in rows]
            equal(len(texts), len(set(texts)), "comments without the repeated ones")
            there = {row["text"]: row["id"] for row in rows}
            known = {r.body["text"]: r.answer["id"] for r in pending
                     if r.effect[1] == post and r.answer is not None}
            for text, made in known.items():
                equal(there.get(text), made, f"acknowledged comment {text}")
            if not resent:
                asked = {r.body["text"] for r in pending}
                true(set(texts) <= asked, f"comments that nobody wrote: {set(texts) - asked}")
                continue
            equal(there, known, "the comments of this cycle")
            if rows:
                self.newest_comment[post] = rows[0]["id"]
            shown = self.creator.get(f"/v1/posts/{post}")
            equal(shown["comments"], len(self.comments[post]), "count of comments")
            equal(shown["likes"], sum(post in fan.liked for fan in self.fans), "count of likes")

    # ---- a cycle

    def killed_at_start(self):
        """A second death while the log is opened and the read models catch up."""
        with open(os.path.join(self.node.folder, "server.log"), "ab") as log:
            process = subprocess.Popen(
                [os.path.join(BIN, "fanledgerd"), "serve", "--data", self.node.data, "--listen",
                 "127.0.0.1:0"], stdout=log, stderr=log)
            try:
                process.wait(self.chance.uniform(0.0, 0.2))
            except subprocess.TimeoutExpired:
                pass
            process.kill()
            true(process.wait() in (-9,), "the server does not end by itself at start:\n" +
                 self.node.server_log())

    def cycle(self):
        self.acknowledged, self.unknown = [], []
        threads = []
        for fan in self.fans:
            for kind in ("money", "money", "social"):
                threads.append(threading.Thread(
                    target=self.load, args=(fan, kind, self.chance.randrange(1 << 32))))
        for thread in threads:
            thread.start()
        gone = threading.Event()
        gone.wait(self.chance.uniform(0.05, 0.2))  # nothing is waited for: the moment is the test
        self.node.kill()
        for thread in threads:
            thread.join()
        true(not self.broken, f"{self.broken}")
        if self.chance.random() < 0.1:
            self.killed_at_start()
        self.node.start()
        self.settle()
        for check, name in ((self.check_money, "money"), (self.check_social, "social")):
            self.judge(name, check, False)
        for request in self.acknowledged:
            self.apply(request)
        again = self.unknown + self.chance.sample(self.acknowledged,
                                                  min(2, len(self.acknowledged)))
        for request in again:
            first = request.answer is None
            # An old like sent again after a later unlike must change nothing.
            true(request.send(self.node.url), f"{request.key} is acknowledged when sent again")
            if first:
                self.apply(request)
        self.settle()
        for check, name in ((self.check_money, "money"), (self.check_social, "social")):
            self.judge(name, check, True)
        self.totals["acknowledged"] += len(self.acknowledged)
        self.totals["unknown"] += len(self.unknown)

    def judge(self, name, check, resent):
        try:
            check(resent)
        except AssertionError as error:
            self.problems[name].append(
                f"cycle {self.totals['cycles']}, {'after' if resent else 'before'} the unknown "
                f"were sent again: {error}")


@fact("[D3] [D4] [D5] the server, killed at any moment under load, comes back each time")
def kills(w):
    begin = time.monotonic()
    for _ in range(CYCLES):
        w.totals["cycles"] += 1
        w.cycle()
        if w.problems:
            break
    print(f"seed {SEED}: {w.totals['cycles']} cycles in {time.monotonic() - begin:.0f} s, "
          f"{dict(w.totals)}", flush=True)
    true(w.totals["acknowledged"] > w.totals["cycles"], "there was load")
    true(w.totals["purchase"] > 0 and w.totals["comment"] > 0 and w.totals["like"] > 0,
         "of every kind")


@fact("[D4] [D5] [D6] payments: acknowledged ones are there once, repeated ones once, and the "
      "balances are the oracle's after each cycle")
def money(w):
    true(not w.problems["money"], "\n".join(w.problems["money"]))
    for fan in w.fans:
        rows = w.paid_rows(fan, None)
        equal(len(rows), len(fan.entries), f"{fan.name}: rows of the whole statement")
        equal({r["entry"]: -r["amount"]["amount"] for r in rows}, fan.entries, fan.name)


@fact("[D26] likes count what the oracle counts, and each comment stands once, after each cycle")
def social(w):
    true(not w.problems["social"], "\n".join(w.problems["social"]))
    for post in w.free:
        rows = w.pages(w.creator, f"/v1/posts/{post}/comments", None, "id")
        equal(len(rows), len(w.comments[post]), "all comments")
        equal({r["text"]: r["id"] for r in rows}, w.comments[post], "all comments")


@fact("[D8] [D9] after all that the auditor replays the log, and finds nothing")
def audit(w):
    equal(w.node.stop(), 0, "the server ends in peace")
    equal(w.node.audit()["findings"], [])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World())
