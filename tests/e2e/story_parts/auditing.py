"""The auditor, and what damage makes of it."""
import glob
import json
import os
import random
import shutil
import tempfile

from support.facts import equal, fact, true


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

