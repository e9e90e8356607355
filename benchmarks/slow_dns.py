"""The time that a slow name server adds to a GET; httpcli sends its query early in the start.

The process runs in a mount namespace with its own resolv.conf, whose name server answers after
60 ms. This needs ``unshare`` and root; otherwise the row is omitted.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.measure import print_line
from benchmarks.table import BenchmarkContext, ResultRow

_LATENCY = 0.060
_ADDRESS = "127.0.0.77"
_SERVER = """
import socket, struct, sys, threading, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], 53))
delay = float(sys.argv[2])
print("ready", flush=True)
def answer(data, address):
    time.sleep(delay)
    end = 12
    while data[end]:
        end += data[end] + 1
    record_type = data[end + 1 : end + 3]
    is_a = record_type == b"\\0\\1"
    head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, int(is_a), 0, 0)
    record = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\1\\0\\4\\x7f\\0\\0\\1" if is_a else b""
    server.sendto(head + data[12 : end + 5] + record, address)
while True:
    threading.Thread(target=answer, args=server.recvfrom(4096), daemon=True).start()
"""


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Measure a GET with a name server that answers immediately, and with a slow one."""
    with _web_server() as port, _namespace_command(bench.folder) as prefix:
        if prefix is None:
            print_line("a mount namespace cannot be had: the row of the name server is left out")
            return
        command = [*prefix, bench.httpcli, "GET", f"http://slow.test:{port}/"]
        seconds: dict[str, list[object]] = {"0 ms": [], "60 ms": []}
        for turn in range(bench.rounds * 2 + 1):
            for name, delay in (("0 ms", 0.0), ("60 ms", _LATENCY)):
                duration = _time_get(command, bench, delay)
                if turn:
                    seconds[name].append(duration)
    medians = {name: median(float(str(each)) for each in raw) for name, raw in seconds.items()}
    added = (medians["60 ms"] - medians["0 ms"]) * 1e3
    yield ResultRow("60 ms of DNS latency", "added to a GET", added, 10, 0, "ms", raw=seconds)


def _time_get(command: list[str], bench: BenchmarkContext, delay: float) -> float:
    server = [sys.executable, "-c", _SERVER, _ADDRESS, str(delay)]
    with subprocess.Popen(server, stdout=subprocess.PIPE) as child:
        try:
            if child.stdout is not None:
                child.stdout.readline()
            started = perf_counter()
            subprocess.run(command, env=bench.env, capture_output=True, check=True)
            return perf_counter() - started
        finally:
            child.kill()


@contextmanager
def _web_server() -> Iterator[str]:
    code = (
        "import http.server as h;s=h.ThreadingHTTPServer(('127.0.0.1',0),"
        "h.SimpleHTTPRequestHandler);print(s.server_port,flush=True);s.serve_forever()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        try:
            yield child.stdout.readline().decode().strip() if child.stdout else ""
        finally:
            child.kill()


@contextmanager
def _namespace_command(folder: Path) -> Iterator[list[str] | None]:
    """Yield a command prefix that sets the name server; None if that is not possible."""
    settings = folder / "resolv.conf"
    settings.write_text(f"nameserver {_ADDRESS}\n")
    script = f'mount --bind {settings} /etc/resolv.conf && exec "$@"'
    words = ["unshare", "-m", "sh", "-c", script, "sh"]
    try:
        works = subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        works = False
    yield words if works else None
