"""Empty wallets, and many who buy at once."""
from support.client import Client, Refused, new_key
from support.crowd import together
from support.facts import equal, fact


def outcomes(client, purchases):
    """How many of the (post, key), all sent at one moment, went through, and why not the others."""
    def buy(post, key):
        mine = Client(client.url)
        mine.token = client.token
        try:
            mine.post(f"/v1/posts/{post}/purchase", {"price": {"amount": 300, "currency": "USD"}},
                      key=key)
            return "bought"
        except Refused as error:
            return error.code
    return sorted(together([lambda one=one: buy(*one) for one in purchases]))


@fact("[D3] [D6] concurrent purchases of different posts never overdraw the wallet")
def overdraft(w):
    poor = w.node.client("dave")
    w.deposit("dave", 10_00)
    posts = [w.creator.post("/v1/posts", {
        "media": w.media, "caption": f"Short film {number}", "premium": True,
        "price": {"amount": 300, "currency": "USD"}}, key=f"short-{number}")["id"]
             for number in range(8)]
    w.settle()
    equal(outcomes(poor, [(post, new_key()) for post in posts]),
          ["bought"] * 3 + ["insufficient_funds"] * 5)
    w.settle()
    equal(poor.wallet(), 100, "what is left")
    equal(len(poor.get("/v1/me/purchases")["data"]), 3, "posts that dave has")
    w.sold += [("purchase", 300)] * 3
    w.short_film = posts[0]


@fact("[D3] [D5] one post bought with many keys at once is bought once")
def bought_once(w):
    erin = w.node.client("erin")
    w.deposit("erin", 100_00)
    equal(outcomes(erin, [(w.short_film, f"once-{number}") for number in range(16)]),
          ["already_purchased"] * 15 + ["bought"])
    w.settle()
    equal(erin.wallet(), 100_00 - 300, "charged once")
    w.sold.append(("purchase", 300))
