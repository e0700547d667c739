"""The auditor, and what damage makes of it."""
import contextlib
import glob
import json
import os
import random
import re
import shutil
import tempfile

from story_parts import books
from support.facts import equal, fact, true

ENTRY_HEAD = 32  # no longer than this, in bytes: core/log/FORMAT.md


@fact("[B1] the auditor replays everything, and finds nothing")
def audit(w):
    equal(w.node.stop(), 0, "the server ends in peace")
    w.report = w.node.audit()
    equal(w.report["findings"], [])
    text = w.node.run("fanledger", "audit", "verify", "--data", w.node.data).stdout
    true("USD" in text, "the report for people has totals")
    w.export = os.path.join(w.node.folder, "export.log")
    w.node.run("fanledger", "audit", "export", "--data", w.node.data, w.export)
    w.node.run("fanledger", "audit", "verify", "--export", w.export)


@fact("[P10] [D9] deposits, wallets, earnings and the platform's fees are what the rules make of the "
      "story, to the cent")
def totals(w):
    books.balance(w, w.report["totals"])


@contextlib.contextmanager
def changed(path, at, mask):
    """The file with a byte changed; as it was, behind."""
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ mask]))
    try:
        yield
    finally:
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(bytes([byte]))


def places(chance, size, count):
    """Bytes all over a file, the first and the last among them, each with a bit to change."""
    spots = [0, size - 1] + [chance.randrange(size) for _ in range(count - 2)]
    return [(at, 1 << chance.randrange(8)) for at in spots]


def told(w, *source):
    """What the auditor says of what it must not accept: one line a finding or error."""
    done = w.node.run("fanledger", "audit", "verify", *source, "--json", expect=None)
    true(done.returncode in (1, 3), f"exit code {done.returncode}: {done.stdout}{done.stderr}")
    if done.returncode == 3:
        return [done.stderr.strip()]
    return [f"{f['code']} {f['stream']}/{f['partition']}@{f['offset']} {f['detail']}"
            for f in json.loads(done.stdout)["findings"]]


@fact("[B1] after one byte of the export is changed anywhere, the auditor says what and where")
def damaged_export(w):
    seed = int(os.environ.get("FANLEDGER_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    w.chance = random.Random(seed)
    for at, mask in places(w.chance, os.path.getsize(w.export), 40):
        with changed(w.export, at, mask):
            said = told(w, "--export", w.export)
        true(said and all(re.search(r"byte \d+", line) for line in said),
             f"byte {at} of the export changed, and this is told: {said}")
        where = min(int(re.search(r"byte (\d+)", line)[1]) for line in said)
        # A changed length is felt where the head of its entry ends.
        true(where <= at + ENTRY_HEAD, f"byte {at} changed, and it points behind: {said}")
    w.node.run("fanledger", "audit", "verify", "--export", w.export)


@fact("[B1] after one byte of the log of a stopped or of a killed server is changed anywhere, the "
      "auditor names the file")
def damaged_log(w):
    with tempfile.TemporaryDirectory() as folder:
        stopped, killed = os.path.join(folder, "stopped"), os.path.join(folder, "killed")
        shutil.copytree(w.node.data, stopped)
        w.node.start("--roles", "api,owner")  # so that no write is under way when it is killed
        w.fan.url = w.node.url
        for number in range(50):
            w.fan.put(f"/v1/posts/{w.post}/like")
            w.fan.delete(f"/v1/posts/{w.post}/like", key=f"again-{number}")
        w.settle()
        w.node.kill()
        shutil.copytree(w.node.data, killed)
        for data, kind in ((stopped, "sst"), (killed, "sst"), (killed, "log")):
            files = [f for f in glob.glob(os.path.join(data, "log", "*." + kind))
                     if os.path.getsize(f) > 0]
            true(files, f"{kind} files of {data}")
            w.node.run("fanledger", "audit", "verify", "--data", data)
            for number in range(20):
                victim = files[number % len(files)]
                at, mask = places(w.chance, os.path.getsize(victim), 20)[number]
                with changed(victim, at, mask):
                    said = told(w, "--data", data)
                true(any(os.path.basename(victim) in line for line in said),
                     f"byte {at} of {victim} changed, and this is told: {said}")
            w.node.run("fanledger", "audit", "verify", "--data", data)


@fact("[B1] one changed balance in a read model is found, and its row is named")
def changed_balance(w):
    w.node.start()
    equal(w.node.stop(), 0, "the server ends in peace")
    equal(w.node.audit()["findings"], [], "clean before")
    key = w.node.run("read_model_forger", w.node.data).stdout.strip().lower()
    findings = w.node.audit(expect=1)["findings"]
    equal([(f["code"], f["stream"]) for f in findings], [("read_model_differs", "read_models")])
    true(f"wallets, key {key}:" in findings[0]["detail"], f"it names the row {key}: {findings}")
