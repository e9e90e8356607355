"""The time to format and colour JSON: ``python -m benchmarks.formatting``.

Each program gets the same document from a server on the loopback interface and writes it,
indented and coloured, to a pipe. curl fetches it for jq and Pygments. Pygments only colours.
Missing programs are omitted, with a message.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from time import perf_counter

from benchmarks.measure import Measurement, median_run, print_line, run_in_turns
from benchmarks.table import BenchmarkContext, ResultRow, describe_machine, wall_ratio
from tests.support.environment import HTTPCLI, child_environment

SIZES = {"10 kB": 10_000, "1 MB": 1_000_000, "10 MB": 10_000_000, "100 MB": 100_000_000}
ROUNDS = {"10 kB": 9, "1 MB": 5, "10 MB": 3, "100 MB": 1}

_COLOURED = {
    "httpcli": ["{httpcli}", "--ignore-stdin", "--pretty=all", "--style=auto", "{url}"],
    "xh": ["{xh}", "--ignore-stdin", "--pretty=all", "{url}"],
    "jq": ["sh", "-c", 'curl -s "$1" | jq -C .', "sh", "{url}"],
    "HTTPie": ["{http}", "--ignore-stdin", "--pretty=all", "--unsorted", "{url}"],
    "Pygments": ["sh", "-c", 'curl -s "$1" | pygmentize -l json', "sh", "{url}"],
}
_FORMATTED = {
    "httpcli": ["{httpcli}", "--ignore-stdin", "--pretty=format", "{url}"],
    "xh": ["{xh}", "--ignore-stdin", "--pretty=format", "{url}"],
    "jq": ["sh", "-c", 'curl -s "$1" | jq -M .', "sh", "{url}"],
    "HTTPie": ["{http}", "--ignore-stdin", "--pretty=format", "--unsorted", "{url}"],
}
_NEEDS = {"jq": ("jq", "curl"), "Pygments": ("pygmentize", "curl"), "xh": ("xh",)}
_WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")


def document(size: int) -> Iterator[bytes]:
    """Yield about ``size`` bytes of JSON: records like those of an API, always the same."""
    generator = random.Random(1)  # noqa: S311 - not for secrets
    length = 1
    yield b"["
    number = 0
    while length < size - 2:
        record = {
            "id": number,
            "uuid": f"{generator.getrandbits(128):032x}",
            "name": f"{generator.choice(_WORDS)} {generator.choice(_WORDS)} ünï",
            "active": generator.random() < 0.5,
            "score": round(generator.gauss(50, 20), 4),
            "parent": None if number % 7 else number // 7,
            "tags": generator.sample(_WORDS, generator.randrange(5)),
            "address": {
                "street": f"{number} Main St",
                "geo": [generator.random(), generator.random()],
            },
            "note": 'says "hello"\n and goes on',
        }
        text = json.dumps(record).encode()
        yield (b",\n" if number else b"") + text
        length += len(text) + 2
        number += 1
    yield b"]\n"


class _FileHandler(SimpleHTTPRequestHandler):
    """Serves the folder of documents without logging."""

    extensions_map = {".json": "application/json"}  # noqa: RUF012 - as in the base class

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def file_server(folder: str) -> Iterator[str]:
    """Serve a folder; yield the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_FileHandler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def main() -> None:
    """Measure and print the tables."""
    options = _options()
    programs = {"{httpcli}": options.httpcli, "{http}": options.httpie, "{xh}": "xh"}
    all_runs: dict[str, dict[str, list[Measurement]]] = {}
    _print_missing_programs(options)
    with tempfile.TemporaryDirectory() as folder, file_server(folder) as url:
        env = child_environment({"HOME": folder, "TERM": "xterm-256color"})
        for title, size in SIZES.items():
            if size > options.largest:
                continue
            with open(os.path.join(folder, f"{size}.json"), "wb") as file:
                file.writelines(document(size))
            for what, table in (("format and colour", _COLOURED), ("format", _FORMATTED)):
                commands = {
                    name: _fill_in(command, programs, f"{url}/{size}.json")
                    for name, command in table.items()
                    if _is_installed(name, options)
                }
                rounds = options.rounds or ROUNDS[title]
                all_runs[f"{title}, {what}"] = runs = run_in_turns(commands, rounds, env)
                _print_table(f"{title}, {what}", runs)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": describe_machine(()), "runs": all_runs}, file, indent=1)


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Measure 10 MB of JSON, formatted and coloured, compared with HTTPie and xh."""
    size = SIZES["10 MB"]
    peers = {"HTTPie": bench.program("http"), "xh": bench.program("xh")}
    programs = {
        "{httpcli}": bench.httpcli,
        "{http}": peers["HTTPie"] or "",
        "{xh}": peers["xh"] or "",
    }
    with tempfile.TemporaryDirectory() as folder, file_server(folder) as url:
        with open(os.path.join(folder, "document.json"), "wb") as file:
            file.writelines(document(size))
        commands = {
            name: _fill_in(_COLOURED[name], programs, f"{url}/document.json")
            for name in ("httpcli", *(name for name, path in peers.items() if path))
        }
        runs = run_in_turns(commands, bench.rounds, bench.env)
    for name, target, stretch in (("HTTPie", 0.17, 0.12), ("xh", 0.50, 0.35)):
        if name in runs:
            value = wall_ratio(runs, "httpcli", name)
            raw = {program: runs[program] for program in ("httpcli", name)}
            yield ResultRow(
                "10 MB of JSON in colour", f"{name}, wall", value, target, stretch, raw=raw
            )
    delays = [_time_to_first_line(bench) * 1e3 for _ in range(bench.rounds)]
    what, against = "first line of 100 MB of JSON", "after its bytes were sent"
    yield ResultRow(what, against, median(delays), 50, None, "ms", raw={"httpcli": delays})
    if script := bench.program("script"):
        yield _one_line_row(bench, script)


def _time_to_first_line(bench: BenchmarkContext) -> float:
    """Return the seconds from sending the first 64 KiB of 100 MB to the first coloured line."""
    first = b"".join(document(65536))[:65536]
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {10**8}\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        command = [bench.httpcli, "--pretty=all", "--style=auto", "GET", url]
        with subprocess.Popen(command, env=bench.env, stdout=subprocess.PIPE) as child:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                start = perf_counter()
                connection.sendall(head.encode() + first)
                received = b""
                while child.stdout is not None and b"\x1b" not in received.partition(b'"id"')[2]:
                    piece = os.read(child.stdout.fileno(), 65536)
                    if not piece:
                        raise RuntimeError("the output ended before its first line")
                    received += piece
                duration = perf_counter() - start
            child.kill()
    return duration


def _one_line_row(bench: BenchmarkContext, script: str) -> ResultRow:
    """Measure one line of 5 MB on a terminal; HTTPie needs time quadratic in its length."""
    with tempfile.TemporaryDirectory() as folder, file_server(folder) as url:
        with open(os.path.join(folder, "line.json"), "wb") as file:
            file.writelines(piece.replace(b"\n", b"") for piece in document(5_000_000))
        words = f"{bench.httpcli} --pretty=none GET {url}/line.json"
        runs = run_in_turns(
            {"httpcli": [script, "-qec", words, "/dev/null"]}, bench.rounds, bench.env
        )
    what, against = "one line of 5 MB to a terminal", "from start to exit"
    return ResultRow(what, against, median_run(runs["httpcli"]).wall, 1, None, "s", raw=runs)


def _print_table(title: str, runs: dict[str, list[Measurement]]) -> None:
    base = median_run(runs["httpcli"])
    print_line(f"\n{title:34}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}{'x httpcli':>11}")
    for name, figures in runs.items():
        row = median_run(figures)
        times = f"{row.wall / base.wall:.2f}"
        print_line(f"  {name:32}{row.wall:9.3f}{row.cpu:9.3f}{row.peak / 1e6:9.1f}{times:>11}")


def _fill_in(command: Sequence[str], programs: dict[str, str], url: str) -> list[str]:
    """Replace the placeholders for programs and URL."""
    filled: list[str] = []
    for word in command:
        if word == "{url}":
            filled.append(url)
        elif programs.get(word) == "":
            filled.extend(HTTPCLI)
        else:
            filled.append(programs.get(word, word))
    return filled


def _is_installed(name: str, options: argparse.Namespace) -> bool:
    needs = _NEEDS.get(name, (options.httpie,) if name == "HTTPie" else ())
    return all(shutil.which(program) for program in needs)


def _print_missing_programs(options: argparse.Namespace) -> None:
    for name in _COLOURED:
        if not _is_installed(name, options):
            print_line(f"{name} is missing: left out")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.formatting")
    parser.add_argument("--httpcli", default="", help="an installed httpcli (default: this tree)")
    parser.add_argument("--httpie", default="http", help="HTTPie's program")
    parser.add_argument("--largest", type=int, default=10**9, help="bytes of the largest document")
    parser.add_argument("--rounds", type=int, default=0, help="runs of each program")
    parser.add_argument("--json", help="keep every run in this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
