"""Stands in for fanledgerd and fanledger where the programs around them are tested: it takes the
options of a node on Kafka, no others, and answers that it is ready. It keeps no ledger.

    stand_in_node.py PROGRAM ARGUMENTS…
"""

import argparse
import http.server
import os
import pathlib
import socket
import socketserver
import sys
import threading


def options():
    parser = argparse.ArgumentParser(prog="fanledgerd", allow_abbrev=False)
    verbs = parser.add_subparsers(dest="verb", required=True)
    log = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in ("--kafka", "--data", "--keys"):
        log.add_argument(name, required=True)
    for name in ("--topic-prefix", "--replication", "--kafka-config"):
        log.add_argument(name)
    init = verbs.add_parser("init", parents=[log], allow_abbrev=False)
    init.add_argument("--admin-key", required=True)
    serve = verbs.add_parser("serve", parents=[log], allow_abbrev=False)
    serve.add_argument("--node", action="append", default=[])
    for name in ("--roles", "--shared", "--listen", "--node-certs"):
        serve.add_argument(name, required=True)
    for name in ("--node-listen", "--node-url", "--public-url", "--log-level"):
        serve.add_argument(name)
    return parser


def init(given):
    if not pathlib.Path(given.admin_key).exists():
        sys.exit(f"there is no key {given.admin_key}")
    os.mkdir(given.keys)  # a second time it fails: the ledger is made once
    print("ledger   4711")


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ("/readyz", "/healthz") else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # without asking a name server who we are


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def serve(given):
    for path in (given.data, given.keys, given.shared, given.node_certs + "/node.key"):
        if not os.path.exists(path):
            sys.exit(f"there is no {path}")
    if os.environ.get("STAND_IN_FAILS") == given.roles:
        sys.exit("the stand-in was told to fail")
    listeners = []
    if given.node_listen:
        listeners.append(socket.create_server(address(given.node_listen)))
    server = Server(address(given.listen), Health)
    threading.Thread(target=server.serve_forever).start()


def tool(arguments):
    match arguments:
        case ["admin", "key", "create", path]:
            for name in (path, path + ".pub"):
                pathlib.Path(name).write_text("key\n")
        case ["admin", "nodes", "ca", folder]:
            os.makedirs(folder)
        case ["admin", "nodes", "cert", "--ca", authority, "--host", _, folder]:
            if not os.path.isdir(authority):
                sys.exit(f"there is no {authority}")
            os.makedirs(folder)
            for name in ("ca.pem", "node.pem", "node.key"):
                pathlib.Path(folder, name).touch()
        case _:
            sys.exit(f"the stand-in knows no {arguments}")


def install(folder):
    """Puts the two programs into the folder."""
    for name in ("fanledgerd", "fanledger"):
        program = pathlib.Path(folder, name)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {__file__} {name} "$@"\n')
        program.chmod(0o755)


if __name__ == "__main__":
    if sys.argv[1] == "fanledger":
        tool(sys.argv[2:])
    else:
        print(*sys.argv[2:], flush=True)
        chosen = options().parse_args(sys.argv[2:])
        (init if chosen.verb == "init" else serve)(chosen)
