"""Plays content.py into a platform through its public API, as its people would.

Each act has a key that is always the same, so that a play that was cut off is played again from
the start, and nothing is done twice.
"""
import hashlib
import pathlib
import sys
import tempfile
import time

import api
import content
import film

STALL_SECONDS = 1800  # without any progress of processing
# What a refusal says when the deed is done already, under another key.
DONE_BEFORE = {"already_purchased", "already_subscribed"}


class Progress:
    """A percentage: on a terminal in one line that changes, else every quarter."""

    def __init__(self, say, what):
        self._say = say
        self._what = what
        self._shown = 0
        self._is_terminal = sys.stdout.isatty()

    def show(self, percent):
        if self._is_terminal and percent != self._shown:
            print(f"\rdemo: {self._what} {percent:3} %", end="", flush=True)
            self._shown = percent
        elif not self._is_terminal and percent // 25 > self._shown // 25:
            self._say(f"demo: {self._what} {percent:3} %")
            self._shown = percent

    def end(self, outcome):
        if self._is_terminal:
            print("\r", end="")
        self._say(f"demo: {self._what} {outcome}")


class Play:
    def __init__(self, platform, book, is_short, say):
        self.platform = platform
        self.book = book
        self.is_short = is_short
        self.say = say
        self.people = {}   # username → Api, logged in
        self.posts = {}    # name of a work → the post's id
        self.visitor = api.Api(platform.url)

    def run(self):
        self.enter()
        self.verify()
        self.show_works()
        self.pay()
        self.talk()

    def by(self, username, method, path, body=None, key=None):
        """One act of a person; None if it was done before."""
        person = self.people[username]
        try:
            return person.call(method, path, body, key and "demo-" + key)
        except api.Refused as error:
            if error.code in DONE_BEFORE:
                return None
            raise

    def settle(self):
        """Everybody sees what anybody has written until now."""
        positions = [one.position for one in self.people.values() if one.position]
        for person in self.people.values():
            for position in positions:
                person.position = position
                person.call("GET", "/v1/me")

    def enter(self):
        self.say(f"demo: {len(self.book.people)} people sign up and log in")
        for one in self.book.people:
            name, password = one["username"], one["password"]
            person = self.people[name] = api.Api(self.platform.url)
            if not person.exists("/v1/users/" + name):
                person.call("POST", "/v1/accounts", {
                    "email": one["email"], "username": name, "role": one["role"],
                    "password": password, "password_repeat": password}, "demo-sign-up-" + name)
            try:
                person.token = person.call("POST", "/v1/sessions", {
                    "login": name, "password": password}, "demo-log-in-" + name)["token"]
            except api.Refused as error:
                if error.status == 401:
                    error.args = (f"{name} exists, but not with the password of the demo: begin "
                                  "anew with --fresh, or use --no-demo", )
                raise
            person.call("GET", "/v1/me")

    def verify(self):
        for name, price in content.CREATORS.items():
            self.platform.staff("demo-verify-" + name, "creator", "verify", name)
            self.by(name, "PUT", "/v1/me/subscription-price", {"price": usd(price)},
                    "subscription-price-" + name)
            terms = f"a subscription costs {price / 100:.2f} USD" if price else "following is free"
            self.say(f"demo: staff verified {name}; {terms}")

    def show_works(self):
        """Makes, uploads and publishes the works that are not there yet."""
        there = {}
        for name in content.CREATORS:
            for post in self.people[name].pages(f"/v1/users/{name}/posts"):
                there[post["caption"]] = post["id"]
        missing = []
        for work in content.WORKS:
            if work.caption in there:
                self.posts[work.name] = there[work.caption]
            else:
                missing.append(work)
        with tempfile.TemporaryDirectory(prefix="fanledger-demo-") as folder:
            uploaded = [(work, self.upload(work, pathlib.Path(folder))) for work in missing]
        for work, media in uploaded:
            self.process(work, media)
            self.posts[work.name] = self.by(work.author, "POST", "/v1/posts", {
                "media": media, "caption": work.caption, "premium": work.price > 0,
                **({"price": usd(work.price)} if work.price else {})},
                f"post-{work.name}-{media}")["id"]
            price = f"for {work.price / 100:.2f} USD" if work.price else "free to see"
            self.say(f"demo: {work.author} published “{work.caption}”, {price}")

    def upload(self, work, folder):
        path = folder / (work.name + (".jpg" if work.is_photo else ".mp4"))
        progress = Progress(self.say, f"making {path.name}")
        if work.is_photo:
            film.photo(work, path, progress.show)
        else:
            film.film(work, path, self.is_short, progress.show)
        size = path.stat().st_size
        progress.end(f"done, {size / 1e6:.1f} MB" if size >= 1e6 else f"done, {size // 1000} kB")
        # The key names the very bytes: an upload that was cut off goes on only with the same.
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        media = self.people[work.author].upload(path, f"demo-media-{work.name}-{digest}")
        path.unlink()
        return media

    def process(self, work, media):
        progress = Progress(self.say, f"processing {work.name}")
        seen, since = None, time.monotonic()
        while True:
            state = self.people[work.author].call("GET", "/v1/uploads/" + media)
            if state["state"] == "ready":
                progress.end("done")
                return
            if state["state"] != "processing":
                raise film.FilmError(f"the platform did not take {work.name}: {state}")
            if state != seen:
                seen, since = state, time.monotonic()
            if time.monotonic() - since > STALL_SECONDS:
                raise film.FilmError(f"no progress of {work.name} in {STALL_SECONDS} s: {state}")
            progress.show(state["percent"])
            time.sleep(0.3)

    def pay(self):
        for name, amount in content.FANS.items():
            self.platform.staff("demo-deposit-" + name, "deposit", name, amount, "USD",
                                "--reference", "demo deposit of " + name)
            self.say(f"demo: staff deposited {amount} USD for {name}")
        self.settle()
        for fan, creator in content.SUBSCRIPTIONS:
            price = content.CREATORS[creator]
            self.by(fan, "POST", f"/v1/users/{creator}/subscription", {"price": usd(price)},
                    f"subscription-{fan}-{creator}")
            self.say(f"demo: {fan} {'subscribed to' if price else 'follows'} {creator}")
        prices = {work.name: work.price for work in content.WORKS}
        for fan, work in content.PURCHASES:
            self.by(fan, "POST", f"/v1/posts/{self.posts[work]}/purchase",
                    {"price": usd(prices[work])}, f"purchase-{fan}-{work}")
            self.say(f"demo: {fan} bought {work} for {prices[work] / 100:.2f} USD")
        for fan, creator, amount, note, work in content.TIPS:
            body = {"amount": usd(amount)}
            if note:
                body["note"] = note
            if work:
                body["post"] = self.posts[work]
            self.by(fan, "POST", f"/v1/users/{creator}/tips", body,
                    f"tip-{fan}-{creator}-{amount}")
            self.say(f"demo: {fan} tipped {creator} {amount / 100:.2f} USD")

    def talk(self):
        self.settle()
        for person, work in content.LIKES:
            self.by(person, "PUT", f"/v1/posts/{self.posts[work]}/like",
                    key=f"like-{person}-{work}")
        for number, (person, work, text) in enumerate(content.COMMENTS):
            self.by(person, "POST", f"/v1/posts/{self.posts[work]}/comments", {"text": text},
                    f"comment-{number}-{person}-{work}")
        for number, (sender, to, text) in enumerate(content.MESSAGES):
            # Who answers has read what was written.
            self.people[sender].position = self.people[to].position
            self.by(sender, "POST", f"/v1/users/{to}/messages", {"text": text},
                    f"message-{number}-{sender}-{to}")
        self.settle()
        self.say(f"demo: {len(content.LIKES)} likes, {len(content.COMMENTS)} comments and "
                 f"{len(content.MESSAGES)} messages")


def usd(cents):
    return {"amount": cents, "currency": "USD"}
