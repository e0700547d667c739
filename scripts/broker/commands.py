"""The verbs of scripts/kafka."""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time

import artifacts
import errand
from cluster import FILE, Cluster
from trouble import Trouble, say


def setting(text):
    name, equals, value = text.partition("=")
    if not (name and equals) or "\n" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def read_arguments(description):
    parser = argparse.ArgumentParser(
        prog="scripts/kafka", description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Needs java, mvn and kcat: scripts/packages installs them. Kafka's own files are kept "
               "in\n${XDG_CACHE_HOME:-~/.cache}/fanledger. Progress goes to standard error.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    verb = verbs.add_parser("fetch", help="fetch Apache Kafka, or check every byte of what is there")
    verb.set_defaults(run=do_fetch)

    starting = argparse.ArgumentParser(add_help=False)
    starting.add_argument("--brokers", type=int, choices=(1, 3),
                          help="how many, in a new folder (default: 1)")
    starting.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=setting,
                          help="a further setting of the brokers of a new folder")
    starting.add_argument("--deadline", type=float, default=90, metavar="SECONDS",
                          help="give up when they do not serve by then (default: %(default)s)")

    verb = verbs.add_parser("start", parents=[starting],
                            help="start brokers, print where they are, and leave them running")
    verb.add_argument("--dir", metavar="D", help="the cluster's folder: made if it is not there, "
                      "else started again with its records (default: a new one)")
    verb.add_argument("--node", type=int, metavar="N", help="only this node of the cluster in D")
    verb.add_argument("--json", action="store_true", help="print ids, ports and folders too")
    verb.set_defaults(run=do_start)

    verb = verbs.add_parser("stop", help="stop the brokers of a folder; their records stay")
    verb.add_argument("--dir", metavar="D", required=True)
    verb.add_argument("--node", type=int, metavar="N", help="only this node")
    verb.add_argument("--kill", action="store_true", help="by SIGKILL, as a crash")
    verb.add_argument("--remove", action="store_true", help="and remove the folder with its records")
    verb.set_defaults(run=do_stop)

    verb = verbs.add_parser("status", help="which brokers of a folder run (exit code 0 if all do)")
    verb.add_argument("--dir", metavar="D", required=True)
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=do_status)

    verb = verbs.add_parser("run", parents=[starting],
                            help="start brokers, run a command with FANLEDGER_KAFKA in its "
                                 "environment (the bootstrap address), stop them whatever happens")
    verb.add_argument("--dir", metavar="D", help="keep the records in this folder (default: a new "
                      "one, removed afterwards)")
    verb.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND …")
    verb.set_defaults(run=do_run)
    return parser.parse_args(), parser


def do_fetch(arguments, _):
    libs = artifacts.fetch(every_byte=True)
    print(libs)
    return 0


def opened(arguments, folder, tied=False):
    """The cluster of the folder, made if there is none."""
    if not os.path.exists(os.path.join(folder, FILE)):
        return Cluster.make(folder, arguments.brokers or 1, tied, dict(arguments.set))
    cluster = Cluster.load(folder, tied)
    if arguments.brokers and arguments.brokers != len(cluster.nodes):
        raise Trouble(f"the cluster in {folder} has {len(cluster.nodes)} brokers, "
                      f"not {arguments.brokers}")
    return cluster


def start(cluster, arguments, node=None):
    began = time.monotonic()
    cluster.start(arguments.deadline, node)
    which = f"node {node}" if node else f"{len(cluster.nodes)} broker(s)"
    say(f"{which} ready after {time.monotonic() - began:.1f} s in {cluster.folder}")


def tell(cluster, as_json):
    print(json.dumps(cluster.report(), indent=1) if as_json else cluster.bootstrap, flush=True)


def do_start(arguments, _):
    artifacts.fetch()
    folder = arguments.dir or tempfile.mkdtemp(prefix="fanledger-kafka-")
    try:
        cluster = opened(arguments, folder)
        start(cluster, arguments, arguments.node)
    except BaseException:
        if not arguments.dir:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if not arguments.dir:
        say(f"to stop: scripts/kafka stop --remove --dir {cluster.folder}")
    tell(cluster, arguments.json)
    return 0


def do_stop(arguments, parser):
    if arguments.remove and arguments.node:
        parser.error("--remove takes the whole cluster, --node one of it")
    cluster = Cluster.load(arguments.dir)
    cluster.stop(arguments.node, gently=not arguments.kill)
    if arguments.remove:
        shutil.rmtree(cluster.folder)
    say("stopped")
    return 0


def do_status(arguments, _):
    cluster = Cluster.load(arguments.dir)
    report = cluster.report()
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        for node in report["nodes"]:
            state = f"runs as process {node['pid']}" if node["runs"] else "does not run"
            print(f"node {node['id']} at 127.0.0.1:{node['port']} {state}")
    return 0 if all(node["runs"] for node in report["nodes"]) else 1


def do_run(arguments, parser):
    command = errand.words(arguments, parser)
    artifacts.fetch()
    folder = arguments.dir or tempfile.mkdtemp(prefix="fanledger-kafka-")
    clusters = []

    def begin():
        clusters.append(opened(arguments, folder, tied=True))
        start(clusters[0], arguments)
        return {"FANLEDGER_KAFKA": clusters[0].bootstrap}

    def end():
        for cluster in clusters:
            # What is thrown away needs no clean end.
            cluster.stop(gently=bool(arguments.dir))
        if not arguments.dir:
            shutil.rmtree(folder, ignore_errors=True)

    return errand.run(command, begin, end)


def main(description):
    arguments, parser = read_arguments(description)
    try:
        return arguments.run(arguments, parser)
    except Trouble as trouble:
        print(f"kafka: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
