"""Apache Kafka's jars, fetched by Maven from their coordinates into a cache folder, once.

Only a complete fetch gets its final name, with a manifest of what it holds, so that a fetch that
was cut off leaves nothing that looks whole. Two fetches at a time: the second waits for the first.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from trouble import Trouble, say

VERSION = "3.9.1"
DEPENDENCIES = (("org.apache.kafka", "kafka_2.13", VERSION),
                # without it the broker logs nothing
                ("org.slf4j", "slf4j-reload4j", "1.7.36"))
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
MANIFEST = "manifest.json"
FETCH_SECONDS = 900
WAIT_SECONDS = 1200

HOW = f"""Apache Kafka {VERSION} is fetched by Maven, which must reach a Maven repository: Maven Central, or
the mirror that ~/.m2/settings.xml names. On a machine without one, run 'scripts/kafka fetch' on
another machine and copy its folder ~/.cache/fanledger/kafka-{VERSION} to the same place here."""


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "fanledger" / f"kafka-{VERSION}"


def need(program):
    found = shutil.which(program)
    if not found:
        raise Trouble(f"there is no program {program}: run scripts/packages")
    return found


def pom():
    dependencies = "".join(
        f"    <dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version></dependency>\n" for group, artifact, version in DEPENDENCIES)
    return ('<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
            "  <modelVersion>4.0.0</modelVersion>\n"
            "  <groupId>fanledger</groupId><artifactId>broker</artifactId><version>1</version>\n"
            f"  <packaging>pom</packaging>\n  <dependencies>\n{dependencies}  </dependencies>\n"
            "</project>\n")


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def wrong_with(folder, every_byte):
    """What is wrong with a fetched folder, or "". Sizes are looked at always, bytes on demand."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError) as error:
        return f"{folder / MANIFEST} cannot be read: {error}"
    for name, (size, hashed) in manifest.items():
        jar = folder / "libs" / name
        if not jar.is_file() or jar.stat().st_size != size or (every_byte and digest(jar) != hashed):
            return f"{jar} is not what was fetched"
    missing = [name for name in wanted() if name not in manifest]
    return f"{folder} lacks {', '.join(missing)}" if missing else ""


def wanted():
    return [f"{artifact}-{version}.jar" for _, artifact, version in DEPENDENCIES]


def run_maven(folder):
    """Lets Maven copy the jars to folder/libs."""
    (folder / "pom.xml").write_text(pom())
    log = folder / "maven.log"
    # -C: a file whose checksum differs from the repository's is an error, not a warning.
    command = [need("mvn"), "-B", "-C", "-ntp", COPY, "-DincludeScope=runtime",
               f"-DoutputDirectory={folder / 'libs'}"]
    try:
        with log.open("wb") as output:
            done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=subprocess.STDOUT, timeout=FETCH_SECONDS, check=False)
        why = f"mvn ended with {done.returncode}" if done.returncode else ""
    except subprocess.TimeoutExpired:
        why = f"mvn was not done after {FETCH_SECONDS} s"
    if why:
        tail = [line for line in log.read_text(errors="replace").splitlines() if "ERROR" in line]
        raise Trouble("\n".join([f"Apache Kafka could not be fetched: {why}.", *tail[:5], HOW]))


def note(folder):
    """Writes the manifest of what was fetched."""
    jars = sorted((folder / "libs").glob("*.jar"))
    manifest = {jar.name: (jar.stat().st_size, digest(jar)) for jar in jars}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")


def size(folder):
    return sum(jar.stat().st_size for jar in (folder / "libs").glob("*.jar"))


@contextlib.contextmanager
def alone(path):
    """One fetch at a time for a cache folder; the lock ends with the process that holds it."""
    with path.open("w") as file:
        deadline = time.monotonic() + WAIT_SECONDS
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Trouble(f"another fetch holds {path} for over {WAIT_SECONDS} s") from None
            if not told:
                say("another fetch is under way: waiting for it")
                told = True
            time.sleep(0.2)
        yield


def fetch(every_byte=False):
    """The folder of the jars, fetched if need be."""
    folder = cache()
    if folder.is_dir() and not every_byte and not wrong_with(folder, False):
        return folder / "libs"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder.with_name(folder.name + ".lock")):
        if folder.is_dir():
            wrong = wrong_with(folder, every_byte)
            if not wrong:
                return folder / "libs"
            say(f"{wrong}: fetching again")
        say(f"fetching Apache Kafka {VERSION} by Maven (about 50 MB, once)")
        began = time.monotonic()
        partial = pathlib.Path(tempfile.mkdtemp(prefix=folder.name + ".partial-", dir=folder.parent))
        try:
            run_maven(partial)
            note(partial)
            wrong = wrong_with(partial, False)
            if wrong:
                raise Trouble(f"Maven's copy is not whole: {wrong}.\n{HOW}")
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        say(f"fetched {size(folder) / 1e6:.0f} MB in {time.monotonic() - began:.0f} s: {folder}")
    return folder / "libs"
