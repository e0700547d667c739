#!/usr/bin/python3
"""The check of docker/ refuses each way of being careless; the image holds what the programs need."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import facts

ROOT = facts.ROOT
BIN = pathlib.Path(os.environ.get("FANLEDGER_BIN") or ROOT / "build/release/bin")
CHECK = ROOT / "scripts/checks/containers.py"
sys.path[:0] = [str(ROOT / part) for part in ("tests/support", "scripts/checks", "scripts/nodes")]
import containers  # noqa: E402
import layout  # noqa: E402
import stand_in_node  # noqa: E402
import yaml  # noqa: E402

COMPOSE = "docker/compose.yaml"
OWNER = '  owner-1:\n    <<: *node\n'

# file, what is replaced once, by what, what the refusal says
REFUSED = [
    (COMPOSE, 'user: "10001:10001"', 'user: "0:0"', "owner-1: its user is 0:0"),
    (COMPOSE, 'user: "1000:1000"', "hostname: kafka", "kafka: its user is that of the image"),
    (COMPOSE, "read_only: true", "read_only: false", "worker-2: its root is not read_only"),
    (COMPOSE, OWNER, OWNER + "    privileged: true\n", "owner-1: it is privileged"),
    (COMPOSE, OWNER, OWNER + "    cap_add: [SYS_ADMIN]\n", "owner-1: it is privileged or has capabilities"),
    (COMPOSE, "cap_drop: [ALL]", "cap_drop: [NET_RAW]", "api-1: it does not drop ALL"),
    (COMPOSE, "    - no-new-privileges:true\n", "", "worker-1: it may gain privileges"),
    (COMPOSE, OWNER, OWNER + "    healthcheck: {disable: true}\n", "owner-1: it has no healthcheck"),
    (COMPOSE, '"127.0.0.1:8080:8080"', '"8080:8080"', "api-1: the port 8080:8080 is open beyond"),
    (COMPOSE, OWNER, OWNER + "    environment: {ADMIN_PASSWORD: x}\n", "ADMIN_PASSWORD stands in the environment"),
    (COMPOSE, OWNER, OWNER + "    environment: [API_KEY=x]\n", "API_KEY stands in the environment"),
    (COMPOSE, "{source: owner-1.key,", "{source: owner-9.key,", "the secret owner-9.key is not declared"),
    (COMPOSE, "file: ./secrets/kafka/ca.pem", "file: /etc/ca.pem", "the secret kafka-ca.pem is no file below"),
    (COMPOSE, "./acls:/etc/acls", "./rights:/etc/acls", "acls: there is no docker/rights"),
    (COMPOSE, "seccomp=./worker-seccomp.json", "seccomp=./none.json", "there is no docker/none.json"),
    (COMPOSE, '"owner-1:/data"', '"owner-9:/data"', "the volume owner-9 is not declared"),
    (COMPOSE, "    kafka: {condition", "    zookeeper: {condition", "it waits for zookeeper"),
    (COMPOSE, "--roles, owner", "--roles, api", "owner-1: its command is"),
    (COMPOSE, '--replication, "1"', '--replication, "3"', "init: its command is"),
    (COMPOSE, "  worker-2:\n    <<: *worker", "  worker-3:\n    <<: *worker", "knows no such node"),
    (COMPOSE, "services:", "services: [", "cannot be understood"),
    ("scripts/nodes/layout.py", '"--shared", places.shared', '"--store", places.shared', "that of scripts/nodes"),
    ("docker/Dockerfile", "USER 10001:10001\n", "", "the image runs as root"),
    ("docker/Dockerfile", "USER 10001:10001", "USER root", "the image runs as root"),
    ("docker/Dockerfile", "COPY docker/init-once", "COPY docker/init-twice", "copies docker/init-twice, which does not"),
    ("docker/packages.txt", "bubblewrap\n", "", "bubblewrap is missing"),
    ("docker/packages.txt", "curl\n", "curl\nwget\n", "wget does not stand in"),
    ("scripts/packages.txt", "ffmpeg\n", "ffmpeg\npandoc\n", "pandoc is missing"),
]


def good():
    """What the check looks at, as it is."""
    paths = [path for path in (ROOT / "docker").rglob("*")
             if path.is_file() and "secrets" not in path.relative_to(ROOT).parts]
    paths += [ROOT / name for name in ("scripts/nodes/layout.py", "scripts/packages", "scripts/packages.txt")]
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths}


def refuses(file, old, new, expected):
    def test():
        files = good()
        assert old in files[file], f"{old!r} is not in {file}"
        files[file] = files[file].replace(old, new, 1)
        with facts.tree(files) as root:
            done = facts.run(CHECK, "--root", root)
        assert done.returncode == 1 and expected in done.stdout, done.stdout
    return test


for number, row in enumerate(REFUSED, 1):
    facts.fact(f"{number}. refused: {row[3]}")(refuses(*row))


@facts.fact("what is here is accepted, and a tree without containers")
def _():
    with facts.tree(good()) as root:
        done = facts.run(CHECK, "--root", root)
        assert done.returncode == 0 and "9 services" in done.stdout, done.stdout
    with facts.tree({"README.md": ""}) as root:
        assert facts.run(CHECK, "--root", root).returncode == 0


@facts.fact("the packages of the run stage are those of the libraries that the programs are linked with")
def _():
    needed = set()
    for program in ("fanledgerd", "fanledger"):
        dump = subprocess.run(["objdump", "-p", BIN / program], capture_output=True, text=True, check=True).stdout
        needed |= set(re.findall(r"NEEDED\s+(\S+)", dump))
    owners = set()
    for library in needed - {"ld-linux-x86-64.so.2"}:
        done = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=True)
        owners.add(done.stdout.split(":")[0])
    given = {name for name in containers.lines((ROOT / "docker/packages.txt").read_text()) if name.startswith("lib")}
    owners.discard("libc6")  # Debian has it always
    assert owners <= given, f"missing: {owners - given}"
    # Only once the log on Kafka is linked in is its library needed.
    assert given - owners <= {"librdkafka1"}, f"not needed: {given - owners}"


@facts.fact("every option that the nodes are given is one that fanledgerd knows")
def _():
    places = containers.places(layout)
    commands = [layout.init(places), *(layout.serve(member, places) for member in layout.MEMBERS)]
    for command in commands:
        known = facts.run(BIN / "fanledgerd", command[0], "--help").stdout
        for word in command[1:]:
            assert not word.startswith("--") or re.search(rf"^\s+{word}\b(?!-)", known, re.MULTILINE), \
                f"{command[0]} knows no {word}"


def in_worker(*command):
    """As a worker's container runs it: its user, no capabilities, none to gain, its filter. That user
    may not be able to read this folder: both texts are handed over."""
    user = ["--reuid", "10001", "--regid", "10001", "--clear-groups", "--bounding-set", "-all", "--inh-caps", "-all"]
    return facts.run("setpriv", *(user if os.geteuid() == 0 else []), "--no-new-privs", "--", "/usr/bin/python3", "-c",
                     (ROOT / "tests/support/confined.py").read_text(),
                     (ROOT / "docker/worker-seccomp.json").read_text(), *command, cwd="/")


@facts.fact("the jail of the workers can be made under their filter of system calls, without capabilities; what "
            "the filter names is refused")
def _():
    jail = ("bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
            "--hostname", "jail", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink",
            "usr/lib64", "/lib64", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--dev", "/dev",
            "--remount-ro", "/", "--")
    done = in_worker(*jail, "/usr/bin/ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-f",
                     "mp4", "-movflags", "frag_keyframe+empty_moov", "-y", "/dev/null")
    assert done.returncode == 0, done.stdout
    ask = "import ctypes; c = ctypes.CDLL(None, use_errno=True); c.ptrace(0, 0, 0, 0); print(ctypes.get_errno())"
    assert facts.run("/usr/bin/python3", "-c", ask).stdout == "0\n"
    assert in_worker("/usr/bin/python3", "-c", ask).stdout == "1\n"


@facts.fact("docker/prepare makes every secret that compose.yaml mounts, readable to another user through the mount "
            "alone")
def _():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/bin")
        stand_in_node.install(folder + "/bin")
        made = pathlib.Path(folder, "secrets")
        done = facts.run(ROOT / "docker/prepare", made, env={**os.environ, "FANLEDGER_BIN": folder + "/bin"})
        assert done.returncode == 0, done.stdout
        assert made.stat().st_mode & 0o777 == 0o700
        secrets = yaml.safe_load((ROOT / COMPOSE).read_text())["secrets"]
        for name, secret in secrets.items():
            path = made / secret["file"].removeprefix("./secrets/")
            assert path.is_file() and path.stat().st_mode & 0o777 == 0o644, name


if __name__ == "__main__":
    facts.main(__doc__)
