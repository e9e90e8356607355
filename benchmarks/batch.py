"""Many small GETs in one run: ``python -m benchmarks.batch``.

Compares with ``curl -Z``, with ``xargs`` and one curl for each URL, with a bare aiohttp script
that uses as many connections, and with ``xargs`` and HTTPie (a tenth of the requests; the
figures are multiplied). The server is a separate process that answers after ``--delay``
milliseconds; ``--url`` uses another server. Missing programs are omitted, with a message.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import median_run, print_line, run_in_turns
from benchmarks.table import BenchmarkContext, ResultRow, wall_ratio
from tests.support.environment import HTTPCLI, ROOT, plain_environment

_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"
_BARE_SCRIPT = """
import aiohttp, asyncio, sys
async def main(path, jobs):
    urls = iter(open(path).read().split())
    async with aiohttp.ClientSession() as session:
        async def work():
            for url in urls:
                async with session.get(url) as response:
                    sys.stdout.buffer.write(await response.read())
        await asyncio.gather(*(work() for _ in range(jobs)))
asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""
_SERVER = "from benchmarks.batch import serve; import sys; serve(float(sys.argv[1]))"
_HTTPIE_FRACTION = 10


class _DelayedResponse(asyncio.Protocol):
    """Answers every request with the same response after a delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n") and self._transport is not None:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, _RESPONSE)


def serve(delay: float) -> None:
    """Print the port and serve until the process ends. ``delay`` is in seconds."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _DelayedResponse(delay), "127.0.0.1", 0)
        print_line(str(server.sockets[0].getsockname()[1]))
        await server.serve_forever()

    asyncio.run(run())


def main() -> None:
    """Measure and print one table."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, _server(options) as origin:
        urls = _urls(origin, options.requests)
        commands = _commands(Path(folder), urls, options)
        runs = run_in_turns(commands, options.rounds, _environment(folder))
        print_line(f"{'':28}{'wall s':>9}{'of curl':>9}{'CPU s':>9}{'ms each':>9}{'peak MiB':>10}")
        curl = median_run(runs["curl -Z"]).wall
        for name, figures in runs.items():
            result = median_run(figures)
            factor = _HTTPIE_FRACTION if name.startswith("HTTPie") else 1
            print_line(
                f"{name:28}{result.wall * factor:9.2f}{result.wall * factor / curl:9.2f}"
                f"{result.cpu * factor:9.2f}{result.wall * factor / len(urls) * 1e3:9.3f}"
                f"{result.peak / 2**20:10.1f}"
            )


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Measure 2,000 small GETs, 50 at once, with and without a delay of 20 ms."""
    options = argparse.Namespace(
        httpcli=bench.httpcli, python=bench.bare, httpie="http", jobs=50, url=None, delay=20.0
    )
    requests = 2000
    curl, httpie = bench.program("curl"), bench.program("http")
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        if curl is not None:
            with _server(options) as origin:
                commands = _commands(Path(folder), _urls(origin, requests), options)
                pair = {name: commands[name] for name in ("httpcli --batch", "curl -Z")}
                runs = run_in_turns(pair, bench.rounds, bench.env)
            value = wall_ratio(runs, *pair)
            yield ResultRow(
                "2,000 GETs of 20 ms, 50 at once", "curl -Z, wall", value, 1.6, 1.25, raw=runs
            )
        options.delay = 0.0
        with _server(options) as origin:
            commands = _commands(Path(folder), _urls(origin, requests), options)
            pair = {name: commands[name] for name in ("httpcli --batch", "bare aiohttp")}
            runs = run_in_turns(pair, bench.rounds, bench.env)
            value = wall_ratio(runs, *pair)
            yield ResultRow(
                "2,000 GETs on the loopback", "bare aiohttp, wall", value, 1.25, 1.1, raw=runs
            )
            if httpie is None:
                return
            single = {"HTTPie": [httpie, "--ignore-stdin", f"{origin}/"]}
            raw = {**runs, **run_in_turns(single, bench.rounds, bench.env)}
        value = (
            median_run(raw["HTTPie"]).wall * requests / median_run(runs["httpcli --batch"]).wall
        )
        yield ResultRow(
            "2,000 GETs on the loopback",
            "times faster than an HTTPie for each",
            value,
            300,
            600,
            more=True,
            raw=raw,
        )


def _urls(origin: str, requests: int) -> list[str]:
    return [f"{origin}/?n={number}" for number in range(requests)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.batch")
    parser.add_argument("--httpcli", help="an installed httpcli (default: this tree)")
    parser.add_argument("--httpie", default="http", help="HTTPie's program")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=50, help="requests at once")
    parser.add_argument("--delay", type=float, default=20, help="milliseconds until the response")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--url", help="use this server instead")
    parser.add_argument("--python", default=sys.executable, help="runs the bare aiohttp script")
    return parser.parse_args()


def _environment(home: str) -> dict[str, str]:
    return {**plain_environment(home), "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))}


def _commands(folder: Path, urls: list[str], options: argparse.Namespace) -> dict[str, list[str]]:
    """Return the commands by name."""
    jobs = str(options.jobs)
    lines = folder / "urls.txt"
    lines.write_text("".join(f"{url}\n" for url in urls))
    httpie_urls = folder / "part.txt"
    httpie_urls.write_text("".join(f"{url}\n" for url in urls[: len(urls) // _HTTPIE_FRACTION]))
    config = folder / "urls.curl"
    config.write_text("".join(f'url = "{url}"\n' for url in urls))
    httpcli = [options.httpcli] if options.httpcli else [*HTTPCLI]
    commands = {
        "curl -Z": [
            "curl",
            "-s",
            "--no-progress-meter",
            "-Z",
            "--parallel-max",
            jobs,
            "-K",
            str(config),
        ],
        "httpcli --batch": [*httpcli, "--batch", str(lines), "--jobs", jobs],
        "bare aiohttp": [options.python, "-c", _BARE_SCRIPT, str(lines), jobs],
    }
    xargs = f"xargs -P {jobs} -n 1"
    commands["xargs curl"] = ["sh", "-c", f"{xargs} curl -s <{lines}"]
    httpie = shutil.which(options.httpie)
    if httpie is None:
        print_line(f"HTTPie is missing ({options.httpie}): left out")
    else:
        commands["HTTPie by xargs"] = [
            "sh",
            "-c",
            f"{xargs} {httpie} --ignore-stdin <{httpie_urls}",
        ]
    return commands


@contextmanager
def _server(options: argparse.Namespace) -> Iterator[str]:
    """Yield the origin of the server."""
    if options.url:
        yield options.url.rstrip("/")
        return
    command = [sys.executable, "-c", _SERVER, str(options.delay / 1e3)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as child:
        try:
            yield f"http://127.0.0.1:{child.stdout.readline().strip() if child.stdout else ''}"
        finally:
            child.kill()


if __name__ == "__main__":
    main()
