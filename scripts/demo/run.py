#!/usr/bin/python3
"""Builds fanledger, starts a platform on this machine and plays a small world into it.

Non-interactive, and safe to repeat: what is there already is neither made nor charged again.
The server stays in the foreground until Ctrl-C, which stops it cleanly.
"""
import argparse
import os
import pathlib
import shlex
import signal
import subprocess
import sys

import accounts
import api
import content
import film
import many_nodes
import node
import play

ROOT = pathlib.Path(__file__).resolve().parents[2]
WRONG = (api.Refused, node.NodeError, film.FilmError, accounts.AccountsError,
         many_nodes.trouble.Trouble)


class Stopped(Exception):
    """Ctrl-C, or a signal to end."""


def say(text=""):
    print(text, flush=True)


def ignore_signals():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def stop(_number, _frame):
    ignore_signals()  # a second Ctrl-C must not disturb the server's clean end
    raise Stopped


def read_arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/run", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="DIR", type=pathlib.Path,
                        help="folder of the platform, made if it is not there (default: ./data, with "
                             "--kafka ./data-kafka)")
    parser.add_argument("--kafka", action="store_true",
                        help="many nodes on a Kafka broker, all on this machine, instead of one node")
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="ADDR:PORT",
                        help="where to serve; port 0 chooses a free one (default: %(default)s)")
    parser.add_argument("--no-demo", action="store_true", help="an empty platform: play nothing in")
    parser.add_argument("--fresh", action="store_true",
                        help="remove the platform in DIR first, with everything in it")
    parser.add_argument("--check", action="store_true",
                        help="do everything, print the summary, stop the server and end")
    parser.add_argument("--no-build", action="store_true",
                        help="install and build nothing: use the programs in $FANLEDGER_BIN, or "
                             "those built before")
    parser.add_argument("--short", action="store_true",
                        help="short small videos, for a quick trial")
    return parser.parse_args()


def programs(arguments):
    """The folder of fanledgerd and fanledger, built if need be."""
    built = ROOT / "build/release/bin"
    if arguments.no_build:
        built = pathlib.Path(os.environ.get("FANLEDGER_BIN") or built)
    else:
        done = subprocess.run([str(ROOT / "scripts/build"), "fanledgerd", "fanledger"], check=False)
        if done.returncode != 0:
            raise node.NodeError(f"scripts/build ended with {done.returncode}")
    for name in ("fanledgerd", "fanledger"):
        if not os.access(built / name, os.X_OK):
            raise node.NodeError(f"there is no program {built / name}: run without --no-build, or "
                                 "set FANLEDGER_BIN to the folder of the programs")
    return built.resolve()


def typed(path):
    """The path as one types it in this folder."""
    here = pathlib.Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def summary(platform, people):
    """Where it is, who is who, and what to try."""
    tool, data = typed(platform.bin / "fanledger"), typed(platform.data)
    fan = next((one["username"] for one in people if one["role"] == "fan"), "USERNAME")
    lines = ["", f"The platform runs at {platform.url}", "",
             f"  ready   {platform.url}/readyz",
             f"  feed    {platform.url}/v1/feed",
             f"  ledger  {platform.url}/v1/ledger/head",
             *(f"  {what:<7} {where}" for what, where in platform.where())]
    if platform.serves_pages():
        lines.insert(3, f"  web     {platform.url}/")
    if not platform.is_local():
        lines += ["", "It listens beyond this machine, without TLS: put a proxy with TLS before it."]
    if people:
        lines += ["", f"Demo accounts, also in {platform.data / accounts.FILE}:", ""]
        lines += [f"  {one['role']:<8} {one['username']:<12} {one['password']}" for one in people]
    lines += ["", "Try:", "",
              "  # what a visitor sees, and why the premium works are closed to him",
              f"  curl -s {platform.url}/v1/feed | python3 -m json.tool", "",
              "  # staff credit a wallet by a signed command",
              f"  {tool} staff deposit {fan} 25.00 USD --reference 'wire 4711' "
              f"--key {typed(platform.admin_key)} --api {platform.url}", "",
              *platform.audit(tool, data), ""]
    say("\n".join(lines))


def play_in(platform, is_short):
    """The demo's people; everything that is missing of their world is made."""
    ledger_id = api.Api(platform.url).call("GET", "/v1/ledger/head")["ledger_id"]
    book = accounts.Accounts.open(platform.data, ledger_id, content.people())
    if book.is_played:
        say("demo: the content is there already")
    else:
        say("demo: playing in people, films and photos, sales and talk")
        play.Play(platform, book, is_short, say).run()
        book.set_played()
    return book.people


def run(arguments):
    if arguments.listen.rpartition(":")[2] != "0":
        node.check_free(arguments.listen)  # before the long steps, not after
    data = arguments.data or pathlib.Path("data-kafka" if arguments.kafka else "data")
    kind = many_nodes.ManyNodes if arguments.kafka else node.Node
    platform = kind(programs(arguments), data.absolute(), arguments.listen)
    if arguments.fresh:
        platform.remove(say)
    platform.prepare(say)
    try:
        platform.start(say)
        people = [] if arguments.no_demo else play_in(platform, arguments.short)
        summary(platform, people)
        if not arguments.check:
            say("Press Ctrl-C to stop the server.")
            wait(platform)
    finally:
        ignore_signals()
        platform.stop(say)


def wait(platform):
    try:
        platform.wait()
    except Stopped:
        say()


def main():
    arguments = read_arguments()
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        run(arguments)
    except Stopped:
        print("run: interrupted; run it again to go on from here", file=sys.stderr, flush=True)
        sys.exit(130)
    except WRONG as error:
        print(f"run: {error}", file=sys.stderr, flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
