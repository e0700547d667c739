#!/usr/bin/python3
"""The whole platform on real input: one video uploaded, paid for, watched, and audited.

Real processes, sockets, files, ffmpeg and ffprobe; everything through HTTP and the command line.
"""
import argparse
import concurrent.futures
import glob
import json
import os
import random
import shutil
import sys
import tempfile
import threading
from email import message_from_binary_file
from email.policy import default as mail_policy

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position
from support import media
from support.client import Client, Refused, new_key
from support.facts import equal, fact, run, true
from support.live import Listener
from support.node import Node, until


class World:
    def __init__(self):
        self.node = Node().start()
        self.video = media.video(6, "1280x720")

    def close(self):
        self.node.close()


def refused(call, *arguments, status=None, code=None, field=None, **more):
    """The refusal that the call must give."""
    try:
        call(*arguments, **more)
    except Refused as error:
        if status is not None:
            equal(error.status, status, f"status of {error}")
        if code is not None:
            equal(error.code, code, f"code of {error}")
        if field is not None:
            equal(error.field, field, f"field of {error}")
        true(error.headers["Content-Type"].startswith("application/problem+json"),
             "a refusal is problem+json")
        return error
    raise AssertionError("it was not refused")


@fact("[P1] two people sign up, and a creator who is not verified is refused with a reason")
def sign_up(w):
    w.creator = w.node.client("alice", "creator")
    w.fan = w.node.client("bob")
    w.other = w.node.client("carol")
    w.media = w.creator.upload(w.video, name='"; touch x $(reboot) `id`.mp4')
    def ready():
        state = w.creator.get("/v1/uploads/" + w.media)
        true(state["state"] in ("processing", "ready"), f"unexpected {state}")
        w.seen_percent = max(getattr(w, "seen_percent", 0), state.get("percent", 0))
        return state["state"] == "ready"
    until(ready, 120, "the video is processed")
    w.post_body = {"media": w.media, "caption": "My first film", "premium": True,
                   "price": {"amount": 1000, "currency": "USD"}}
    refused(w.creator.post, "/v1/posts", w.post_body, status=403, code="creator_not_verified")


@fact("[P7] [B15] staff verify the creator by a signed command; a stranger's key is refused")
def verify(w):
    stranger = os.path.join(w.node.folder, "stranger.key")
    w.node.run("fanledger", "admin", "key", "create", stranger)
    done = w.node.staff("staff", "creator", "verify", "alice", key=stranger, expect=1)
    true("staff" in done.stderr.lower(), f"says why: {done.stderr}")
    verifier = os.path.join(w.node.folder, "verifier.key")
    w.node.run("fanledger", "admin", "key", "create", verifier)
    w.node.staff("admin", "staff", "add", "--name", "Vera", "--role", "verifier",
                 "--public-key", verifier + ".pub")
    w.node.staff("staff", "creator", "verify", "alice", key=verifier)
    w.node.staff("staff", "deposit", "bob", "5.00", "USD", "--reference", "x", key=verifier,
                 expect=1)
    true(until(lambda: w.creator.get("/v1/users/alice")["verified"], 10, "alice is verified"), "")


@fact("[D22] a file name is never a command; the upload shows its progress [P15]")
def file_name(w):
    true(w.seen_percent > 0, "the progress of processing was seen")
    true(not os.path.exists("x") and not glob.glob(os.path.join(w.node.data, "**", "x"),
                                                   recursive=True), "no file x")


@fact("[P14] the verified creator publishes the video at a price, and the fan sees it in the feed")
def publish(w):
    w.post = w.creator.post("/v1/posts", w.post_body, key="post-1")["id"]
    again = w.creator.post("/v1/posts", w.post_body, key="post-1")["id"]
    equal(again, w.post, "the same request gives the same post")
    w.fan.position = w.creator.position
    feed = w.fan.get("/v1/feed")["data"]
    equal([p["id"] for p in feed], [w.post], "the feed")
    equal(feed[0]["caption"], "My first film")
    equal(feed[0]["access"]["allowed"], False)
    equal(feed[0]["access"]["code"], "payment_required")


@fact("[P17] [D17] everybody plays the preview, a quarter of the work at most")
def preview(w):
    visitor = Client(w.node.url)
    status, headers, body = visitor.raw("GET", f"/v1/posts/{w.post}/preview.mp4")
    equal(status, 200)
    seconds = float(media.probe(body)["format"]["duration"])
    true(0.2 < seconds <= 1.6, f"the preview has {seconds} s of 6")
    status, headers, part = visitor.raw("GET", f"/v1/posts/{w.post}/preview.mp4",
                                        headers={"Range": "bytes=0-99"})
    equal((status, len(part)), (206, 100), "[D27] a range of a hundred bytes")
    equal(part, body[:100])
    status, headers, poster = visitor.raw("GET", f"/v1/posts/{w.post}/poster.jpg")
    equal(status, 200)
    true(poster.startswith(b"\xff\xd8\xff"), "the poster is a JPEG")


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
    w.node.deposit("bob", "25.00", reference="wire 1")
    until(lambda: w.fan.wallet() == 2500, 10, "the deposit is in the wallet")


@fact("[P18] [D5] the fan buys; the same request sent again charges nothing more")
def buy(w):
    price = {"price": {"amount": 1000, "currency": "USD"}}
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase", price, status=400,
            code="idempotency_key_missing")
    refused(w.fan.post, f"/v1/posts/{w.post}/purchase",
            {"price": {"amount": 900, "currency": "USD"}}, key=new_key(), status=409,
            code="price_changed")
    first = w.fan.post(f"/v1/posts/{w.post}/purchase", price, key="buy-1")
    again = w.fan.post(f"/v1/posts/{w.post}/purchase", price, key="buy-1")
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
    w.node.deposit("carol", "20.00", reference="wire 2")
    until(lambda: w.other.wallet() == 2000, 10, "the deposit is in the wallet")
    w.other.position = w.creator.position
    taken = w.other.post("/v1/users/alice/subscription",
                         {"price": {"amount": 999, "currency": "USD"}}, key="sub-1")
    true(taken["ends"] is not None, "it ends after 30 days")
    w.other.post("/v1/users/alice/tips", {"amount": {"amount": 333, "currency": "USD"},
                                          "note": "for the film", "post": w.post}, key="tip-1")
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
    w.node.deposit("alice", "50.00", reference="wire 3")
    until(lambda: w.creator.wallet() == 5000, 10, "the deposit is in the wallet")
    money = {"amount": 1000, "currency": "USD"}
    for path, body in [(f"/v1/posts/{w.post}/purchase", {"price": money}),
                       ("/v1/users/alice/subscription",
                        {"price": {"amount": 999, "currency": "USD"}}),
                       ("/v1/users/alice/tips", {"amount": money})]:
        refused(w.creator.post, path, body, key=new_key(), status=403, code="own_content")
    equal(w.creator.wallet(), 5000)


@fact("[P19] [P24] [B12] everyone connected sees likes, comments and messages live")
def live(w):
    w.channel = "post:" + w.post
    w.creator_live = Listener(w.creator, {"conversation:bob": None, "notices": None,
                                          w.channel: None})
    w.fan_live = Listener(w.fan, {w.channel: None, "conversation:alice": None})
    w.fan.put(f"/v1/posts/{w.post}/like")
    equal(w.fan_live.expect("counts")["data"]["likes"], 1)
    w.other.post(f"/v1/posts/{w.post}/comments", {"text": "Wonderful <3"})
    for listener in (w.creator_live, w.fan_live):
        equal(listener.expect("comment")["data"]["text"], "Wonderful <3")
    refused(w.fan.post, "/v1/users/alice/messages", {"text": "hi"}, status=403,
            code="no_subscription")
    refused(w.creator.post, "/v1/users/carol/messages", {"text": "hi"}, status=403,
            code="subscriber_writes_first")
    w.other_live = Listener(w.other, {"conversation:alice": None})
    w.creator_carol = Listener(w.creator, {"conversation:carol": None})
    w.other.post("/v1/users/alice/messages", {"text": "Hello Alice"})
    equal(w.other_live.expect("message")["data"]["text"], "Hello Alice")
    equal(w.creator_carol.expect("message")["data"]["from"]["username"], "carol")
    equal(w.creator.get("/v1/conversations")["data"][0]["unread"], 1)
    w.creator.position = w.other.position
    w.creator.post("/v1/users/carol/messages", {"text": "Hello Carol"})
    equal(w.other_live.expect("message")["data"]["text"], "Hello Carol")


@fact("[B12] a client that was cut off resumes from its position and misses nothing")
def resume(w):
    w.fan_live.drain()
    cursor = w.fan_live.cursors[w.channel]
    w.fan_live.close()
    for number in range(20):
        w.other.post(f"/v1/posts/{w.post}/comments", {"text": f"while you were away {number}"},
                     key=f"away-{number}")
    w.other.post(f"/v1/posts/{w.post}/comments", {"text": "while you were away 0"}, key="away-0")
    back = Listener(w.fan, {w.channel: cursor})
    texts = [back.expect("comment")["data"]["text"] for _ in range(20)]
    equal(texts, [f"while you were away {number}" for number in range(20)])
    w.other.post(f"/v1/posts/{w.post}/comments", {"text": "and now live"})
    equal(back.expect("comment")["data"]["text"], "and now live")
    back.close()


@fact("[D26] counts are exact under fifty concurrent likers, each of whom likes twice")
def likers(w):
    fans = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        fans = list(pool.map(lambda n: w.node.client(f"liker{n:02}"), range(50)))
        list(pool.map(lambda fan: (fan.put(f"/v1/posts/{w.post}/like"),
                                   fan.put(f"/v1/posts/{w.post}/like")), fans))
        equal(w.fan.get(f"/v1/posts/{w.post}")["likes"], 51)
        list(pool.map(lambda fan: fan.delete(f"/v1/posts/{w.post}/like"), fans[:20]))
    equal(w.fan.get(f"/v1/posts/{w.post}")["likes"], 31)
    comments = w.fan.get(f"/v1/posts/{w.post}")["comments"]
    equal(comments, 22, "comments, the repeated one once")


@fact("[D25] the second page of comments follows the first")
def pages(w):
    texts, cursor = [], None
    while True:
        page = w.fan.get(f"/v1/posts/{w.post}/comments?limit=7" +
                         (f"&cursor={cursor}" if cursor else ""))
        texts += [c["text"] for c in page["data"]]
        cursor = page["next"]
        if not cursor:
            break
    equal(len(texts), 22)
    equal(len(set(texts)), 22, "no comment twice")
    equal(texts[-1], "Wonderful <3", "the oldest last")


@fact("[P28] the creator gets notices in the app, and by mail in a folder of .eml")
def notices(w):
    kinds = {n["kind"] for n in w.creator.get("/v1/notices?limit=100")["data"]}
    wanted = {"verified", "media_ready", "purchase", "subscription", "tip", "like", "comment",
              "message", "deposit"}
    true(wanted <= kinds, f"notices missing: {wanted - kinds}")
    w.creator_live.expect("notice")
    def subjects():
        out = []
        for path in glob.glob(os.path.join(w.node.data, "mail", "*.eml")):
            with open(path, "rb") as file:
                mail = message_from_binary_file(file, policy=mail_policy)
                if mail["To"] == "alice@example.org":
                    out.append(mail["Subject"])
        return out
    until(lambda: any("bought your post for 10.00 USD" in s for s in subjects()) and
          any("tipped you 3.33 USD" in s for s in subjects()), 20, "mail tells of it")
    true(not any("liked" in s for s in subjects()), "no mail for likes")
    newest = w.creator.get("/v1/notices?limit=1")["data"][0]
    w.creator.put("/v1/notices/read", {"up_to": newest["offset"]})
    equal(w.creator.get("/v1/me")["unread_notices"], 0)


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
    entries = {}
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
    true(entries == {}, "")


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


@fact("[B1] the auditor replays everything, and finds nothing")
def audit(w):
    equal(w.node.stop(), 0, "the server ends in peace")
    report = w.node.audit()
    equal(report["findings"], [])
    text = w.node.run("fanledger", "audit", "verify", "--data", w.node.data).stdout
    true("USD" in text, "the report for people has totals")
    w.export = os.path.join(w.node.folder, "export.log")
    w.node.run("fanledger", "audit", "export", "--data", w.node.data, w.export)
    w.node.run("fanledger", "audit", "verify", "--export", w.export)


@fact("[B1] after one byte of the log is changed anywhere, the auditor says what and where")
def damaged(w):
    seed = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)
    size = os.path.getsize(w.export)
    with open(w.export, "rb") as file:
        original = file.read()
    for _ in range(40):
        at = chance.randrange(size)
        flipped = bytes([original[at] ^ (1 << chance.randrange(8))])
        with open(w.export, "r+b") as file:
            file.seek(at)
            file.write(flipped)
        done = w.node.run("fanledger", "audit", "verify", "--export", w.export, "--json",
                          expect=None)
        true(done.returncode != 0, f"byte {at} of {size} changed, and not noticed")
        true(done.stdout.strip() or done.stderr.strip(), "and it says something")
        with open(w.export, "r+b") as file:
            file.seek(at)
            file.write(original[at:at + 1])
    w.node.run("fanledger", "audit", "verify", "--export", w.export)
    files = [f for f in glob.glob(os.path.join(w.node.data, "log", "*.sst"))
             if os.path.getsize(f) > 0]
    true(files, "the stopped log stands in table files")
    for _ in range(20):
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "data")
            shutil.copytree(w.node.data, copy)
            victim = os.path.join(copy, "log", os.path.basename(chance.choice(files)))
            at = chance.randrange(os.path.getsize(victim))
            with open(victim, "r+b") as file:
                file.seek(at)
                byte = file.read(1)
                file.seek(at)
                file.write(bytes([byte[0] ^ (1 << chance.randrange(8))]))
            done = w.node.run("fanledger", "audit", "verify", "--data", copy, "--json",
                              expect=None)
            true(done.returncode != 0, f"byte {at} of {victim} changed, and not noticed")


@fact("[B1] one changed balance in a read model is found")
def changed_balance(w):
    done = w.node.run("fanledger", "audit", "verify", "--data", w.node.data, "--json")
    true(json.loads(done.stdout)["findings"] == [], "clean before")
    w.node.run("read_model_forger", w.node.data)
    done = w.node.run("fanledger", "audit", "verify", "--data", w.node.data, "--json", expect=1)
    findings = json.loads(done.stdout)["findings"]
    true(any("wallets" in json.dumps(f) for f in findings), f"it names the model: {findings}")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World())
