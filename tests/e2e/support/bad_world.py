"""A small platform to be asked wrongly: its people, its routes, and all that it stores."""
import atexit
import json
import os
import random

from support import media, wire
from support.client import Client, new_key
from support.facts import equal, true
from support.node import Node, until
from support.wrong_values import (BAD_BOOL, BAD_CHOICE, BAD_ID, BAD_INTEGER, bad_money, bad_text)

SEED = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
PRICE = {"amount": 1000, "currency": "USD"}


class World:
    def __init__(self):
        print(f"seed {SEED}", flush=True)
        self.chance = random.Random(SEED)
        self.node = Node()
        atexit.register(self.node.close)  # also when what follows fails
        self.node.start()
        self.alice = self.node.client("alice", "creator")
        self.carol = self.node.client("carol", "creator")
        self.bob = self.node.client("bob")
        self.visitor = Client(self.node.url)
        self.node.verify("alice")
        self.node.verify("carol")
        self.node.deposit("bob", "100.00", reference="wire")
        until(lambda: self.bob.wallet() == 10_000, 60, "the deposit is in the wallet")
        until(lambda: self.carol.get("/v1/users/carol")["verified"], 60, "both are verified")
        self.media = [self.alice.upload(media.photo(size), name="photo.jpg")
                      for size in ("320x240", "640x480", "96x64")]
        for one in self.media:
            until(lambda one=one: self.alice.get("/v1/uploads/" + one)["state"] == "ready", 300,
                  "a photo is ready")
        self.premium = self.alice.post("/v1/posts", {"media": self.media[1], "premium": True,
                                                     "price": PRICE}, key="premium")["id"]
        self.free = self.alice.post("/v1/posts", {"media": self.media[0]}, key="free")["id"]
        self.comment = self.alice.post(f"/v1/posts/{self.free}/comments", {"text": "mine"})["id"]
        self.alice.put("/v1/me/subscription-price", {"price": {"amount": 500, "currency": "USD"}})
        # Who is yet to be told of what: the kind of the notice, and the media where it is of one.
        self.untold = {(self.alice, "verified", None), (self.carol, "verified", None),
                       (self.bob, "deposit", None)}
        self.untold |= {(self.alice, "media_ready", one) for one in self.media}
        self.settle()
        post, prefix = f"/v1/posts/{self.free}", self.free.split("_")[0] + "_"
        self.unknown_post = prefix + self.media[0].split("_")[1]
        text = {"text": ("text", bad_text(1, 1000), True)}
        price = {"price": ("money", bad_money(1), True)}
        any_price = {"price": ("money", bad_money(0), True)}
        #  who, method, path, a valid body, fields: name → (type, wrong values, required)
        self.bodies = [
            (self.visitor, "POST", "/v1/accounts",
             {"email": "dora@example.org", "password": "correct horse battery",
              "password_repeat": "correct horse battery", "username": "dora", "role": "fan"},
             {"email": ("text", bad_text(3, 254) + [("no address", "dora example", "")], True),
              "password": ("text", bad_text(8, 1000), True),
              "password_repeat": ("text", bad_text(1, 1000) + [("another", "other one", "")], True),
              "username": ("text", [("a number", 7, ""), ("with a space", "do ra", ""),
                                    ("a path", "../dora", ""), ("long", "x" * 101, "")], False),
              "role": ("choice", BAD_CHOICE, True)}),
            (self.visitor, "POST", "/v1/sessions",
             {"login": "bob", "password": "correct horse battery"},
             {"login": ("text", bad_text(1, 254), True),
              "password": ("text", bad_text(1, 1000) + [("wrong", "wrong horse", "")], True)}),
            (self.alice, "PUT", "/v1/me/subscription-price", {"price": PRICE}, any_price),
            (self.alice, "POST", "/v1/posts",
             {"media": self.media[2], "caption": "x", "premium": True, "price": PRICE},
             {"media": ("id", BAD_ID, True), "caption": ("text", bad_text(0, 1024), False),
              "premium": ("bool", BAD_BOOL, False), "price": ("money", bad_money(1), True)}),
            (self.bob, "POST", f"/v1/posts/{self.premium}/purchase", {"price": PRICE}, price),
            (self.bob, "POST", "/v1/users/alice/subscription",
             {"price": {"amount": 500, "currency": "USD"}}, any_price),
            (self.bob, "POST", "/v1/users/alice/tips",
             {"amount": PRICE, "note": "x", "post": self.free},
             {"amount": ("money", bad_money(1), True), "note": ("text", bad_text(0, 500), False),
              "post": ("id", BAD_ID, False)}),
            (self.bob, "POST", post + "/comments", {"text": "x"}, text),
            (self.alice, "POST", "/v1/users/bob/messages", {"text": "x"},
             {"text": ("text", bad_text(1, 2048), True)}),
            (self.alice, "PUT", "/v1/notices/read", {"up_to": 0},
             {"up_to": ("integer", BAD_INTEGER, True)}),
            (self.visitor, "POST", "/v1/staff/commands",
             {"key": "key_00000000000000000000000000", "command": "AAAA", "signature": "AAAA"},
             {"key": ("id", BAD_ID, True),
              "command": ("text", bad_text(1, 8192) + [("no base64", "!!!!", "")], True),
              "signature": ("text", bad_text(1, 128), True)}),
        ]
        self.lists = [(self.visitor, "/v1/feed"), (self.visitor, post + "/comments"),
                      (self.visitor, "/v1/users/alice/posts"), (self.bob, "/v1/me/purchases"),
                      (self.bob, "/v1/me/subscriptions"), (self.bob, "/v1/me/wallet/statement"),
                      (self.alice, "/v1/me/earnings/statement"), (self.bob, "/v1/notices"),
                      (self.bob, "/v1/conversations"), (self.bob, "/v1/users/alice/messages")]
        self.closed = [("GET", "/v1/me"), ("DELETE", "/v1/sessions/current"),
                       ("PUT", post + "/like"), ("DELETE", post + "/like"),
                       ("DELETE", f"{post}/comments/{self.comment}"), ("DELETE", post),
                       ("GET", "/v1/uploads/" + self.media[0]), ("POST", "/v1/uploads"),
                       ("DELETE", "/v1/uploads/" + self.media[0])]
        self.closed += [("GET", path) for who, path in self.lists if who is not self.visitor]

    def close(self):
        self.node.close()

    def settle(self):
        """Until the read models have read all of the log, and everybody was told what is due: the
        dispatcher writes notices behind them."""
        def read_all():
            return json.loads(self.visitor.raw("GET", "/readyz")[2])["behind"] == 0
        until(lambda: self.all_told() and read_all(), 120,
              "the read models reach the end of the log, and everybody is told")

    def all_told(self):
        for who in {who for who, _, _ in self.untold}:
            rows = self.all_rows(who, "/v1/notices")
            self.untold -= {(who, row["kind"], row.get("media")) for row in rows}
        return not self.untold

    def refusal_due(self, upload):
        """Alice's upload ends as refused: she is told of it, sooner or later."""
        self.untold.add((self.alice, "media_refused", upload))

    @staticmethod
    def all_rows(client, path):
        rows, cursor = [], None
        while True:
            page = client.get(f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            rows += page["data"]
            cursor = page["next"]
            if not cursor:
                return rows

    # ---- sending

    def send(self, who, method, path, body=b"", headers=None, key=None):
        """(status, headers, content); the body's bytes as they are."""
        sent = {"Content-Length": len(body)} if body or method in ("POST", "PUT", "PATCH") else {}
        if body:
            sent["Content-Type"] = "application/json"
        if who.token:
            sent["Authorization"] = "Bearer " + who.token
        sent["Idempotency-Key"] = new_key() if key is None else key
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        answer = wire.exchange(self.node.url, wire.head(method, path, sent) + body)
        true(answer is not None, f"{method} {path} {headers}: closed without an answer")
        return answer

    def refused(self, what, answer, field=None, status=None, code=None):
        """The problem document of a refusal."""
        got, headers, content = answer
        shown = f"{what}: {got} {content[:300]!r}"
        true(400 <= got < 500, f"not refused properly: {shown}")
        true(headers.get("Content-Type", "").startswith("application/problem+json"), shown)
        problem = json.loads(content)
        true(problem.get("code") and problem.get("detail"), f"says what is wrong: {shown}")
        equal(problem.get("status"), got, shown)
        if field is not None:
            equal(problem.get("field"), field, f"field of {shown}")
        if status is not None:
            true(got in (status if isinstance(status, tuple) else (status,)),
                 f"status, wanted {status}: {shown}")
        if code is not None:
            equal(problem["code"], code, f"code of {shown}")
        return problem

    # ---- what is stored

    def files(self):
        out = []
        for place in ("sources", "blobs", "work"):
            for folder, _, names in os.walk(os.path.join(self.node.data, place)):
                out += [os.path.join(folder, name) for name in names if name != "ledger"]
        return sorted(out)

    def stored(self, uploads=False):
        """All that a refused request could have changed."""
        self.settle()
        out = {"feed": self.visitor.get("/v1/feed"), "bob": self.bob.get("/v1/me"),
               "alice": self.alice.get("/v1/me"), "carol": self.carol.get("/v1/me"),
               "comments": self.visitor.get(f"/v1/posts/{self.free}/comments"),
               "statement": self.bob.get("/v1/me/wallet/statement"),
               "profile": self.visitor.get("/v1/users/alice"),
               "conversations": self.alice.get("/v1/conversations"),
               "events": self.visitor.get("/v1/ledger/head")["next_event_seq"],
               "files": self.files()}
        if uploads:  # refusing an upload is an event of its own, and tells its owner
            out["alice"].pop("unread_notices")
        return out


class Unchanged:
    """Nothing may be stored in between; all that goes wrong is told at once."""

    def __init__(self, w, uploads=False):
        self.w, self.uploads, self.wrong, self.count = w, uploads, [], 0

    def __enter__(self):
        self.before = self.w.stored(self.uploads)
        return self

    def row(self, what, answer, **more):
        self.count += 1
        try:
            self.w.refused(what, answer, **more)
        except AssertionError as error:
            self.wrong.append(str(error))

    def __exit__(self, kind, error, trace):
        if kind is not None:
            return
        print(f"  {self.count} requests", flush=True)
        true(not self.wrong, f"{len(self.wrong)} rows:\n" + "\n".join(self.wrong[:40]))
        after = self.w.stored(self.uploads)
        for name, value in self.before.items():
            equal(after[name], value, f"{name} after refused requests")
