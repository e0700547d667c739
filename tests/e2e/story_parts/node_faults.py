"""Workers and API nodes that lose what they had."""
import json
import os
import pathlib
import shutil
import time

from support import media
from support.facts import equal, fact, true
from support.node import until


def family():
    """Of every process: its name and its parent."""
    found = {}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            state = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        name, rest = state.split("(", 1)[1].rpartition(")")[::2]
        found[int(process)] = name, int(rest.split()[1])
    return found


def transcoding(w):
    """The worker below which ffmpeg runs now; None if there is none."""
    workers = {w.node.topology.node(name)["pid"]: name for name in w.node.topology.of_role("worker")}
    found = family()
    for process in [one for one, (name, _) in found.items() if name == "ffmpeg"]:
        while process in found:
            if process in workers:
                return workers[process]
            process = found[process][1]
    return None


@fact("[B16] a worker is killed in the middle of a video: the other makes it ready, once, and parks nothing")
def killed_worker(w):
    film = media.video(20)
    logs = {name: w.node.topology.log_of(name) for name in w.node.topology.of_role("worker")}
    with w.hammered("worker") as load:
        upload = w.creator.upload(film)

        def state():
            return w.creator.get("/v1/uploads/" + upload)

        def under_way():
            true(state()["state"] != "ready", "it was ready before a worker could be killed")
            return transcoding(w)

        victim = until(under_way, 120, "a worker transcodes the video")
        began = time.monotonic()
        w.node.topology.kill(victim)
        until(lambda: transcoding(w) not in (None, victim), 90, "the other worker has taken it")
        print(f"  the other had the video {time.monotonic() - began:.1f} s after {victim} was killed", flush=True)
        until(lambda: state()["state"] == "ready", 240, "the video is ready")
        print(f"  and it was ready after {time.monotonic() - began:.1f} s", flush=True)
        w.node.topology.start(120, victim)
        load.goes_on("meanwhile", 10)
    w.settle()
    equal(state()["state"], "ready", "the video")
    shown = w.node.run("fanledger", "audit", "show", "--kafka", w.node.topology.bootstrap, "--count", "10000000")
    lines = [line for line in shown.stdout.splitlines() if upload in line and "egistered" in line]
    equal(len(lines), 1, f"how often the ledger says that {upload} is ready: {lines}")
    json.loads(lines[0])
    for name, log in logs.items():
        parked = [line for line in log.read_text(errors="replace").splitlines() if "is parked" in line]
        equal(parked, [], f"what {name} parked")


@fact("[B16] an API node that lost its whole folder comes back from Kafka alone, and shows the same")
def emptied_api(w):
    victim, other = w.node.topology.of_role("api")[::-1]
    with w.hammered("emptied", lost=True) as load:
        w.node.away.add(victim)
        w.node.topology.kill(victim)
        shutil.rmtree(w.node.topology.data_of(victim))
        load.goes_on("without it")
        began = time.monotonic()
        w.node.topology.start(120, victim)
        print(f"  {victim} was ready again after {time.monotonic() - began:.1f} s", flush=True)
        w.node.away.clear()
        load.goes_on("with it again")
    w.settle()

    def seen(url):
        w.fan.url = url
        w.fan.position = None
        feed = w.fan.get("/v1/feed?limit=100")["data"]
        return {"wallet": w.fan.get("/v1/me")["wallet"], "feed": [post["id"] for post in feed],
                "statement": w.fan.get("/v1/me/wallet/statement?limit=100")["data"],
                "purchases": w.creator.get("/v1/me")["earnings"]}

    mine, theirs = seen(w.node.topology.url(victim)), seen(w.node.topology.url(other))
    true(mine["feed"] and mine["statement"], f"something is shown: {mine}")
    equal(mine, theirs, f"what {victim} shows")
