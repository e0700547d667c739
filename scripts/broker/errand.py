"""A command that runs while something else is kept running: between a start and a stop."""

import os
import signal
import subprocess

from trouble import Trouble

PATIENCE_SECONDS = 20


class Stopped(Exception):
    """A signal asked for the end."""


def words(arguments, parser):
    """The command after "--"."""
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        parser.error(f"run needs a command: {parser.prog} run -- COMMAND …")
    return command


def ignore_signals():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def run(command, start, stop):
    """The exit code of the command. `start` gives the variables of its environment; `stop` is called
    whatever happens, also when `start` fails or a signal comes."""
    def on_signal(number, _):
        ignore_signals()
        raise Stopped(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    process = None
    try:
        environment = {**os.environ, **start()}
        try:
            process = subprocess.Popen(command, env=environment)
        except OSError as error:
            raise Trouble(f"the command cannot be run: {error}") from None
        code = process.wait()
        return 128 - code if code < 0 else code
    except Stopped as stopped:
        if process and process.poll() is None:
            process.send_signal(stopped.args[0])
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        return 128 + stopped.args[0]
    finally:
        ignore_signals()
        stop()
