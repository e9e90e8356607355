"""How long a start takes, beside the neighbours: ``python -m benchmarks.startup``.

Whole processes on a loopback server, from fork to exit, run in turns (A B C A
B C …) so that a busy machine is busy for all of them; the median counts. The
instructions are valgrind's, which hears no neighbours. Compiled modules are
on disk before anything is counted. What is missing is said and left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from time import perf_counter

from tests.house.instructions import BARE_GET, instructions
from tests.support.environment import HTTPCLI, environment_of_child

BODY = b'{"hello": "world"}\n'


class Answer(BaseHTTPRequestHandler):
    """Gives every GET the same few bytes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def origin() -> Iterator[str]:
    """Run the loopback server; give its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def main() -> None:
    """Measure and print one table."""
    options = _options()
    with origin() as url, tempfile.TemporaryDirectory() as folder:
        commands = _commands(options, url)
        env = _environment(folder)
        times = _in_turns(commands, options.rounds, env)
        counts = {} if options.no_valgrind else _counted(commands, folder)
    base = times["bare aiohttp GET"]
    _say(f"{'':24}{'median ms':>10}{'fastest':>9}{'x bare':>8}{'instructions':>15}")
    for name, seconds in times.items():
        count = f"{counts[name] / 1e6:13.1f} M" if name in counts else f"{'-':>15}"
        middle, least = median(seconds) * 1e3, min(seconds) * 1e3
        ratio = median(seconds) / median(base)
        _say(f"{name:24}{middle:10.1f}{least:9.1f}{ratio:8.2f}{count}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.startup")
    parser.add_argument("--httpie", default="http", help="HTTPie's program")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program")
    parser.add_argument("--no-valgrind", action="store_true", help="leave out the instructions")
    return parser.parse_args()


def _commands(options: argparse.Namespace, url: str) -> dict[str, list[str]]:
    """Return what to run, by name; say what is not there."""
    commands = {
        "httpcli GET": [*HTTPCLI, "GET", url],
        "bare aiohttp GET": [sys.executable, "-c", BARE_GET, url],
        "httpcli --help": [*HTTPCLI, "--help"],
        "import click": [sys.executable, "-c", "import click"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    httpie = shutil.which(options.httpie)
    if httpie is None:
        _say(f"HTTPie is missing ({options.httpie}): left out")
    else:
        commands["HTTPie GET"] = [httpie, "--ignore-stdin", "GET", url]
        commands["HTTPie --help"] = [httpie, "--help"]
    return commands


def _environment(folder: str) -> Mapping[str, str]:
    return environment_of_child(
        {
            "HOME": folder,
            "PYTHONPYCACHEPREFIX": os.path.join(folder, "wall"),
            "PYTHONDONTWRITEBYTECODE": None,
            "SSL_CERT_FILE": None,
        }
    )


def _in_turns(
    commands: Mapping[str, Sequence[str]], rounds: int, env: Mapping[str, str]
) -> dict[str, list[float]]:
    """Return the seconds of each run; the first of each, which compiles, is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            started = perf_counter()
            subprocess.run(  # noqa: S603 - the commands are ours
                command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True
            )
            if turn:
                times[name].append(perf_counter() - started)
    return times


def _counted(commands: Mapping[str, Sequence[str]], folder: str) -> dict[str, int]:
    """Return valgrind's counts, or nothing where it is missing."""
    if shutil.which("valgrind") is None:
        _say("valgrind is missing: no instructions")
        return {}
    cache = os.path.join(folder, "counted")
    return {name: instructions(command, cache) for name, command in commands.items()}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
