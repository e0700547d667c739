"""Two threads that buy with one wallet until it is dry, many posts, each post twice."""
import threading

from support.client import Client, Refused
from support.facts import equal, true

PRICE = 300
AFFORDED = 20
OTHERS = ("already_purchased", "insufficient_funds")


class Buyers:
    """Every third key is used by both: whichever comes second gets the same answer."""

    def __init__(self, w, name):
        self.w, self.name = w, name
        self.fan = w.node.client(name)
        w.deposit(name, AFFORDED * PRICE)
        self.answers, self.lock, self.wrong = {}, threading.Lock(), []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(n,)) for n in range(2)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def keys(self, worker):
        return [(post, f"{self.name}-{number}" + (f"-{worker}" if number % 3 else ""))
                for number, post in enumerate(self.w.posts)]

    def work(self, worker):
        for post, key in self.keys(worker):
            if self.stopping.is_set():
                return
            self.buy(post, key)
            self.stopping.wait(0.2)

    def buy(self, post, key):
        client = Client(self.w.node.url)
        client.token = self.fan.token
        try:
            answer = client.post(f"/v1/posts/{post}/purchase",
                                 {"price": {"amount": PRICE, "currency": "USD"}}, key=key)["entry"]
        except Refused as error:
            answer = error.code
            if error.status == 503 or answer == "outcome_unknown":
                return
            if answer not in OTHERS:
                self.wrong.append(f"{key}: {error}")
        except Exception as error:  # pylint: disable=broad-except
            if not self.w.node.away:
                self.wrong.append(f"{key}: {error!r}")
            return
        with self.lock:
            # A refusal may become another one: it is no entry, and nothing was done.
            before = self.answers.get(key, answer)
            if before != answer and not {before, answer} <= set(OTHERS):
                self.wrong.append(f"{key}: {before}, and then {answer}")
            self.answers[key] = answer

    def settle(self):
        """All that nobody answered is asked again; then exactly what was paid in is spent."""
        for post, key in self.keys(0) + self.keys(1):
            if key not in self.answers:
                self.buy(post, key)
        equal(self.wrong, [], "answers that no buyer should get")
        self.w.settle()
        entries = [answer for answer in self.answers.values() if answer not in OTHERS]
        equal(len(entries), len(set(entries)), "each key an entry of its own")
        equal(len(entries), AFFORDED, "purchases")
        equal(self.fan.wallet(), 0, "the dry wallet")
        rows, cursor = [], None
        while cursor is not None or not rows:
            page = self.fan.get("/v1/me/wallet/statement?limit=100" +
                                (f"&cursor={cursor}" if cursor else ""))
            rows += page["data"]
            cursor = page["next"] or None
            if cursor is None:
                break
        equal(sorted(row["entry"] for row in rows if row["kind"] != "deposit"), sorted(entries),
              "the statement")
        held = 0
        for row in reversed(rows):  # the oldest first
            held += row["amount"]["amount"]
            true(held >= 0, f"the wallet held {held} at {row}")
        equal(held, 0, "the sum of the statement")
        self.w.sold += [("purchase", PRICE)] * AFFORDED
