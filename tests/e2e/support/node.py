"""A platform of a test's own: fresh folder, free port, real processes."""
import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

from support.client import Client

BIN = os.environ.get("FANLEDGER_BIN") or os.path.join(
    os.path.dirname(__file__), "..", "..", "..", "build", "release", "bin")


def until(condition, seconds=30, what="condition"):
    """Polls until the condition gives something true, and gives that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Node:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fanledger-e2e-")
        self.data = os.path.join(self.folder, "data")
        self.admin_key = os.path.join(self.folder, "admin.key")
        self.process = None
        self.url = None
        self.environment = {}
        self.run("fanledger", "admin", "key", "create", self.admin_key)
        self.run("fanledgerd", "init", "--data", self.data, "--admin-key", self.admin_key + ".pub")

    def run(self, program, *arguments, expect=0, **more):
        """Runs one of our programs to its end; its output."""
        done = subprocess.run([os.path.join(BIN, program), *arguments], capture_output=True,
                              text=True, timeout=600, check=False, **more)
        if expect is not None and done.returncode != expect:
            raise AssertionError(f"{program} {' '.join(arguments)} ended with {done.returncode}, "
                                 f"expected {expect}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *arguments):
        port_file = os.path.join(self.folder, "port")
        if os.path.exists(port_file):
            os.remove(port_file)
        self.log = open(os.path.join(self.folder, "server.log"), "ab")
        self.process = subprocess.Popen(
            [os.path.join(BIN, "fanledgerd"), "serve", "--data", self.data, "--listen",
             "127.0.0.1:0", "--port-file", port_file, *arguments],
            stdout=self.log, stderr=self.log, env={**os.environ, **self.environment})
        def listening():
            if self.process.poll() is not None:
                raise AssertionError("the server ended at start:\n" + self.server_log())
            return os.path.exists(port_file)
        until(listening, 60, "the server listens")
        with open(port_file, encoding="ascii") as file:
            self.url = "http://127.0.0.1:" + file.read().strip()
        until(self.ready, 60, "the server is ready")
        return self

    def ready(self):
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def server_log(self):
        with open(os.path.join(self.folder, "server.log"), encoding="utf-8",
                  errors="replace") as file:
            return file.read()[-4000:]

    def stop(self):
        """Ends the server in peace; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def settled(self):
        with urllib.request.urlopen(self.url + "/readyz", timeout=10) as answer:
            return json.load(answer)["behind"] == 0

    def mails(self):
        return glob.glob(os.path.join(self.data, "mail", "*.eml"))

    def places(self):
        """The folders in which this platform keeps what it was given."""
        return [self.data]

    def client(self, username=None, role="fan"):
        client = Client(self.url)
        return client.sign_up(username, role) if username else client

    def staff(self, *arguments, expect=0, key=None):
        return self.run("fanledger", *arguments, "--api", self.url, "--key",
                        key or self.admin_key, expect=expect)

    def deposit(self, username, amount, currency="USD", reference="wire"):
        self.staff("staff", "deposit", username, amount, currency, "--reference", reference)

    def verify(self, username):
        self.staff("staff", "creator", "verify", username)

    def audit(self, expect=0):
        done = self.run("fanledger", "audit", "verify", "--data", self.data, "--json",
                        expect=expect)
        return json.loads(done.stdout)

    def close(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
