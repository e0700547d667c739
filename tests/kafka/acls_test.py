#!/usr/bin/python3
"""The broker of docker/compose.yaml, with its certificates and docker/acls: who may do what, for real."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("tests/house", "scripts/broker")]
import artifacts  # noqa: E402
import facts  # noqa: E402
import processes  # noqa: E402
import settings  # noqa: E402

DOCKER = ROOT / "docker"
PRINCIPALS = ("broker", "admin", "owner", "api", "worker", "auditor")
TOPICS = ("ledger", "activity", "jobs", "secrets")
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg"
SECONDS = 90


class Broker:
    """That of compose.yaml, with other ports and paths."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port, controller = processes.free_ports(2)
        self.bootstrap = f"127.0.0.1:{self.port}"
        facts_of = facts.run(DOCKER / "prepare", "--kafka-only", self.folder / "made")
        assert facts_of.returncode == 0, facts_of.stdout
        made = self.folder / "made/kafka"
        for name in PRINCIPALS:  # as a container of this name sees its secrets
            seen = self.folder / "secrets" / name
            seen.mkdir(parents=True)
            for part, mounted in (("ca.pem", "kafka-ca.pem"), (f"{name}.pem", "kafka.pem"),
                                  (f"{name}.key", "kafka.key"), (f"{name}-keystore.pem", "kafka-keystore.pem")):
                shutil.copy(made / part, seen / mounted)
        text = (DOCKER / "kafka/server.properties").read_text()
        for old, new in (("1@kafka:9093", f"1@127.0.0.1:{controller}"), ("CONTROLLER://:9093",
                         f"CONTROLLER://127.0.0.1:{controller}"), ("SSL://:9092", f"SSL://{self.bootstrap}"),
                         ("SSL://kafka:9092", f"SSL://{self.bootstrap}"),
                         ("/var/lib/kafka/data", f"{folder}/data"),
                         ("auto.create.topics.enable=false", "auto.create.topics.enable=true")):
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "server.properties").write_text(self.seen_by("broker", text))
        (self.folder / "log4j.properties").write_text(settings.LOGGING)
        for name in PRINCIPALS:
            conf = (DOCKER / "kafka/client.conf").read_text()
            (self.folder / f"{name}.conf").write_text(self.seen_by(name, conf))
        admin = (DOCKER / "kafka/admin.properties").read_text()
        (self.folder / "admin.properties").write_text(self.seen_by("admin", admin))
        self.node = {"pid": 0, "born": 0}

    def seen_by(self, name, text):
        return text.replace("/run/secrets", str(self.folder / "secrets" / name))

    def java(self, program, *arguments):
        return settings.java(artifacts.fetch(), artifacts.need("java"), self.folder / "log4j.properties", program,
                             *arguments)

    def start(self):
        config = self.folder / "server.properties"
        done = facts.run(*self.java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", config))
        assert done.returncode == 0, done.stdout
        process = processes.start(self.java("kafka.Kafka", config), self.folder / "log.txt", tied=True)
        self.node = {"pid": process.pid, "born": processes.born(process.pid)}
        deadline = time.monotonic() + SECONDS
        while self.kcat("admin", "-L", "-m", "3").returncode:
            log = (self.folder / "log.txt").read_text()
            assert processes.runs(self.node) and time.monotonic() < deadline, log[-3000:]
            time.sleep(0.1)

    def kcat(self, name, *arguments, stdin=""):
        return subprocess.run(["kcat", "-F", self.folder / f"{name}.conf", "-b", self.bootstrap, *arguments],
                              input=stdin, text=True, capture_output=True, timeout=60, check=False)

    def may_write(self, name, topic):
        # kcat's exit code is 0 also where a record that cannot be written is thrown away at its end.
        record = f"{name} {uuid.uuid4()}"
        self.kcat(name, "-P", "-t", topic, "-X", "enable.idempotence=true", "-X", "message.timeout.ms=20000",
                  stdin=record + "\n")
        done = self.kcat("admin", "-C", "-t", topic, "-o", "beginning", "-e", "-q")
        return record in done.stdout.splitlines()

    def may_read(self, name, topic):
        done = self.kcat(name, "-C", "-t", topic, "-o", "beginning", "-c", "1", "-q")
        return done.returncode == 0 and done.stdout.startswith("admin ")

    def apply(self):
        """docker/acls/apply, with Kafka's tool from its jars."""
        tool = self.folder / "kafka-acls"
        command = " ".join(f"'{word}'" for word in self.java("kafka.admin.AclCommand"))
        tool.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        tool.chmod(0o755)
        done = facts.run(DOCKER / "acls/apply", self.bootstrap, self.folder / "admin.properties",
                         env={**os.environ, "KAFKA_ACLS": str(tool)})
        assert done.returncode == 0, done.stdout


@contextlib.contextmanager
def broker():
    with tempfile.TemporaryDirectory() as folder:
        made = Broker(folder)
        try:
            made.start()
            yield made
        finally:
            processes.stop([made.node], gently=False)


@facts.fact("the owner alone writes the ledger; API nodes and workers what is theirs; nodes read everything, the "
            "auditor what is not secret; a stranger and whoever has no certificate nothing")
def _():
    with broker() as kafka:
        topics = {name: f"fanledger.{name}" for name in TOPICS}
        for topic in (*topics.values(), "other"):
            assert kafka.may_write("admin", topic)
        assert not kafka.may_write("owner", topics["ledger"]), "before the rights are given"
        kafka.apply()
        write = {"owner": {"ledger"}, "api": {"activity", "jobs", "secrets"}, "worker": {"activity", "jobs"},
                 "auditor": set()}
        read = {**dict.fromkeys(("owner", "api", "worker"), set(TOPICS)), "auditor": set(TOPICS) - {"secrets"}}
        found_write = {name: {one for one in TOPICS if kafka.may_write(name, topics[one])} for name in write}
        assert found_write == write, found_write
        found_read = {name: {one for one in TOPICS if kafka.may_read(name, topics[one])} for name in read}
        assert found_read == read, found_read
        for name in write:
            assert not kafka.may_write(name, "other") and not kafka.may_read(name, "other"), name
        seen = json.loads(kafka.kcat("auditor", "-L", "-J").stdout)["topics"]
        assert sorted(one["topic"] for one in seen) == sorted(topics[one] for one in read["auditor"]), seen
        ca = kafka.folder / "secrets/api/kafka-ca.pem"
        done = subprocess.run(["kcat", "-b", kafka.bootstrap, "-L", "-m", "3", "-X", "security.protocol=ssl", "-X",
                               f"ssl.ca.location={ca}"], capture_output=True, timeout=60, check=False)
        assert done.returncode != 0, "without a certificate"


@facts.fact("secrets are made once, whole or not at all, and closed to others on the machine")
def _():
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder, "secrets")
        done = facts.run(DOCKER / "prepare", made, env={**os.environ, "FANLEDGER_BIN": "/nonexistent"})
        assert done.returncode != 0 and os.listdir(folder) == [], (done.stdout, os.listdir(folder))
        assert facts.run(DOCKER / "prepare", "--kafka-only", made).returncode == 0
        assert made.stat().st_mode & 0o777 == 0o700
        before = (made / "kafka/owner.key").read_bytes()
        done = facts.run(DOCKER / "prepare", "--kafka-only", made)
        assert done.returncode == 1 and "already" in done.stdout, done.stdout
        assert (made / "kafka/owner.key").read_bytes() == before


if __name__ == "__main__":
    facts.main(__doc__)
