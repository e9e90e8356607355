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
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.rows import Bench, Row
from httpcli.core.exit_status import ExitStatus
from tests.architecture.instructions import BARE_GET, instructions
from tests.support.certificates import CertificateAuthority
from tests.support.environment import HTTPCLI, child_environment

_WRONG = "a usage error"
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
def origin(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Run the loopback server; give its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def main() -> None:
    """Measure and print one table."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        authority = CertificateAuthority(Path(folder))
        plain = servers.enter_context(origin())
        secure = servers.enter_context(origin(authority.trusted()))
        commands = _commands(options, plain, secure)
        env = {**_environment(folder), **_trusting(authority, folder)}
        times = _in_turns(commands, options.rounds, env)
        counts = {} if options.no_valgrind else _counted(commands, folder)
    base = times["bare aiohttp GET"]
    _say(f"{'':24}{'median ms':>10}{'fastest':>9}{'x bare':>8}{'instructions':>15}")
    for name, seconds in times.items():
        count = f"{counts[name] / 1e6:13.1f} M" if name in counts else f"{'-':>15}"
        middle, least = median(seconds) * 1e3, min(seconds) * 1e3
        ratio = median(seconds) / median(base)
        _say(f"{name:24}{middle:10.1f}{least:9.1f}{ratio:8.2f}{count}")


def rows(bench: Bench) -> Iterator[Row]:
    """Measure the start beside HTTPie, click and a bare aiohttp script."""
    options = argparse.Namespace(httpcli=bench.httpcli, httpie=bench.program("http") or "http")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        authority = CertificateAuthority(Path(folder))
        plain = servers.enter_context(origin())
        secure = servers.enter_context(origin(authority.trusted()))
        commands = _commands(options, plain, secure)
        commands["bare aiohttp GET"][0] = bench.bare
        commands["import click"][0] = bench.python
        env = {**bench.env, **_trusting(authority, folder)}
        times = _in_turns(commands, bench.rounds * 4, env)
        counted = ("httpcli GET", "bare aiohttp GET")
        counts = _counted({name: commands[name] for name in counted}, folder)
    for what, against, target, stretch in (
        ("httpcli GET", "HTTPie GET", 0.58, 0.50),
        ("httpcli https GET", "HTTPie https GET", 0.62, 0.52),
        ("httpcli --help", "import click", 1.4, 1.2),
        ("httpcli --version", "import click", 1.4, 1.2),
        (_WRONG, "import click", 1.4, 1.2),
    ):
        if against in times:
            raw = {name: times[name] for name in (what, against)}
            value = median(times[what]) / median(times[against])
            yield Row(what, f"{against}, wall", value, target, stretch, raw=raw)
    if counts:
        value = counts["httpcli GET"] / counts["bare aiohttp GET"]
        raw = {name: [count] for name, count in counts.items()}
        yield Row("httpcli GET", "bare aiohttp GET, instructions", value, 0.55, 0.50, raw=raw)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.startup")
    parser.add_argument("--httpcli", help="an installed httpcli (default: this tree)")
    parser.add_argument("--httpie", default="http", help="HTTPie's program")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program")
    parser.add_argument("--no-valgrind", action="store_true", help="leave out the instructions")
    return parser.parse_args()


def _commands(options: argparse.Namespace, url: str, secure: str) -> dict[str, list[str]]:
    """Return what to run, by name; say what is not there."""
    httpcli = [options.httpcli] if options.httpcli else [*HTTPCLI]
    commands = {
        "httpcli GET": [*httpcli, "GET", url],
        "bare aiohttp GET": [sys.executable, "-c", BARE_GET, url],
        "httpcli https GET": [*httpcli, "GET", secure],
        "httpcli --help": [*httpcli, "--help"],
        "httpcli --version": [*httpcli, "--version"],
        _WRONG: [*httpcli, "--nonsense", url],
        "import click": [sys.executable, "-c", "import click"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    httpie = shutil.which(options.httpie)
    if httpie is None:
        _say(f"HTTPie is missing ({options.httpie}): left out")
    else:
        commands["HTTPie GET"] = [httpie, "--ignore-stdin", "GET", url]
        commands["HTTPie https GET"] = [httpie, "--ignore-stdin", "GET", secure]
        commands["HTTPie --help"] = [httpie, "--help"]
    return commands


def _trusting(authority: CertificateAuthority, folder: str) -> dict[str, str]:
    """Have everybody trust this machine's CAs and ours, as each of them has it by default.

    HTTPie reads one file, OpenSSL's programs a folder of links by hash, as Debian's is.
    """
    paths = ssl.get_default_verify_paths()
    bundle = Path(folder, "bundle.pem")
    everybody = Path(paths.openssl_capath, "ca-certificates.crt")
    known = everybody if everybody.exists() else Path(paths.openssl_cafile)
    ours = authority.file.read_bytes()
    bundle.write_bytes((known.read_bytes() if known.exists() else b"") + ours)
    hashed = Path(folder, "hashed")
    hashed.mkdir()
    for link in Path(paths.openssl_capath).glob("*.[0-9]"):
        (hashed / link.name).symlink_to(link.resolve())
    name = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", str(authority.file)],
        capture_output=True,
        text=True,
        check=True,
    )
    (hashed / f"{name.stdout.strip()}.0").write_bytes(ours)
    return {"SSL_CERT_DIR": str(hashed), "REQUESTS_CA_BUNDLE": str(bundle)}


def _environment(folder: str) -> Mapping[str, str]:
    return child_environment(
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
            ended = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
            if ended.returncode != (ExitStatus.USAGE if name == _WRONG else 0):
                raise RuntimeError(f"{name}: {ended.stderr.decode()}")
            if turn:
                times[name].append(perf_counter() - started)
    return times


def _counted(commands: Mapping[str, Sequence[str]], folder: str) -> dict[str, int]:
    """Return valgrind's counts, or nothing where it is missing."""
    if shutil.which("valgrind") is None:
        _say("valgrind is missing: no instructions")
        return {}
    cache = os.path.join(folder, "counted")
    return {
        name: instructions(command, cache)
        for name, command in commands.items()
        if "https" not in name and name != _WRONG  # it would not trust the server; it fails
    }


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
