#!/usr/bin/python3
"""scripts/run makes a platform with a small world in it, and playing it again changes nothing.

With short films; FANLEDGER_LONG=1 plays in what a newcomer gets, with a minute in 1080p.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(__file__))
# pylint: disable=wrong-import-position
from support import media
from support.client import Client, Refused
from support.facts import equal, fact, run, true
from support.node import BIN, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONG = os.environ.get("FANLEDGER_LONG") == "1"
SECONDS = 3600 if LONG else 400


class World:
    """A folder of its own for the demo, and what it was seen to hold."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fanledger-demo-test-"))
        self.data = self.folder / "data"
        self.accounts_file = self.data / "demo-accounts.json"
        self.running = None
        self.lines = []

    def command(self, *options, listen="127.0.0.1:0"):
        return [str(ROOT / "scripts/run"), "--no-build", *([] if LONG else ["--short"]),
                "--data", str(self.data), "--listen", listen, *options]

    def to_its_end(self, *options, expect=0, **more):
        try:
            done = subprocess.run(self.command(*options, **more), capture_output=True, text=True,
                                  timeout=SECONDS, check=False, stdin=subprocess.DEVNULL,
                                  cwd=self.folder,
                                  env={**os.environ, "FANLEDGER_BIN": BIN})
        except subprocess.TimeoutExpired as error:
            said = (error.stdout or b"") + (error.stderr or b"")
            raise AssertionError(f"not done after {SECONDS} s, with\n{said.decode()}\n"
                                 f"{self.server_log()}") from error
        equal(done.returncode, expect, f"exit code, with\n{done.stdout}\n{done.stderr}")
        return done

    def server_log(self):
        log = self.data / "server.log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else "no server log"

    def foreground(self):
        """Starts it as a person does, and waits until it serves."""
        self.lines = []
        self.running = subprocess.Popen(
            self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            stdin=subprocess.DEVNULL, cwd=self.folder,
            env={**os.environ, "FANLEDGER_BIN": BIN})
        def read(output):
            for line in output:
                self.lines.append(line)
        self.reader = threading.Thread(target=read, args=(self.running.stdout,), daemon=True)
        self.reader.start()
        def serves():
            true(self.running.poll() is None, "it ended early:\n" + "".join(self.lines))
            return any("Ctrl-C to stop" in line for line in self.lines)
        until(serves, SECONDS, "the demo is played in")

    def interrupt(self):
        self.running.send_signal(signal.SIGINT)
        code = self.running.wait(120)
        self.reader.join(10)
        self.running = None
        return code

    def output(self):
        return "".join(self.lines)

    def tool(self, *arguments):
        return subprocess.run([os.path.join(BIN, "fanledger"), *arguments], capture_output=True,
                              text=True, timeout=SECONDS, check=False)

    def type(self, command):
        """What a newcomer gets who copies a command from the screen; it must succeed."""
        done = subprocess.run(["bash", "-ec", command], capture_output=True, text=True,
                              timeout=SECONDS, check=False, cwd=self.folder)
        equal(done.returncode, 0, f"exit code of {command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def events(self):
        """How many events the ledger holds."""
        done = self.tool("audit", "show", "--data", str(self.data), "--count", "100000")
        equal(done.returncode, 0, done.stderr)
        return len(done.stdout.splitlines())

    def log_in(self, username):
        client = Client(self.url, username)
        client.token = client.post("/v1/sessions", {
            "login": username, "password": self.passwords[username]})["token"]
        return client

    def close(self):
        if self.running:
            self.running.send_signal(signal.SIGTERM)
            self.running.wait(120)
        shutil.rmtree(self.folder, ignore_errors=True)


@fact("one command makes a platform, plays everything in, says so, and ends with 0")
def first(w):
    said = w.to_its_end("--check").stdout
    for words in ("making a platform", "making valley.mp4", "processing valley done",
                  "The platform runs at http://127.0.0.1:", "staff deposit ana 25.00 USD",
                  "audit verify --data", "needs the server stopped", "run: stopped"):
        true(words in said, f"{words!r} is missing in\n{said}")
    w.first_events = w.events()
    true(w.first_events > 40, f"{w.first_events} events in the ledger")


@fact("the passwords are random, printed, and in a file that its owner alone reads")
def passwords(w):
    people = json.loads(w.accounts_file.read_text())["accounts"]
    equal(stat.S_IMODE(w.accounts_file.stat().st_mode), 0o600, "mode of the file")
    equal(sorted(one["role"] for one in people), ["creator"] * 3 + ["fan"] * 4)
    w.passwords = {one["username"]: one["password"] for one in people}
    equal(len(set(w.passwords.values())), 7, "different passwords")


@fact("a play that was cut off is played again from the start, and nothing is done twice")
def again(w):
    document = json.loads(w.accounts_file.read_text())
    document["played"] = False
    w.accounts_file.write_text(json.dumps(document))
    w.foreground()
    w.url = re.search(r"The platform runs at (\S+)", w.output())[1]
    for name, password in w.passwords.items():
        true(re.search(rf"{re.escape(name)} +{re.escape(password)}\n", w.output()),
             f"{name} is in the summary")
    true("making valley.mp4" not in w.output(), "no film is made again")
    posts = Client(w.url).get("/v1/feed?limit=100")["data"]
    equal(len(posts), 8, "posts in the feed")
    equal(len({post["caption"] for post in posts}), 8, "each once")
    w.posts = {post["caption"].split(",")[0].split(":")[0]: post for post in posts}
    equal(sorted(post["kind"] for post in posts), ["photo"] * 3 + ["video"] * 5)
    equal(sum(post["premium"] for post in posts), 4, "premium posts")
    valley = w.posts["Into the Mandelbrot valley"]
    equal((valley["likes"], valley["comments"]), (3, 3), "likes and comments of the valley")
    comments = w.log_in("ben").get(f"/v1/posts/{valley['id']}/comments")  # he bought it
    texts = [one["text"] for one in comments["data"]]
    equal(texts[-1], "The third spiral at half a minute is the best part.", "the first comment")
    equal(sum(post["comments"] for post in posts), 10, "comments, each once")
    equal(sum(post["likes"] for post in posts), 13, "likes, each once")


@fact("wallets and earnings are those of one play, to the cent")
def books(w):
    wanted = {"ana": 10000 - 999 - 500, "ben": 6000 - 499 - 1200 - 333,
              "cleo": 4000 - 450 - 200 - 250, "dan": 1500 - 150 - 100}
    for name, amount in wanted.items():
        equal(w.log_in(name).wallet(), amount, f"wallet of {name}")
    # of a purchase half is earned, of a subscription 90 %, of a tip 80 %; fees round down
    earned = {"mira.films": 900 + 600 + 75 + 400, "otto.lab": 450 + 225 + 267 + 80,
              "nia.photo": 100 + 200}
    for name, amount in earned.items():
        equal(w.log_in(name).wallet(book="earnings"), amount, f"earnings of {name}")
    creators = {name: Client(w.url).get("/v1/users/" + name) for name in earned}
    equal({name: (one["verified"], one["subscribers"], one["followers"])
           for name, one in creators.items()},
          {"mira.films": (True, 1, 0), "otto.lab": (True, 1, 0), "nia.photo": (True, 0, 2)})


@fact("the commands that it prints to try do what stands above them")
def commands(w):
    lines = w.output().split("Try:")[1].split("Press Ctrl-C")[0].splitlines()
    w.commands = [line.strip() for line in lines if line.strip() and not line.strip()[0] == "#"]
    equal(len(w.commands), 4, f"commands: {w.commands}")
    feed = json.loads(w.type(w.commands[0]))["data"]
    equal({post["access"]["allowed"] for post in feed if post["premium"]}, {False}, "premium works")
    before = w.log_in("ana").wallet()
    w.type(w.commands[1])
    w.first_events += 1
    until(lambda: w.log_in("ana").wallet() == before + 2500, 60, "the deposit of 25.00")


@fact("a conversation stands in its order, each message once")
def conversation(w):
    texts = [one["text"] for one in w.log_in("ana").get("/v1/users/mira.films/messages")["data"]]
    equal(len(texts), 3)
    true(texts[0].startswith("Then") and texts[2].startswith("Hello Mira"), f"the order: {texts}")


@fact("a bought film plays with picture and sound, and is closed to who has not paid")
def plays(w):
    valley = w.posts["Into the Mandelbrot valley"]["id"]
    fan = w.log_in("ben")
    playlist = fan.post(f"/v1/posts/{valley}/playback")["playlist"]
    found = media.probe(w.url + playlist, "-headers", f"Authorization: Bearer {fan.token}\r\n")
    kinds = {stream["codec_type"] for stream in found["streams"]}
    true({"video", "audio"} <= kinds, f"streams: {kinds}")
    seconds = 60 if LONG else 6
    true(abs(float(found["format"]["duration"]) - seconds) < 0.3,
         f"{found['format']['duration']} s of {seconds}")
    heights = sorted(s["height"] for s in found["streams"] if s["codec_type"] == "video")
    true(len(heights) > 1 if LONG else heights, f"renditions: {heights}")
    equal(heights[-1], 1080 if LONG else 360, f"the best of the renditions {heights}")
    equal(media.play(w.url + playlist, len(heights) - 1, "-headers",
                     f"Authorization: Bearer {fan.token}\r\n"), (0, "", seconds * 30),
          "exit code, complaints and frames of a player")
    try:
        w.log_in("dan").post(f"/v1/posts/{valley}/playback")
    except Refused as error:
        equal((error.status, error.code), (402, "payment_required"))
    else:
        raise AssertionError("dan has not paid")


@fact("a second one in the same folder is refused clearly, and removes nothing")
def same_folder(w):
    for options in ((), ("--fresh",)):
        done = w.to_its_end("--check", *options, expect=1)
        true("is in use by a running fanledgerd" in done.stderr, done.stderr)
    equal(len(Client(w.url).get("/v1/feed")["data"]), 8, "posts in the feed")


@fact("Ctrl-C stops the server cleanly, with exit code 0")
def ctrl_c(w):
    equal(w.interrupt(), 0, "exit code")
    true("run: stopped" in w.output(), "it says that the server stopped")
    try:
        Client(w.url).get("/readyz")
    except OSError:
        return
    raise AssertionError("the server still answers")


@fact("when the content is there, it is not played again; the ledger has not one event more")
def third(w):
    equal(w.events(), w.first_events, "events after the second play")
    said = w.to_its_end("--check").stdout
    true("the content is there already" in said, said)
    true("sign up" not in said, "nobody signs up")
    equal(w.events(), w.first_events, "events after the third start")


@fact("the auditor finds nothing in it, nor in its export, by the commands that it prints")
def audit(w):
    done = w.tool("audit", "verify", "--data", str(w.data), "--json")
    equal(done.returncode, 0, done.stdout + done.stderr)
    equal(json.loads(done.stdout)["findings"], [])
    for command in w.commands[2:]:
        true("everything that was checked holds" in w.type(command), command)


@fact("a port that is taken is said at once, and how to choose another")
def taken(w):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        done = w.to_its_end("--check", listen=address, expect=1)
    true(address in done.stderr and "--listen" in done.stderr, done.stderr)


@fact("--fresh --no-demo makes a new empty platform, but removes no folder with other things in it")
def fresh(w):
    mine = w.data / "my-thesis.txt"
    mine.write_text("years of work")
    done = w.to_its_end("--check", "--fresh", "--no-demo", expect=1)
    true("my-thesis.txt" in done.stderr and mine.exists(), done.stderr)
    equal(w.events(), w.first_events, "all is still there")
    mine.unlink()
    done = w.to_its_end("--check", "--fresh", "--no-demo")
    true("removing the platform" in done.stdout, done.stdout)
    equal(w.events(), 0, "events")
    true(not w.accounts_file.exists(), "no accounts")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run(World())
