"""The lock, deposits, purchases, playback, subscriptions, the books."""
import json

from support import media
from support.client import Client, new_key
from support.facts import equal, fact, refused, true


@fact("[P17] the video is refused before it is paid for, with a decision that says why")
def locked(w):
    error = refused(w.fan.post, f"/v1/posts/{w.post}/playback", status=402,
                    code="payment_required")
    true("Buy" in error.problem["detail"], "the decision explains itself")
    refused(Client(w.node.url).post, f"/v1/posts/{w.post}/playback", status=401)


@fact("[P9] staff deposit into the wallet, and too little is not enough")
def deposit(w):
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase", {"price": w.post_body["price"]},
            key=new_key(), status=402, code="insufficient_funds")
    w.deposit("bob", 25_00)
    equal(w.fan.wallet(), 2500, "the wallet")


@fact("[P18] [D5] the fan buys; the same request sent again charges nothing more")
def buy(w):
    price = {"price": {"amount": 1000, "currency": "USD"}}
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase", price, status=422,
            code="idempotency_key_missing", field="Idempotency-Key")
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase",
            {"price": {"amount": 900, "currency": "USD"}}, key=new_key(), status=409,
            code="price_changed")
    first = w.fan.post(f"/v1/posts/{w.post}/purchase", price, key="buy-1")
    again = w.fan.post(f"/v1/posts/{w.post}/purchase", price, key="buy-1")
    w.sold.append(("purchase", 1000))
    equal(again, first, "the same answer")
    equal(w.fan.wallet(), 1500, "charged once")
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase", price, key=new_key(), status=409,
            code="already_purchased")
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase",
            {"price": {"amount": 1001, "currency": "USD"}}, key="buy-1", status=409,
            code="idempotency_key_reused", field="Idempotency-Key")
    equal(w.fan.wallet(), 1500, "still charged once")


@fact("[P17] the video plays: ffprobe and an HLS reader fetch every segment of every rendition")
def play(w):
    w.playlist = w.fan.post(f"/v1/posts/{w.post}/playback")["playlist"]
    auth = f"Authorization: Bearer {w.fan.token}\r\n"
    found = media.probe(w.node.url + w.playlist, "-headers", auth)
    heights = sorted({s["height"] for s in found["streams"] if s["codec_type"] == "video"})
    true(len(heights) >= 2, f"at least two renditions: {heights}")
    true(any(s["codec_type"] == "audio" for s in found["streams"]), "with sound")
    true(abs(float(found["format"]["duration"]) - 6) < 0.2, "all of it")
    w.segments = []
    base = w.playlist.rsplit("/", 1)[0]
    status, _, master = w.fan.raw("GET", w.playlist, headers=w.fan.headers())
    equal(status, 200)
    tracks = [line for line in master.decode().split("\n") if line and not line.startswith("#")]
    tracks += [part.split('"')[0] for part in master.decode().split('URI="')[1:]]
    for track in set(tracks):
        status, _, text = w.fan.raw("GET", f"{base}/{track}", headers=w.fan.headers())
        equal(status, 200, track)
        folder = track.rsplit("/", 1)[0]
        names = [line for line in text.decode().split("\n") if line and not line.startswith("#")]
        names += [part.split('"')[0] for part in text.decode().split('URI="')[1:]]
        true(len(names) >= 4, f"{track} has init and three segments of two seconds: {names}")
        w.segments += [f"{base}/{folder}/{name}" for name in names]
    for address in w.segments:
        status, _, content = w.fan.raw("GET", address, headers=w.fan.headers())
        equal(status, 200, address)
        true(len(content) > 100, f"{address} has content")
    for rendition in range(len(heights)):
        equal(media.play(w.node.url + w.playlist, rendition, "-headers", auth), (0, "", 6 * 30),
              f"exit code, complaints and frames of rendition {rendition}")
    true(media.play(w.node.url + w.playlist, 0)[0] != 0, "and nothing without the login")


@fact("[D19] another fan with the same addresses gets nothing, and neither does a stranger")
def same_addresses(w):
    for address in [w.playlist, *w.segments]:
        status, _, content = w.other.raw("GET", address, headers=w.other.headers())
        equal(status, 403, address)
        true(json.loads(content)["code"] == "not_the_viewer", "and is told why")
        equal(w.other.raw("GET", address)[0], 401, "without login")
    token = w.playlist.split("/")[3]
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    equal(w.fan.raw("GET", w.playlist.replace(token, forged), headers=w.fan.headers())[0], 404)


@fact("[P12] [P27] a second fan subscribes instead, tips, and plays the video")
def subscribe(w):
    w.creator.put("/v1/me/subscription-price", {"price": {"amount": 999, "currency": "USD"}})
    w.deposit("carol", 20_00)
    w.other.position = w.creator.position
    taken = w.other.post("/v1/users/alice/subscription",
                         {"price": {"amount": 999, "currency": "USD"}}, key="sub-1")
    true(taken["ends"] is not None, "it ends after 30 days")
    w.other.post("/v1/users/alice/tips", {"amount": {"amount": 333, "currency": "USD"},
                                          "note": "for the film", "post": w.post}, key="tip-1")
    w.sold += [("subscription", 999), ("tip", 333)]
    w.other.post(f"/v1/posts/{w.post}/playback")
    refused(w.other.post, "/v1/users/alice/subscription",
            {"price": {"amount": 999, "currency": "USD"}}, key=new_key(), status=409,
            code="already_subscribed")


@fact("[P10] [D9] wallets, earnings and fees show exactly what the rules say")
def books(w):
    # purchase 1000: fee 50 % = 500; subscription 999: 10 % down = 99; tip 333: 20 % down = 66
    w.creator.position = w.other.position
    equal(w.fan.wallet(), 1500)
    equal(w.other.wallet(), 2000 - 999 - 333)
    equal(w.creator.wallet(book="earnings"), 500 + 900 + 267)
    rows = w.creator.get("/v1/me/earnings/statement")["data"]
    equal([(r["kind"], r["amount"]["amount"], r["fee"]) for r in rows],
          [("tip", 267, 66), ("subscription", 900, 99), ("purchase", 500, 500)])
    rows = w.other.get("/v1/me/wallet/statement")["data"]
    equal([(r["kind"], r["amount"]["amount"], r["balance"]) for r in rows],
          [("tip", -333, 668), ("subscription", -999, 1001), ("deposit", 2000, 2000)])


@fact("[D1] nobody buys from, subscribes to or tips themselves")
def self_payment(w):
    w.deposit("alice", 50_00)
    equal(w.creator.wallet(), 5000, "the wallet")
    money = {"amount": 1000, "currency": "USD"}
    for path, body in [(f"/v1/posts/{w.post}/purchase", {"price": money}),
                       ("/v1/users/alice/subscription",
                        {"price": {"amount": 999, "currency": "USD"}}),
                       ("/v1/users/alice/tips", {"amount": money})]:
        refused(w.creator.post, path, body, key=new_key(), status=403, code="own_content")
    equal(w.creator.wallet(), 5000)


@fact("[P14] [P18] a deleted post stays with its buyer, whole, and leaves every feed")
def deleted(w):
    price = {"amount": 500, "currency": "USD"}
    body = {"media": w.media, "caption": "Soon gone", "premium": True, "price": price}
    post = w.creator.post("/v1/posts", body, key="post-2")["id"]
    w.other.position = w.creator.position
    bought = w.other.post(f"/v1/posts/{post}/purchase", {"price": price}, key="buy-2")["entry"]
    w.sold.append(("purchase", 500))
    before = w.other.get("/v1/me/purchases")["data"]
    equal([p["entry"] for p in before], [bought])
    w.creator.position = w.other.position
    w.creator.delete(f"/v1/posts/{post}")
    for client in (w.fan, w.other):
        client.position = w.creator.position
    equal(w.other.get("/v1/me/purchases")["data"], before, "what was bought, as it was")
    equal(before[0]["post"]["caption"], "Soon gone")
    w.other.post(f"/v1/posts/{post}/playback")
    for client in (w.creator, w.fan, w.other):
        for path in ("/v1/feed", "/v1/feed?premium=true", "/v1/users/alice/posts"):
            equal([p["id"] for p in client.get(path)["data"]], [w.post], path)
    refused(w.fan.get, f"/v1/posts/{post}", status=404, code="post_unknown")
