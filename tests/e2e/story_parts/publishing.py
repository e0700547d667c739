"""Sign-up, verification, upload, publishing, preview."""
import glob
import os

from support import media
from support.client import PASSWORD, Client
from support.facts import equal, fact, refused, true
from support.node import until


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
    until(ready, 300, "the video is processed")
    w.post_body = {"media": w.media, "caption": "My first film", "premium": True,
                   "price": {"amount": 1000, "currency": "USD"}}
    refused(w.creator.post, "/v1/posts", w.post_body, status=403, code="creator_not_verified")


@fact("[P1] [D5] visitors who use the same key sign up each for themselves, and get their own "
      "answer again")
def same_key(w):
    def ask(username, role="fan", key="key-1"):
        return Client(w.node.url).post("/v1/accounts", {
            "email": f"{username}@example.org", "password": PASSWORD, "password_repeat": PASSWORD,
            "username": username, "role": role}, key=key)
    answers = {name: ask(name) for name in ("kim", "lea")}
    true(answers["kim"]["id"] != answers["lea"]["id"], "two accounts")
    for name, answer in answers.items():
        equal(answer["username"], name)
        equal(ask(name), answer, "the same request again")
        visitor = Client(w.node.url)
        visitor.position = answer["position"]
        session = visitor.post("/v1/sessions", {"login": name, "password": PASSWORD})
        equal(session["account"], answer["id"])
    refused(ask, "kim", role="creator", status=409, code="idempotency_key_reused",
            field="Idempotency-Key")
    refused(ask, "kim", key="k\xe9y", status=422, code="command_id_malformed",
            field="Idempotency-Key")


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
    true(until(lambda: w.creator.get("/v1/users/alice")["verified"], 60, "alice is verified"), "")


@fact("[D22] a file name is never a command; the upload shows its progress [P15]")
def file_name(w):
    true(w.seen_percent > 0, "the progress of processing was seen")
    for place in (".", *w.node.places()):
        true(not glob.glob(os.path.join(place, "**", "x"), recursive=place != "."), f"no x in {place}")


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
