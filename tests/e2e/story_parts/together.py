"""Likes, comments, messages, notices: live, resumed, counted, mailed."""
import concurrent.futures
from email import message_from_binary_file
from email.policy import default as mail_policy

from support.client import PASSWORD, Client
from support.crowd import together
from support.facts import equal, fact, refused, true
from support.live import Listener
from support.node import until


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


@fact("[D21] a session that ends takes its open sockets along at once, and no other's")
def ended_session(w):
    def session():
        client = Client(w.node.url, "bob")
        client.token = client.post("/v1/sessions", {"login": "bob", "password": PASSWORD})["token"]
        return client
    leaving, staying = session(), session()
    gone = [Listener(leaving, {w.channel: None}),
            Listener(leaving, {w.channel: None, "notices": None}, in_handshake=True)]
    there = [Listener(staying, {w.channel: None}),
             Listener(staying, {w.channel: None}, in_handshake=True)]
    leaving.delete("/v1/sessions/current")
    for listener in gone:
        equal(listener.closed(30), (1008, "login_required"))
    w.other.post(f"/v1/posts/{w.post}/comments", {"text": "who is still here?"})
    for listener in there:
        equal(listener.expect("comment")["data"]["text"], "who is still here?")
        listener.close()
    try:
        Listener(leaving, {})
    except AssertionError as error:
        true("login_required" in str(error), f"the token opens no other socket: {error}")
    else:
        raise AssertionError("a socket was opened with the token of an ended session")


@fact("[D26] counts are exact under fifty concurrent likers, each of whom likes twice at once")
def likers(w):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        fans = list(pool.map(lambda n: w.node.client(f"liker{n:02}"), range(50)))
    like = f"/v1/posts/{w.post}/like"
    before = w.fan.get(f"/v1/posts/{w.post}")["likes"]
    equal(before, 1, "likes before")
    together([lambda fan=fan: fan.put(like) for fan in fans * 2])
    w.settle()
    equal(w.fan.get(f"/v1/posts/{w.post}")["likes"], 51)
    together([lambda fan=fan: fan.delete(like) for fan in fans[:20]] +
             [lambda fan=fan: fan.put(like) for fan in fans[20:]])
    w.settle()
    equal(w.fan.get(f"/v1/posts/{w.post}")["likes"], 31)
    comments = w.fan.get(f"/v1/posts/{w.post}")["comments"]
    equal(comments, 23, "comments, the repeated one once")


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
    equal(len(texts), 23)
    equal(len(set(texts)), 23, "no comment twice")
    equal(texts[-1], "Wonderful <3", "the oldest last")


@fact("[P28] the creator gets notices in the app, and by mail in a folder of .eml")
def notices(w):
    wanted = {"verified": 1, "media_ready": 1, "purchase": 2, "subscription": 1, "tip": 1,
              "comment": 23, "message": 1, "deposit": 1}
    told = {}
    def all_told():
        rows, cursor = [], None
        while True:
            page = w.creator.get("/v1/notices?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            rows += [row["kind"] for row in page["data"]]
            cursor = page["next"]
            if not cursor:
                break
        told.update({kind: rows.count(kind) for kind in set(rows)})
        # A like that was taken back before the dispatcher looked tells nothing.
        return all(told.get(kind, 0) >= count for kind, count in wanted.items()) and "like" in told
    until(all_told, 60, "the notices are there")
    true(0 < told.pop("like") <= 51, "notices of likes")
    equal(told, wanted, "notices, each once")
    w.creator_live.expect("notice")
    def subjects():
        out = []
        for path in w.node.mails():
            with open(path, "rb") as file:
                mail = message_from_binary_file(file, policy=mail_policy)
                if mail["To"] == "alice@example.org":
                    out.append(mail["Subject"])
        return out
    until(lambda: any("bought your post for 10.00 USD" in s for s in subjects()) and
          any("tipped you 3.33 USD" in s for s in subjects()), 60, "mail tells of it")
    true(not any("liked" in s for s in subjects()), "no mail for likes")
    def all_read():  # the last of the likes may still be told
        newest = w.creator.get("/v1/notices?limit=1")["data"][0]
        w.creator.put("/v1/notices/read", {"up_to": newest["offset"]})
        return w.creator.get("/v1/me")["unread_notices"] == 0
    until(all_read, 30, "no notice is unread")
