"""The time of short runs, compared with other programs: ``python -m benchmarks.startup``.

Measures whole processes from fork to exit, with a server on the loopback interface. The
programs run in turns (A B C A B C …), so that other load affects all of them; the result is the
median. valgrind counts the instructions, which do not depend on other load. Compiled modules
are on disk before the measurement. Missing programs are omitted, with a message.
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

from benchmarks.measure import print_line
from benchmarks.table import BenchmarkContext, ResultRow
from httpcli.core.exit_status import ExitStatus
from tests.architecture.instructions import BARE_GET, instructions
from tests.support.certificates import CertificateAuthority
from tests.support.environment import HTTPCLI, child_environment

_USAGE_ERROR = "a usage error"
BODY = b'{"hello": "world"}\n'


class FixedResponse(BaseHTTPRequestHandler):
    """Answers every GET with the same short body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send the response."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def origin(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Run the server; yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), FixedResponse) as server:
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
        env = {**_environment(folder), **_trust_variables(authority, folder)}
        times = _time_in_turns(commands, options.rounds, env)
        counts = {} if options.no_valgrind else _count_instructions(commands, folder)
    base = times["bare aiohttp GET"]
    print_line(f"{'':24}{'median ms':>10}{'fastest':>9}{'x bare':>8}{'instructions':>15}")
    for name, seconds in times.items():
        count = f"{counts[name] / 1e6:13.1f} M" if name in counts else f"{'-':>15}"
        median_ms, fastest_ms = median(seconds) * 1e3, min(seconds) * 1e3
        ratio = median(seconds) / median(base)
        print_line(f"{name:24}{median_ms:10.1f}{fastest_ms:9.1f}{ratio:8.2f}{count}")


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Compare the start with HTTPie, click and a bare aiohttp script."""
    options = argparse.Namespace(httpcli=bench.httpcli, httpie=bench.program("http") or "http")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        authority = CertificateAuthority(Path(folder))
        plain = servers.enter_context(origin())
        secure = servers.enter_context(origin(authority.trusted()))
        commands = _commands(options, plain, secure)
        commands["bare aiohttp GET"][0] = bench.bare
        commands["import click"][0] = bench.python
        env = {**bench.env, **_trust_variables(authority, folder)}
        times = _time_in_turns(commands, bench.rounds * 4, env)
        counted = ("httpcli GET", "bare aiohttp GET")
        counts = _count_instructions({name: commands[name] for name in counted}, folder)
    for what, against, target, stretch in (
        ("httpcli GET", "HTTPie GET", 0.58, 0.50),
        ("httpcli https GET", "HTTPie https GET", 0.62, 0.52),
        ("httpcli --help", "import click", 1.4, 1.2),
        ("httpcli --version", "import click", 1.4, 1.2),
        (_USAGE_ERROR, "import click", 1.4, 1.2),
    ):
        if against in times:
            raw = {name: times[name] for name in (what, against)}
            value = median(times[what]) / median(times[against])
            yield ResultRow(what, f"{against}, wall", value, target, stretch, raw=raw)
    if counts:
        value = counts["httpcli GET"] / counts["bare aiohttp GET"]
        raw = {name: [count] for name, count in counts.items()}
        yield ResultRow(
            "httpcli GET", "bare aiohttp GET, instructions", value, 0.55, 0.50, raw=raw
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.startup")
    parser.add_argument("--httpcli", help="an installed httpcli (default: this tree)")
    parser.add_argument("--httpie", default="http", help="HTTPie's program")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program")
    parser.add_argument("--no-valgrind", action="store_true", help="leave out the instructions")
    return parser.parse_args()


def _commands(options: argparse.Namespace, url: str, secure: str) -> dict[str, list[str]]:
    """Return the commands by name; print which programs are missing."""
    httpcli = [options.httpcli] if options.httpcli else [*HTTPCLI]
    commands = {
        "httpcli GET": [*httpcli, "GET", url],
        "bare aiohttp GET": [sys.executable, "-c", BARE_GET, url],
        "httpcli https GET": [*httpcli, "GET", secure],
        "httpcli --help": [*httpcli, "--help"],
        "httpcli --version": [*httpcli, "--version"],
        _USAGE_ERROR: [*httpcli, "--nonsense", url],
        "import click": [sys.executable, "-c", "import click"],
        "python -c pass": [sys.executable, "-c", "pass"],
    }
    httpie = shutil.which(options.httpie)
    if httpie is None:
        print_line(f"HTTPie is missing ({options.httpie}): left out")
    else:
        commands["HTTPie GET"] = [httpie, "--ignore-stdin", "GET", url]
        commands["HTTPie https GET"] = [httpie, "--ignore-stdin", "GET", secure]
        commands["HTTPie --help"] = [httpie, "--help"]
    return commands


def _trust_variables(authority: CertificateAuthority, folder: str) -> dict[str, str]:
    """Return variables that make programs trust the system's CAs and the test CA.

    HTTPie reads one file. Programs with OpenSSL read a folder with links by hash, as on Debian.
    """
    paths = ssl.get_default_verify_paths()
    bundle = Path(folder, "bundle.pem")
    system_file = Path(paths.openssl_capath, "ca-certificates.crt")
    system_bundle = system_file if system_file.exists() else Path(paths.openssl_cafile)
    test_ca = authority.file.read_bytes()
    bundle.write_bytes((system_bundle.read_bytes() if system_bundle.exists() else b"") + test_ca)
    hashed = Path(folder, "hashed")
    hashed.mkdir()
    for link in Path(paths.openssl_capath).glob("*.[0-9]"):
        (hashed / link.name).symlink_to(link.resolve())
    subject_hash = subprocess.run(
        ["openssl", "x509", "-noout", "-hash", "-in", str(authority.file)],
        capture_output=True,
        text=True,
        check=True,
    )
    (hashed / f"{subject_hash.stdout.strip()}.0").write_bytes(test_ca)
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


def _time_in_turns(
    commands: Mapping[str, Sequence[str]], rounds: int, env: Mapping[str, str]
) -> dict[str, list[float]]:
    """Return the seconds of each run, without the first run, which compiles the modules."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            started = perf_counter()
            result = subprocess.run(
                command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
            if result.returncode != (ExitStatus.USAGE if name == _USAGE_ERROR else 0):
                raise RuntimeError(f"{name}: {result.stderr.decode()}")
            if turn:
                times[name].append(perf_counter() - started)
    return times


def _count_instructions(commands: Mapping[str, Sequence[str]], folder: str) -> dict[str, int]:
    """Return valgrind's counts; empty if valgrind is missing."""
    if shutil.which("valgrind") is None:
        print_line("valgrind is missing: no instructions")
        return {}
    cache = os.path.join(folder, "counted")
    return {
        name: instructions(command, cache)
        for name, command in commands.items()
        if "https" not in name
        and name != _USAGE_ERROR  # the first would not trust the server, the second fails
    }


if __name__ == "__main__":
    main()
