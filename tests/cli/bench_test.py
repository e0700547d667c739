#!/usr/bin/python3
"""What the benchmarks count: a figure that hides failures is worse than none."""
import argparse
import http.server
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
# pylint: disable=wrong-import-position
from support.facts import equal, fact, run, true
from support.node import BIN


def bench(*arguments, expect=0):
    done = subprocess.run([os.path.join(BIN, "fanledger"), "bench", *arguments, "--json"],
                          capture_output=True, text=True, timeout=600, check=False)
    equal(done.returncode, expect, f"exit code, with {done.stdout}{done.stderr}")
    return json.loads(done.stdout) if expect == 0 else done.stderr


class HangsUp(http.server.BaseHTTPRequestHandler):
    """Signs everybody up, and hangs up at every third command instead of answering."""
    protocol_version = "HTTP/1.1"
    commands = 0
    lock = threading.Lock()

    def answer(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"position": "L1", "token": "t"}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = answer

    def do_PUT(self):
        with self.lock:
            HangsUp.commands += 1
            if HangsUp.commands % 3 == 0:
                self.close_connection = True
                return
        self.answer()

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


@fact("a connection that breaks fails its request, and the schedule goes on to its end")
def broken_connections():
    with Server(("127.0.0.1", 0), HangsUp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        got = bench("http", "--api", f"http://127.0.0.1:{server.server_port}", "--rate", "300",
                    "--seconds", "2", "--connections", "4")
        server.shutdown()
    true(600 <= got["answered"] + got["failed"] <= 604, f"every request that was due: {got}")
    equal(got["failed"], HangsUp.commands // 3, "failed")
    equal(got["answered"], HangsUp.commands - got["failed"], "answered")


@fact("the replay that is measured is the audit: it checks every signature and adds every posting")
def replay():
    with tempfile.TemporaryDirectory() as folder:
        got = bench("replay", "--dir", folder, "--tips", "1000", "--fans", "50", "--creators", "5")
        equal(os.listdir(folder), [], "what is left of it")
    equal(got["staff_signatures"], 55, "of deposits and verifications")
    equal(got["postings"], 50 * 2 + 1000 * 3, "two of a deposit, three of a tip")
    equal(got["events"], 55 + 55 + 1000, "accounts, orders of staff, tips")
    true(got["replayed_per_s"] > 0 and got["ratio_to_hash_alone"] > 0, f"figures: {got}")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    run()
