"""A platform on this machine: its folder, its server process, and the staff's command line."""
import ctypes
import fcntl
import http.client
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

START_SECONDS = 180
STOP_SECONDS = 120
STAFF_SECONDS = 180
PR_SET_PDEATHSIG = 1
# What a platform's folder holds, the server's and ours.
OURS = {"admin.key", "admin.key.pub", "blobs", "demo-accounts.json", "demo-accounts.new",
        "dispatcher.position", "keys", "log", "mail", "port", "server.log", "snapshot", "sources",
        "views", "work"}
_libc = ctypes.CDLL(None)


class NodeError(Exception):
    """The platform cannot be made, started or stopped; the text says why and what to do."""


def split(listen):
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise NodeError(f"--listen is ADDRESS:PORT, as in 127.0.0.1:8080, and not {listen!r}")
    return host, int(port)


def check_free(listen):
    """Refuses, clearly, an address that cannot be listened on."""
    host, port = split(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise NodeError(f"{listen} cannot be listened on ({error.strerror}): choose another "
                            "with --listen ADDR:PORT; port 0 takes a free one") from error


def _end_with_parent():
    # Should this program be killed, the server ends too, and cleanly.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Node:
    def __init__(self, programs, data, listen):
        self.bin = programs
        self.data = data
        self.listen = listen
        self.admin_key = data / "admin.key"
        self.log_file = data / "server.log"
        self.url = None
        self._process = None

    def is_local(self):
        host = split(self.listen)[0].strip("[]")
        return host.startswith("127.") or host in ("::1", "localhost")

    # The folder.

    def _refuse_if_served(self):
        lock = self.data / "log" / "LOCK"
        if not lock.exists():
            return
        with lock.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise NodeError(f"{self.data} is in use by a running fanledgerd: stop that one, or "
                                "choose another folder with --data") from error

    def remove(self, say):
        """Removes the platform; never a folder that holds anything else."""
        if not self.data.exists():
            return
        self._refuse_if_served()
        others = sorted({path.name for path in self.data.iterdir()} - OURS)
        if self.data.is_symlink() or others:
            raise NodeError(f"--fresh does not remove {self.data}: it holds what is no part of a "
                            f"platform ({', '.join(others[:5]) or 'it is a link'})")
        say(f"run: removing the platform in {self.data}")
        shutil.rmtree(self.data)

    def prepare(self, say):
        """Makes the platform, with an admin's key, if the folder holds none."""
        self._refuse_if_served()
        if (self.data / "log").exists():
            if not self.admin_key.exists():
                say(f"run: {self.admin_key} is missing; demo content needs it")
            say(f"run: the platform in {self.data} is there already")
            return
        if (self.data / "keys").exists():
            raise NodeError(f"{self.data} holds keys but no log: the platform was not made to its "
                            "end; --fresh begins anew")
        say(f"run: making a platform in {self.data}")
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.admin_key.exists():
            self.run("fanledger", "admin", "key", "create", str(self.admin_key))
        say(self.run("fanledgerd", "init", "--data", str(self.data), "--admin-key",
                     f"{self.admin_key}.pub").rstrip())

    # Programs that end.

    def run(self, program, *arguments):
        """The output of one of our programs."""
        try:
            done = subprocess.run([str(self.bin / program), *arguments], capture_output=True,
                                  text=True, timeout=STAFF_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise NodeError(f"{program} {' '.join(arguments)} did not end within "
                            f"{STAFF_SECONDS} s") from error
        if done.returncode != 0:
            raise NodeError(f"{program} {' '.join(arguments)} ended with {done.returncode}: "
                            f"{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def staff(self, command_id, *arguments):
        """A signed command, once for each command id."""
        return self.run("fanledger", "staff", *arguments, "--key", str(self.admin_key), "--api",
                        self.url, "--command-id", command_id)

    # The server.

    def start(self, say):
        host, port = split(self.listen)
        port_file = self.data / "port"
        port_file.unlink(missing_ok=True)
        reached = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)
        arguments = [str(self.bin / "fanledgerd"), "serve", "--data", str(self.data), "--listen",
                     self.listen, "--port-file", str(port_file)]
        if port != 0:
            arguments += ["--public-url", f"http://{reached}:{port}"]
        say(f"run: starting fanledgerd on {self.listen}")
        with self.log_file.open("ab") as log:
            # A group of its own: Ctrl-C is for us, and we end the server in order.
            self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, process_group=0,
                                             preexec_fn=_end_with_parent)
        end = time.monotonic() + START_SECONDS
        while not self._is_ready(port_file, reached):
            if self._process.poll() is not None:
                raise NodeError(f"fanledgerd ended at its start:\n{self._log_tail()}")
            if time.monotonic() > end:
                raise NodeError(f"fanledgerd is not ready after {START_SECONDS} s:\n"
                                f"{self._log_tail()}")
            time.sleep(0.1)
        say(f"run: ready at {self.url}")

    def _is_ready(self, port_file, host):
        if not port_file.exists():
            return False
        self.url = f"http://{host}:{port_file.read_text(encoding='ascii').strip()}"
        return self._answers("/readyz") is not None

    def _answers(self, path):
        """The content type of a good answer, or None."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return answer.headers.get("Content-Type", "")
        except (urllib.error.URLError, http.client.HTTPException, OSError):
            return None

    def serves_pages(self):
        return (self._answers("/") or "").startswith("text/html")

    # What is said of it.

    def where(self):
        """(what, where it is)"""
        return [("data", self.data), ("log", self.log_file), ("mail", self.data / "mail")]

    def audit(self, tool, data):
        """What an auditor types."""
        return ["  # replay and prove everything; needs the server stopped (Ctrl-C)",
                f"  {tool} audit verify --data {data}",
                f"  {tool} audit export --data {data} demo.fllog && "
                f"{tool} audit verify --export demo.fllog"]

    def wait(self):
        """Until the server ends, which it should not by itself."""
        code = self._process.wait()
        raise NodeError(f"fanledgerd ended by itself with {code}:\n{self._log_tail()}")

    def stop(self, say):
        """Ends the server in peace, if it runs."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        say("run: stopping the server")
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.wait()
            raise NodeError(f"fanledgerd did not stop within {STOP_SECONDS} s and was killed; "
                            "nothing that it acknowledged is lost") from error
        if code != 0:
            raise NodeError(f"fanledgerd ended with {code}:\n{self._log_tail()}")
        say("run: stopped")

    def _log_tail(self):
        lines = pathlib.Path(self.log_file).read_text(encoding="utf-8", errors="replace")
        return "\n".join(lines.splitlines()[-15:]) + f"\n(all of it: {self.log_file})"
