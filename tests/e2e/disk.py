#!/usr/bin/python3
"""A disk that fails below the running server, and a server that dies over its work.

A failed write or sync of the log must never be followed by an acknowledgement: the server ends, and
says why. It ends as well when what it derives from the log cannot be written, and then what it
acknowledges is true. After a start on a healthy disk what was acknowledged is there, and what was
not is there once when it is sent again. FANLEDGER_LONG=1 repeats each fault at ten moments instead
of two.
"""
import argparse
import atexit
import http.client
import json
import os
import random
import signal
import sys
import threading
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position
from support import media
from support.client import Client, Refused
from support.facts import equal, fact, refused, run, true
from support.faults import Faults
from support.node import Node, until

SEED = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
ROUNDS = 10 if os.environ.get("FANLEDGER_LONG") == "1" else 2
FUNDS = 100_000_00
CENTS = 100  # of each tip
DEATH = (OSError, http.client.HTTPException)


class World:
    def __init__(self):
        print(f"seed {SEED}", flush=True)
        self.chance = random.Random(SEED)
        self.node = Node()
        atexit.register(self.node.close)  # also when what follows fails
        self.faults = Faults(self.node)
        self.node.start()
        self.creator = self.node.client("alice", "creator")
        self.fan = self.node.client("bob")
        self.node.verify("alice")
        until(lambda: self.creator.get("/v1/users/alice")["verified"], 30, "alice is verified")
        free = {"price": {"amount": 0, "currency": "USD"}}
        self.creator.put("/v1/me/subscription-price", free)
        self.fan.post("/v1/users/alice/subscription", free, key="follow")  # so that bob may write
        self.node.deposit("bob", str(FUNDS // 100))
        self.tips, self.messages = set(), {}  # entries; text → id: all that the oracle knows of
        self.serial = 0
        self.codes = {"tip": set(), "message": set()}  # of answers that leave the outcome open
        self.settle()

    def close(self):
        self.node.close()

    def settle(self):
        """Until the read models have read all of the log."""
        def read_all():
            with urllib.request.urlopen(self.node.url + "/readyz", timeout=10) as answer:
                return json.loads(answer.read())["behind"] == 0
        until(read_all, 60, "the read models reach the end of the log")
        for client in (self.creator, self.fan):
            client.url = self.node.url
            client.position = None

    def send(self, kind, key):
        """The answer, None when nobody knows the outcome; another refusal is a failure."""
        client = Client(self.node.url)
        client.token = self.fan.token
        try:
            if kind == "tip":
                return client.post("/v1/users/alice/tips",
                                   {"amount": {"amount": CENTS, "currency": "USD"}}, key=key)
            return client.post("/v1/users/alice/messages", {"text": key}, key=key)
        except DEATH:
            return None
        except Refused as error:
            if error.status == 503:
                self.codes[kind].add(error.code)
                return None
            raise

    @staticmethod
    def all_rows(client, path):
        rows, cursor = [], None
        while True:
            page = client.get(f"{path}?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            rows += page["data"]
            cursor = page["next"]
            if not cursor:
                return rows

    def there(self):
        """What the platform says: entries of tips, messages."""
        tips = [r["entry"] for r in self.all_rows(self.fan, "/v1/me/wallet/statement")
                if r["kind"] == "tip"]
        messages = [(m["text"], m["id"])
                    for m in self.all_rows(self.fan, "/v1/users/alice/messages")]
        equal(len(tips), len(set(tips)), "tips without the repeated ones")
        equal(len(messages), len(set(messages)), "messages without the repeated ones")
        return set(tips), dict(messages)

    def under_fault(self, kinds, place, asked, **settings):
        """Load, then the fault; until the server has ended, by itself or asked to. The requests
        that were acknowledged, and those whose outcome is open."""
        self.faults.prepare()
        self.node.stop()
        self.node.start()
        self.settle()
        self.tips, self.messages = self.there()  # whatever a fact before this one came to
        acknowledged, unknown, after, broken = [], [], [], []
        ended, lock = threading.Event(), threading.Lock()

        def load(kind):
            refused = 0
            try:
                while not ended.is_set() and refused < 10:
                    with lock:
                        self.serial += 1
                        key = f"{kind}-{self.serial}"
                    answer = self.send(kind, key)
                    with lock:
                        if answer is None:
                            unknown.append((kind, key))
                            refused += 1
                        else:
                            acknowledged.append((kind, key, answer))
                            if refused:
                                after.append(key)
            except Exception as error:  # pylint: disable=broad-except
                broken.append(repr(error))

        threads = [threading.Thread(target=load, args=(kind,)) for kind in kinds]
        for thread in threads:
            thread.start()
        try:
            until(lambda: len(acknowledged) > 20 or broken, 60, "load is under way")
            self.faults.hit(prefix=os.path.join(self.node.data, place), **settings)
            process = self.node.process
            if asked:
                count = len(acknowledged)
                until(lambda: len(acknowledged) > count + 20 or broken, 60, "it is not felt yet")
                true(self.node.ready(), "and the server is ready")
                process.send_signal(signal.SIGTERM)
            else:
                until(lambda: unknown, 120, "the fault is felt")
            until(lambda: process.poll() is not None, 120, "the server ends")
            code = process.returncode
        finally:
            ended.set()
            if self.node.process:
                self.node.kill()
            for thread in threads:
                thread.join()
            said = self.node.server_log()
            self.faults.remove()
            self.node.start()
            self.settle()
        equal(broken, [], "answers that are no answer")
        if place in ("log", ""):
            equal(after, [], "requests acknowledged after the log had failed")
        equal(code, 1, f"exit code, with {said}")
        last = said.strip().splitlines()[-1]
        true(last.startswith("fanledgerd: ") and "cannot be written" in last
             and os.path.join(self.node.data, place) in last, f"it says what and why: {said}")
        return acknowledged, unknown

    def check(self, acknowledged, unknown):
        tips, messages = self.there()
        self.tips |= {a["entry"] for kind, _, a in acknowledged if kind == "tip"}
        self.messages |= {key: a["id"] for kind, key, a in acknowledged if kind == "message"}
        true(self.tips <= tips, f"acknowledged tips are gone: {self.tips - tips}")
        true(self.messages.items() <= messages.items(),
             f"acknowledged messages are gone: {self.messages.keys() - messages.keys()}")
        unsure = sum(kind == "tip" for kind, _ in unknown)
        true(len(tips - self.tips) <= unsure, "tips that nobody sent")
        unsure = {key for kind, key in unknown if kind == "message"}
        true(messages.keys() - self.messages.keys() <= unsure, "messages that nobody sent")
        for kind, key in unknown:
            answer = self.send(kind, key)
            true(answer is not None, f"{key} is acknowledged when sent again")
            if kind == "tip":
                true(answer["entry"] not in self.tips, f"{key} is a tip of its own")
                self.tips.add(answer["entry"])
            else:
                self.messages[key] = answer["id"]
        self.settle()
        tips, messages = self.there()
        equal(sorted(tips ^ self.tips), [], "tips gone or made up after they were sent again")
        equal(sorted(messages.items() ^ self.messages.items()), [],
              "messages gone or made up after they were sent again")
        equal(self.fan.wallet(), FUNDS - CENTS * len(self.tips), "balance")


ALL = ("tip", "tip", "tip", "message", "message")
SYNC = {"calls": "fsync,fdatasync"}
FULL = {"calls": "write,pwrite,truncate,open", "error": "ENOSPC"}
#   what happens, where below DATA, how
LOG_FAULTS = [
    ("a sync fails", "log", {"suffix": ".log", **SYNC}),
    ("one sync fails, and the disk says all is well again", "log",
     {"suffix": ".log", **SYNC, "count": 1}),
    ("the disk is full", "log",
     {"suffix": ".log", "calls": "write,pwrite", "error": "ENOSPC", "short": 1}),
    ("the disk is full for every file of the log", "log", FULL),
    ("the disk is full for every file of the platform", "", FULL),
]
#   felt when it is asked to end and makes durable what it derived
DERIVED_FAULTS = [(f"{what} for the {name}", place, settings)
                  for name, place in (("snapshot", "snapshot"), ("read models", "views"))
                  for what, settings in (("the disk is full", FULL), ("a sync fails", SYNC),
                                         ("one sync fails", {**SYNC, "count": 1}))]


def register_log(name, place, settings, kinds=ALL, what="people pay and write"):
    @fact(f"[D4] [D5] {name} while {what}: no acknowledgement, the server ends and says why, and "
          "everything is there once")
    def _(w):
        for _ in range(ROUNDS):
            first = w.chance.randrange(1, 40)
            w.check(*w.under_fault(kinds, place, False, **settings, **{"from": first}))


def register_derived(name, place, settings):
    @fact(f"[D4] [D5] {name}: the server that is asked to end says what was not written, and "
          "everything is there once")
    def _(w):
        w.check(*w.under_fault(ALL, place, True, **settings))


for row in LOG_FAULTS:
    register_log(*row)
register_log(*LOG_FAULTS[0], ("message", "message"), "people only write messages")
for row in DERIVED_FAULTS:
    register_derived(*row)


@fact("[D4] [D5] the disk is full for the read models while people pay and write: the server ends "
      "by itself and says why, and everything is there once")
def views_alone(w):
    w.check(*w.under_fault(ALL, "views", False, **FULL))


@fact("a server that finds the disk full at its start says so, and ends; with room it starts")
def at_start(w):
    w.node.stop()
    for place in ("", "log", "snapshot", "views"):
        w.faults.prepare()
        w.faults.hit(prefix=os.path.join(w.node.data, place), **FULL)
        try:
            w.node.start()
        except AssertionError:
            last = w.node.server_log().strip().splitlines()[-1]
            equal(w.node.process.poll(), 1, f"exit code with {place}, having said {last}")
            true(last.startswith("fanledgerd: ") and "No space left" in last, f"it says why: {last}")
        else:
            raise AssertionError(f"it started with a full {place}")
        w.faults.remove()
    w.node.start()
    w.settle()


@fact("[D23] the disk is full for uploads: it is told, nothing stays of what came, the server goes "
      "on, and with room so does the upload; full for what is made of it, it waits")
def blobs(w):
    w.faults.prepare()
    w.node.stop()
    w.node.start()
    w.settle()
    film = media.video(2, "320x240")
    upload = w.creator.begin_upload(film)
    sources, blobs = (os.path.join(w.node.data, name) for name in ("sources", "blobs"))
    def files(place):
        return [name for _, _, names in os.walk(place) for name in names if name != "ledger"]
    def state():
        return w.creator.get("/v1/uploads/" + upload)["state"]
    before = files(blobs)
    for moment in range(1, 4):  # of the folder's mark, of its bytes, …
        w.faults.hit(prefix=sources, **FULL, **{"from": moment})
        error = refused(w.creator.send_upload, upload, film, status=507, code="storage_full")
        true("No space left" in error.problem["detail"], f"it says why: {error}")
        equal(files(sources), [], "files of the upload")
        equal(state(), "uploading")
    w.faults.hit(prefix=blobs, **FULL)
    w.creator.send_upload(upload, film)
    until(lambda: f"upload {upload} waits" in w.node.server_log(), 300, "it waits for room")
    equal(state(), "processing")
    tip = w.send("tip", "while-full")
    true(tip, "people pay meanwhile")
    w.tips.add(tip["entry"])
    true(w.node.ready(), "and the server is ready")
    equal(files(blobs), before, "files of what was begun")
    w.faults.relieve()
    until(lambda: state() == "ready", 300, "with room the film is ready")
    until(lambda: any(n.get("media") == upload for n in w.all_rows(w.creator, "/v1/notices")), 60,
          "the creator is told")
    equal(w.node.stop(), 0, "exit code")
    w.faults.remove()
    w.node.start()
    w.settle()


@fact("[D5] whoever paid or wrote while the disk failed was told to send it again, in the same "
      "words")
def told(w):
    for kind, codes in w.codes.items():
        true("outcome_unknown" in codes and "log_failed" not in codes, f"{kind}: {codes}")


@fact("[D8] [D9] after failed disks the auditor finds nothing")
def audit(w):
    equal(w.node.stop(), 0, "the server ends in peace")
    equal(w.node.audit()["findings"], [])
    w.node.start()
    w.settle()


@fact("[P15] [P28] killed in the middle of a transcode, the server makes the video ready once, and "
      "tells so once")
def transcode(w):
    def told():
        return [n for n in w.all_rows(w.creator, "/v1/notices") if n["kind"] == "media_ready"]
    before = len(told())
    uploaded = w.creator.upload(media.video(8, "640x360"))
    for _ in range(2):
        def under_way():
            state = w.creator.get("/v1/uploads/" + uploaded)
            true(state["state"] in ("processing", "ready"), f"unexpected {state}")
            return state["state"] == "ready" or state.get("percent", 0) > 0
        until(under_way, 300, "the transcode is under way")
        w.node.kill()
        w.node.start()
        w.settle()
    def ready():
        state = w.creator.get("/v1/uploads/" + uploaded)
        true(state["state"] in ("processing", "ready"), f"unexpected {state}")
        return state["state"] == "ready"
    until(ready, 300, "the video is ready after all")
    until(lambda: len(told()) > before, 60, "the creator is told")
    w.node.kill()  # nor does a last death make anything happen twice
    w.node.start()
    w.settle()
    equal(len(told()), before + 1, "notices")
    post = w.creator.post("/v1/posts", {"media": uploaded}, key="film")["id"]
    w.settle()
    status, _, clip = w.creator.raw("GET", f"/v1/posts/{post}/preview.mp4")
    equal(status, 200)
    true(float(media.probe(clip)["format"]["duration"]) > 0.2, "it plays")
    equal(os.listdir(os.path.join(w.node.data, "work")), [], "what is left of the work")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World())
