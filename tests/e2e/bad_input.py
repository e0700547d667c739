#!/usr/bin/python3
"""Whatever is sent: a refusal that names what is wrong, nothing stored, never an error of ours.

Tables over every route, uploads that lie about themselves, and random mutations of valid requests:
1,000 of them, 20,000 with FANLEDGER_LONG=1. FANLEDGER_SEED repeats a run.
"""
import argparse
import atexit
import base64
import copy
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position
from support import media, wire
from support.client import Client, new_key
from support.facts import equal, fact, run, true
from support.node import Node, until

SEED = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
MUTATIONS = 20_000 if os.environ.get("FANLEDGER_LONG") == "1" else 1_000
PRICE = {"amount": 1000, "currency": "USD"}


class Literal:
    """A value as it is to stand in the JSON text."""

    def __init__(self, text):
        self.text = text


def to_json(value):
    literals = []

    def mark(item):
        literals.append(item.text)
        return f"@literal{len(literals) - 1}@"
    text = json.dumps(value, default=mark)
    for number, literal in enumerate(literals):
        text = text.replace(f'"@literal{number}@"', literal)
    return text.encode()


# What is wrong for each type of field: (what it is, value, further part of the field's name).
def bad_text(low, high):
    rows = [("a number", 7, ""), ("an array", ["x"], ""), ("an object", {"x": 1}, ""),
            ("a boolean", True, ""), ("too long", "x" * (high + 1), ""), ("a NUL", "abc\0def", "")]
    return rows + ([("too short", "x" * (low - 1), "")] if low else [])


def bad_money(low):
    rows = [("a number", 100, ""), ("a string", "100 USD", ""), ("an array", [100, "USD"], "")]
    for what, amount in [("negative", -1), ("2^63", 1 << 63), ("-2^63", -(1 << 63)),
                         ("2^64", 1 << 64), ("1e3", Literal("1e3")), ("1.5", 1.5),
                         ("1000.0", Literal("1000.0")), ("a string", "100"), ("a boolean", True),
                         ("null", None)] + ([("zero", 0)] * low):
        rows.append((what, {"amount": amount, "currency": "USD"}, ".amount"))
    for what, currency in [("small letters", "usd"), ("a number", 840), ("empty", ""),
                           ("long", "USDUSDUSD"), ("null", None), ("odd", "U$D")]:
        rows.append((what, {"amount": 1000, "currency": currency}, ".currency"))
    rows.append(("without amount", {"currency": "USD"}, ".amount"))
    rows.append(("without currency", {"amount": 1000}, ".currency"))
    rows.append(("with more", {"amount": 1000, "currency": "USD", "rate": 2}, ".rate"))
    return rows


BAD_ID = [("no id", "x", ""), ("empty", "", ""), ("a number", 7, ""), ("an array", [], ""),
          ("of another kind", "acc_00000000000000000000000000", ""), ("a path", "../../etc", "")]
BAD_BOOL = [("a string", "true", ""), ("a number", 1, "")]
BAD_INTEGER = [("a string", "1", ""), ("a fraction", 1.5, ""), ("negative", -1, ""),
               ("2^63", 1 << 63, ""), ("1e3", Literal("1e3"), "")]
BAD_CHOICE = [("another", "admin", ""), ("a number", 1, ""), ("empty", "", "")]


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
        def read_all():
            return json.loads(self.visitor.raw("GET", "/readyz")[2])["behind"] == 0
        until(read_all, 60, "the read models reach the end of the log")

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
            for name in ("alice", "carol", "bob"):
                out[name].pop("unread_notices", None)
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


@fact("[D13] [D28] a wrong value in any field of any route is refused by the field's name: also "
      "negative, zero, broken and overflowing amounts")
def fields(w):
    with Unchanged(w) as rows:
        for who, method, path, body, types in w.bodies:
            for name, (_, values, required) in types.items():
                for what, value, further in values:
                    more = {name: value}
                    if name == "password" and "password_repeat" in body:
                        more["password_repeat"] = value
                    rows.row(f"{method} {path} {name} {what}",
                             w.send(who, method, path, to_json({**body, **more})),
                             field=name + further)
                if required:
                    less = {n: v for n, v in body.items() if n != name}
                    for what, changed in (("missing", less), ("null", {**less, name: None})):
                        rows.row(f"{method} {path} {name} {what}",
                                 w.send(who, method, path, to_json(changed)), field=name,
                                 code="field_missing")


@fact("[D2] nobody names the one who acts or pays: unknown fields are refused")
def unknown_fields(w):
    with Unchanged(w) as rows:
        for who, method, path, body, _ in w.bodies:
            for name in ("user", "from", "buyer", "account", "author", "__proto__", "x" * 200):
                rows.row(f"{method} {path} with {name}",
                         w.send(who, method, path, to_json({**body, name: "alice"})),
                         field=name, code="field_unknown")
        rows.row("a parameter", w.send(w.visitor, "GET", "/v1/feed?user=alice"), field="user")


@fact("[D28] a body that is no JSON object is refused")
def bodies(w):
    deep = b"[" * 2000 + b"]" * 2000
    with Unchanged(w) as rows:
        for who, method, path, body, _ in w.bodies:
            good = to_json(body)
            for wrong in (b"{", b"[]", b"null", b'"x"', b"7", b"\xff\xfe", good[:-1],
                          good + b"x", good.replace(b'"', b"'"), b'{"text":"\xc3\x28"}',
                          b'{"text":"\\ud800"}', good[:-1] + b"," + good[1:], b'{"text":NaN}', b'{"price":1e400}',
                          deep, b'{"a":' + deep + b"}"):
                rows.row(f"{method} {path} {wrong[:40]!r}", w.send(who, method, path, wrong))
            rows.row(f"{method} {path} without body", w.send(who, method, path))
            rows.row(f"{method} {path} as text",
                     w.send(who, method, path, good, {"Content-Type": "text/plain"}), status=415)
            rows.row(f"{method} {path} of 64 MiB announced",
                     w.send(who, method, path, good, {"Content-Length": 64 << 20}), status=413)
        rows.row("a body for a like", w.send(w.bob, "PUT", f"/v1/posts/{w.free}/like", b"{}"))


@fact("[D28] ids that are unknown, malformed or foreign are refused on every route")
def ids(w):
    wrong = ["x", "%00", "..%2f..%2fetc%2fpasswd", "%ff%fe", "a" * 300, "%F0%9F%98%80",
             w.media[0], "post_", w.premium + "0", w.premium.upper(), w.unknown_post]
    body = {"purchase": {"price": PRICE}, "comments": {"text": "x"}, "tips": {"amount": PRICE},
            "subscription": {"price": PRICE}, "messages": {"text": "x"}}
    with Unchanged(w) as rows:
        for bad in wrong:
            for who, method, path in (
                    (w.bob, "GET", "/v1/posts/{}"), (w.alice, "DELETE", "/v1/posts/{}"),
                    (w.bob, "PUT", "/v1/posts/{}/like"), (w.bob, "DELETE", "/v1/posts/{}/like"),
                    (w.bob, "POST", "/v1/posts/{}/purchase"),
                    (w.bob, "POST", "/v1/posts/{}/comments"),
                    (w.bob, "GET", "/v1/posts/{}/comments"),
                    (w.bob, "POST", "/v1/posts/{}/playback"),
                    (w.bob, "GET", "/v1/posts/{}/poster.jpg"),
                    (w.bob, "GET", "/v1/posts/{}/preview.mp4"),
                    (w.bob, "DELETE", f"/v1/posts/{w.free}/comments/" + "{}"),
                    (w.bob, "GET", "/v1/users/{}"), (w.bob, "GET", "/v1/users/{}/posts"),
                    (w.bob, "GET", "/v1/users/{}/messages"),
                    (w.bob, "POST", "/v1/users/{}/tips"),
                    (w.bob, "POST", "/v1/users/{}/subscription"),
                    (w.bob, "POST", "/v1/users/{}/messages"),
                    (w.bob, "GET", "/v1/play/{}/master.m3u8"),
                    (w.bob, "GET", "/v1/play/{}/v0/index.m3u8")):
                last = path.rsplit("/", 1)[1]
                sent = to_json(body[last]) if method == "POST" and last in body else b""
                rows.row(f"{method} {path} {bad[:40]}",
                         w.send(who, method, path.format(bad), sent), status=(400, 404, 422))
            if bad != w.media[0]:
                for method in ("GET", "DELETE"):
                    rows.row(f"{method} upload {bad[:40]}",
                             w.send(w.alice, method, "/v1/uploads/" + bad), status=(400, 404, 422))
        for path in ("/", "/v1", "/v2/feed", "/v1/feed/", "//v1/feed", "/v1/../etc/passwd",
                     "/v1/%2e%2e/x", "/v1/blobs/x"):
            rows.row(path, w.send(w.visitor, "GET", path), status=(400, 404))
        rows.row("another method", w.send(w.visitor, "PATCH", "/v1/feed"), status=405)
        rows.row("a target too long", w.send(w.visitor, "GET", "/v1/feed?cursor=" + "a" * 20_000),
                 status=(400, 414, 431))


@fact("[D25] [D28] limits and cursors that no list gave are refused, by name")
def cursors(w):
    w.alice.post(f"/v1/posts/{w.free}/comments", {"text": "second"}, key="second")
    w.settle()
    foreign = w.visitor.get(f"/v1/posts/{w.free}/comments?limit=1")["next"]
    true(foreign, "there is a second page")
    with Unchanged(w) as rows:
        for who, path in w.lists:
            for limit in ("0", "-1", "101", "x", "1e1", "1.5", "", "9223372036854775808", "5&limit=6"):
                rows.row(f"{path} limit {limit}", w.send(who, "GET", f"{path}?limit={limit}"),
                         field="limit")
            for value in ("%00", "%ff", "%"):
                rows.row(f"{path} {value}", w.send(who, "GET", f"{path}?limit={value}"),
                         status=(400, 422))
                rows.row(f"{path} {value}", w.send(who, "GET", f"{path}?cursor={value}"),
                         status=(400, 422))
            bad = ["x", "AAAA", "a" * 513, "!", foreign + "A"]
            if not path.endswith("comments"):
                bad.append(foreign)
            for cursor in bad:
                rows.row(f"{path} cursor {cursor[:20]}",
                         w.send(who, "GET", f"{path}?cursor={cursor}"), field="cursor")
            rows.row(f"{path} position", w.send(who, "GET", path,
                                                headers={"Fanledger-Min-Position": "x"}),
                     field="Fanledger-Min-Position")


@fact("[D21] no token, or one that is none, opens nothing")
def tokens(w):
    with Unchanged(w) as rows:
        calls = [(m, p, b"") for m, p in w.closed]
        calls += [(m, p, to_json(b)) for who, m, p, b, _ in w.bodies if who is not w.visitor]
        for method, path, body in calls:
            for token in (None, "", "x", "Bearer", "Bearer ", "Bearer x", "Basic Ym9iOmJvYg==",
                          "Bearer " + w.bob.token[:-2] + "zz", "Bearer " + w.bob.token + "A",
                          "Bearer \xff".encode("latin-1"), "Bearer " + "A" * 4000):
                rows.row(f"{method} {path} with {token!r:.30}",
                         w.send(w.visitor, method, path, body, {"Authorization": token}),
                         status=(400, 401))


@fact("[D5] payments without an idempotency key, or with one too long, are refused")
def keys(w):
    with Unchanged(w) as rows:
        for who, method, path, body, _ in w.bodies:
            if path.startswith("/v1/sessions") or "staff" in path or "messages" in path:
                continue  # those have none, and this message may not be sent at all
            rows.row(f"{method} {path} long key",
                     w.send(who, method, path, to_json(body), key="k" * 256),
                     field="Idempotency-Key", code="field_too_long")
            if path.rsplit("/", 1)[1] in ("purchase", "subscription", "tips"):
                for none in ("", None):
                    rows.row(f"{method} {path} without key",
                             w.send(who, method, path, to_json(body),
                                    {"Idempotency-Key": none}),
                             field="Idempotency-Key", code="idempotency_key_missing")


@fact("[D2] [D13] [D18] other people's objects, other prices and unknown currencies change nothing")
def semantics(w):
    def usd(amount, currency="USD"):
        return {"amount": amount, "currency": currency}
    buy = f"/v1/posts/{w.premium}/purchase"
    tips = "/v1/users/alice/tips"
    publish = {"media": w.media[2]}
    with Unchanged(w) as rows:
        for what, who, method, path, body, status in (
                ("fans publish nothing", w.bob, "POST", "/v1/posts", publish, (403, 404)),
                ("another's media", w.carol, "POST", "/v1/posts", publish, (403, 404, 409)),
                ("no media", w.alice, "POST", "/v1/posts", {"media": w.media[2][:-3] + "000"},
                 (403, 404, 409, 422)),
                ("another's post", w.bob, "DELETE", f"/v1/posts/{w.free}", None, (403, 404)),
                ("another's comment", w.bob, "DELETE",
                 f"/v1/posts/{w.free}/comments/{w.comment}", None, 403),
                ("another's upload", w.carol, "DELETE", f"/v1/uploads/{w.media[0]}", None, 404),
                ("another's upload", w.carol, "GET", f"/v1/uploads/{w.media[0]}", None, 404),
                ("a lower price", w.bob, "POST", buy, {"price": usd(999)}, 409),
                ("the lowest price", w.bob, "POST", buy, {"price": usd(1)}, (409, 422)),
                ("a higher price", w.bob, "POST", buy, {"price": usd(1001)}, 409),
                ("the highest price", w.bob, "POST", buy, {"price": usd((1 << 63) - 1)},
                 (409, 422)),
                ("another currency", w.bob, "POST", buy, {"price": usd(1000, "BTC")},
                 (402, 409, 422)),
                ("no currency of ours", w.bob, "POST", buy, {"price": usd(1000, "ZZZ")},
                 (403, 409, 422)),
                ("a tip of all the money there is", w.bob, "POST", tips,
                 {"amount": usd((1 << 63) - 1)}, (402, 403, 422)),
                ("a tip in no currency of ours", w.bob, "POST", tips,
                 {"amount": usd(1000, "ZZZ")}, (403, 409, 422)),
                ("a tip above the wallet", w.bob, "POST", tips, {"amount": usd(10_001)}, 402),
                ("a tip for a fan", w.alice, "POST", "/v1/users/bob/tips",
                 {"amount": usd(1000)}, (402, 403, 409)),
                ("a price above all limits", w.alice, "PUT", "/v1/me/subscription-price",
                 {"price": usd((1 << 63) - 1)}, (403, 422)),
                ("a price of a fan", w.bob, "PUT", "/v1/me/subscription-price",
                 {"price": usd(500)}, 403),
                ("a locked work's comment", w.bob, "POST", f"/v1/posts/{w.premium}/comments",
                 {"text": "x"}, (402, 403)),
                ("a letter to a stranger", w.bob, "POST", "/v1/users/carol/messages",
                 {"text": "x"}, 403)):
            rows.row(what, w.send(who, method, path, to_json(body) if body else b""),
                     status=status)


@fact("[D16] the poster of a locked photo is a blurred stamp, and no address leads to the photo")
def poster(w):
    status, headers, picture = w.visitor.raw("GET", f"/v1/posts/{w.premium}/poster.jpg")
    equal(status, 200)
    stream = media.probe(picture)["streams"][0]
    owner = w.alice.post(f"/v1/posts/{w.premium}/playback")["photos"]
    status, _, original = w.alice.raw("GET", max(owner.values(), key=len),
                                      headers=w.alice.headers())
    equal(status, 200)
    true(len(picture) * 4 < len(original), f"{len(picture)} of {len(original)} bytes, "
         f"{stream['width']}x{stream['height']}")
    for address in owner.values():
        w.refused("a stranger", w.send(w.visitor, "GET", address), status=401)
        w.refused("another", w.send(w.bob, "GET", address), status=403)
    names = [address.rsplit("/", 1)[1] for address in owner.values()]
    tag = headers.get("ETag", "x").strip('"')
    for path in ([f"/v1/posts/{w.premium}/{name}" for name in [*names, "original.jpg", "photo.jpg"]]
                 + [f"/v1/play/{tag}/{names[0]}", f"/v1/media/{w.media[1]}", f"/v1/blobs/{tag}",
                    f"/v1/uploads/{w.media[1]}", f"/v1/play/{w.premium}/{names[0]}"]):
        w.refused(path, w.send(w.bob, "GET", path), status=(400, 404))
    other = w.bob.post(f"/v1/posts/{w.free}/playback")["photos"]
    token = next(iter(other.values())).split("/")[3]
    for forged in (token[:-4] + "AAAA", owner[list(owner)[0]].split("/")[3][:-4] + "AAAA"):
        w.refused("a forged address", w.send(w.bob, "GET", f"/v1/play/{forged}/{names[0]}"),
                  status=404)
    for query in ("?size=large", "?file=large"):
        answer = w.send(w.bob, "GET", f"/v1/posts/{w.premium}/poster.jpg{query}")
        true(answer[0] in (200, 400, 404, 422), f"{query}: {answer[0]}")
        true(answer[0] != 200 or answer[2] == picture, "the same stamp")


def begin(w, size, who=None, **headers):
    return w.send(who or w.alice, "POST", "/v1/uploads",
                  headers={"Tus-Resumable": "1.0.0", "Upload-Length": size, **headers})


def started(w, size):
    status, _, content = begin(w, size)
    equal(status, 201, content)
    return json.loads(content)["media"]


def chunk(w, upload, data, offset=0, who=None, **headers):
    return w.send(who or w.alice, "PATCH", "/v1/uploads/" + upload, data, {
        "Tus-Resumable": "1.0.0", "Upload-Offset": offset,
        "Content-Type": "application/offset+octet-stream", **headers})


@fact("[D23] uploads of no size, of too much, or at a wrong place are refused, and leave no file")
def uploads(w):
    with Unchanged(w, uploads=True) as rows:
        for size in ("0", "-1", "x", "", "1e3", "1.5", None, 1 << 63, 1 << 64, (8 << 30) + 1):
            rows.row(f"a size of {size}", begin(w, size), field="Upload-Length")
        rows.row("a name that is no base64", begin(w, 10, **{"Upload-Metadata": "filename !!"}),
                 field="Upload-Metadata")
        rows.row("a name too long", begin(w, 10, **{
            "Upload-Metadata": "filename " + base64.b64encode(b"x" * 256).decode()}),
            field="Upload-Metadata")
        rows.row("of a fan", begin(w, 10, who=w.bob), status=403)
        upload = started(w, 1000)
        jpeg = media.photo("64x48")[:1000].ljust(1000, b"\0")
        rows.row("at a wrong offset", chunk(w, upload, jpeg[:10], offset=5), status=409,
                 field="Upload-Offset")
        for offset in ("x", "-1", None, "", 1 << 63):
            rows.row(f"at {offset}", chunk(w, upload, jpeg[:10], offset=offset),
                     field="Upload-Offset")
        rows.row("more than declared", chunk(w, upload, jpeg + b"x"), field="Content-Length")
        rows.row("more than declared, in chunks", wire_chunked(w, upload, jpeg + b"x" * 100_000),
                 status=(400, 413, 422))
        rows.row("nothing", chunk(w, upload, b"", **{"Content-Length": 0}))
        rows.row("as JSON", chunk(w, upload, jpeg, **{"Content-Type": "application/json"}),
                 field="Content-Type", status=415)
        rows.row("by another", chunk(w, upload, jpeg, who=w.carol), status=404)
        head = wire.head("PATCH", "/v1/uploads/" + upload, {
            "Authorization": "Bearer " + w.alice.token, "Upload-Offset": 0, "Content-Length": 1000,
            "Content-Type": "application/offset+octet-stream"})
        with wire.open_socket(w.node.url) as connection:
            connection.sendall(head + jpeg[:600])
        until(lambda: w.files() == rows.before["files"], 60, "what was cut off is removed")
        equal(w.alice.get("/v1/uploads/" + upload)["received"], 0, "bytes of what was cut off")
        status, _, content = w.send(w.alice, "DELETE", "/v1/uploads/" + upload)
        equal(status, 204, content)
        w.settle()
        rows.row("after its end", chunk(w, upload, jpeg), status=409, code="upload_ended")
        rows.row("cancelled twice", w.send(w.alice, "DELETE", "/v1/uploads/" + upload), status=409)
        upload = started(w, 1000)  # some of it came, and then it is cancelled
        equal(chunk(w, upload, jpeg[:700])[0], 204)
        equal(w.send(w.alice, "DELETE", "/v1/uploads/" + upload)[0], 204)


def wire_chunked(w, upload, data):
    """The body in the chunked coding, which declares no length."""
    head = wire.head("PATCH", "/v1/uploads/" + upload, {
        "Authorization": "Bearer " + w.alice.token, "Upload-Offset": 0,
        "Transfer-Encoding": "chunked", "Content-Type": "application/offset+octet-stream"})
    answer = wire.exchange(w.node.url, head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))
    return answer or (413, {"Content-Type": "application/problem+json"}, json.dumps(
        {"status": 413, "code": "closed", "detail": "The connection was closed."}).encode())


def ended(w, upload):
    """The state of an upload, once it is refused or ready."""
    state = w.alice.get("/v1/uploads/" + upload)
    return state if state["state"] not in ("uploading", "processing") else None


@fact("[D22] [D23] what is no media, whatever its name, is refused by its first bytes; no file stays")
def disguised(w):
    secret = b"/etc/passwd"
    disguises = {
        "a text": b"Hello, this is a film.\n" * 50,
        "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://" + secret + b"\n",
        "a playlist after a mark": b"\xef\xbb\xbf#EXTM3U\n#EXTINF:5,\n" + secret + b"\n",
        "a concat script": b"ffconcat version 1.0\nfile " + secret + b"\n",
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "a page": b"<!doctype html><script>alert(1)</script>",
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a program": b"\x7fELF\x02\x01\x01" + b"\0" * 500,
        "noise": random.Random(1).randbytes(1000), "zeros": bytes(1000),
    }
    name = "filename " + base64.b64encode(b"film.mp4").decode()
    with Unchanged(w, uploads=True) as rows:
        for what, data in disguises.items():
            status, _, content = begin(w, len(data), **{"Upload-Metadata": name})
            equal(status, 201, content)
            upload = json.loads(content)["media"]
            rows.row(what, chunk(w, upload, data), status=415, field="file")
            state = until(lambda upload=upload: ended(w, upload), 10, f"{what}: is refused")
            equal(state["state"], "refused", what)
            true(state["code"] and state["detail"], f"{what}: says why: {state}")
        for _ in range(12):  # none of them is an open upload any more, of which twenty are allowed
            equal(chunk(w, started(w, 100), b"x" * 100)[0], 415)


@fact("[D23] a video or photo that ends too early is refused by the worker, with a reason; no file "
      "stays")
def truncated(w):
    film = media.video(4, "320x240")
    photo = media.photo("640x480")
    with Unchanged(w, uploads=True) as rows:
        for what, data in (("in its head", film[:600]), ("in its middle", film[:len(film) // 2]),
                           ("photo", photo[:len(photo) // 3]),
                           ("photo without its last line", photo[:-200])):
            upload = w.alice.upload(data)
            state = until(lambda upload=upload: ended(w, upload), 300, f"{what}: decided")
            rows.count += 1
            if state["state"] != "refused" or not state.get("code") or not state.get("detail"):
                rows.wrong.append(f"{what}: {state}")
        until(lambda: w.files() == rows.before["files"] or rows.wrong, 60,
              "what was refused is removed")


@fact("[D29] what is no HTTP is refused or cut off, and harms nobody")
def no_http(w):
    with Unchanged(w):
        for sent in (b"GARBAGE\r\n\r\n", b"GET\r\n\r\n", b"\0" * 100 + b"\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n", b"GET /v1/feed HTTP/1.1\r\n\r\n",
                     wire.head("POST", "/v1/sessions", {"Content-Length": "-1"}),
                     wire.head("POST", "/v1/sessions", {"Content-Length": "1e3"}),
                     wire.head("POST", "/v1/sessions", {"Content-Length": 1 << 64}),
                     wire.head("GET", "/v1/feed", {"X": "y" * 200_000}),
                     wire.head("GET", "/v1/feed", {f"X-{n}": n for n in range(2000)}),
                     wire.head("GET", "/v1/feed", {"Content-Length": "1\r\nContent-Length: 2"}),
                     wire.head("POST", "/v1/sessions", {"Content-Length": 2,
                                                        "Transfer-Encoding": "chunked"}) + b"{}",
                     wire.head("GET", "/v1/live", {"Upgrade": "websocket"})):
            answer = wire.exchange(w.node.url, sent)
            true(answer is None or 400 <= answer[0] < 500, f"{sent[:60]!r}: {answer}")


def mutated(chance, value):
    """The value with one place changed."""
    odd = [None, True, False, 0, -1, 1, 1 << 31, 1 << 63, -(1 << 63), 1.5, Literal("1e3"),
           Literal("1e999"), Literal("-0"), "", "x", "\0", "\u202e", "\ud800", "x" * 3000, [], {},
           [[]], {"amount": 1}, "USD", "post_", "../../x", "'; drop table x; --", "\U0001f600" * 9]
    if not isinstance(value, dict) or chance.random() < 0.1:
        return chance.choice(odd)
    value = copy.deepcopy(value)
    name = chance.choice(list(value)) if value else "x"
    act = chance.randrange(4)
    if act == 0:
        value.pop(name, None)
    elif act == 1:
        value[chance.choice(["user", "x", "", "\0", "amount"])] = chance.choice(odd)
    else:
        value[name] = mutated(chance, value.get(name))
    return value


@fact("[D28] random mutations of valid requests never meet an error of ours, and the money adds up")
def mutations(w):
    chance = w.chance
    statuses = {}
    for number in range(MUTATIONS):
        who, method, path, body, _ = chance.choice(w.bodies)
        who = chance.choice([who, who, who, w.bob, w.alice, w.carol, w.visitor])
        headers = {}
        content = to_json(body)
        for _ in range(chance.choice([1, 1, 2])):
            act = chance.randrange(10)
            if act < 5:
                content = to_json(mutated(chance, body))
            elif act < 7 and content:
                at = chance.randrange(len(content))
                content = content[:at] + chance.randbytes(chance.randrange(3)) + content[at + 1:]
            elif act == 7:
                at = chance.randrange(3, len(path))
                path = path[:at] + chance.choice(["%00", "/", "%ff", "..", "x", "?", ";"]) + \
                    path[at + 1:]
            elif act == 8:
                name = chance.choice(["Idempotency-Key", "Authorization", "Content-Type",
                                      "Fanledger-Min-Position", "Accept", "Expect", "Range"])
                headers[name] = chance.choice([b"", b"x", b"\xff", b"a" * 300, b"bytes=9-1", b","])
            else:
                method = chance.choice(["GET", "PUT", "DELETE", "PATCH", "POST", "HEAD", "OPTIONS"])
        shown = f"mutation {number}: {method} {path} {headers} {content[:300]!r}"
        try:
            answer = w.send(who, method, path, content, headers)
        except AssertionError as error:
            raise AssertionError(f"{shown}: {error}") from error
        statuses[answer[0]] = statuses.get(answer[0], 0) + 1
        true(answer[0] < 500, f"{shown}: {answer[0]} {answer[2][:300]!r}")
        if answer[0] >= 400 and method != "HEAD":
            w.refused(shown, answer)
    print(f"  seed {SEED}: {dict(sorted(statuses.items()))}", flush=True)
    true(len(statuses) > 3, "all sorts of answers")
    w.settle()
    rows, cursor = [], None
    while True:
        page = w.bob.get("/v1/me/wallet/statement?limit=100" +
                         (f"&cursor={cursor}" if cursor else ""))
        rows += page["data"]
        cursor = page["next"]
        if not cursor:
            break
    equal(w.bob.wallet(), sum(r["amount"]["amount"] for r in rows), "the wallet is its movements")
    true(w.bob.wallet() >= 0, "and not overdrawn")


@fact("[B1] the server is still ready, ends in peace, and the auditor finds nothing")
def still_ready(w):
    true(w.node.ready(), "ready")
    equal(w.node.stop(), 0, "exit code")
    equal(w.node.audit()["findings"], [])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World())
