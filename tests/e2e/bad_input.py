#!/usr/bin/python3
"""Whatever is sent: a refusal that names what is wrong, nothing stored, never an error of ours.

Tables over every route, uploads that lie about themselves, and random mutations of valid requests:
1,000 of them, 20,000 with FANLEDGER_LONG=1. FANLEDGER_SEED repeats a run.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position
from support import bad_uploads, media, wire  # bad_uploads: facts of its own
from support.bad_world import PRICE, SEED, Unchanged, World
from support.facts import equal, fact, run, true
from support.wrong_values import mutated, to_json

MUTATIONS = 20_000 if os.environ.get("FANLEDGER_LONG") == "1" else 1_000


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
                          b'{"text":"\\ud800"}', good[:-1] + b"," + good[1:], b'{"text":NaN}',
                          b'{"price":1e400}',
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
            for limit in ("0", "-1", "101", "x", "1e1", "1.5", "", "9223372036854775808",
                          "5&limit=6"):
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
    rows = w.all_rows(w.bob, "/v1/me/wallet/statement")
    equal(w.bob.wallet(), sum(r["amount"]["amount"] for r in rows), "the wallet is its movements")
    true(w.bob.wallet() >= 0, "and not overdrawn")


@fact("[B1] the server is still ready, ends in peace, and the auditor finds nothing")
def still_ready(w):
    true(w.node.ready(), "ready")
    equal(w.node.stop(), 0, "exit code")
    equal(w.node.audit()["findings"], [])


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__ + (bad_uploads.__doc__ or "")).parse_args()
    run(World())
