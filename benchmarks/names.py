"""What a slow name server adds to a GET: httpcli asks while it loads.

The whole process lives in a mount namespace of its own, whose name server
answers after 60 ms: that needs ``unshare`` and root, else the row is left out.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.rows import Bench, Row
from benchmarks.runs import say

_LATENCY = 0.060
_ADDRESS = "127.0.0.77"
_SERVER = """
import socket, struct, sys, threading, time
asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asked.bind((sys.argv[1], 53))
late = float(sys.argv[2])
print("ready", flush=True)
def answer(data, address):
    time.sleep(late)
    end = 12
    while data[end]:
        end += data[end] + 1
    kind = data[end + 1 : end + 3]
    found = kind == b"\\0\\1"
    head = data[:2] + struct.pack("!HHHHH", 0x8180, 1, int(found), 0, 0)
    record = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\1\\0\\4\\x7f\\0\\0\\1" if found else b""
    asked.sendto(head + data[12 : end + 5] + record, address)
while True:
    threading.Thread(target=answer, args=asked.recvfrom(4096), daemon=True).start()
"""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure a GET with a name server that answers at once, and one that is late."""
    with _web() as port, _resolving(bench.folder) as inside:
        if inside is None:
            say("a mount namespace cannot be had: the row of the name server is left out")
            return
        command = [*inside, bench.httpcli, "GET", f"http://slow.test:{port}/"]
        seconds: dict[str, list[object]] = {"0 ms": [], "60 ms": []}
        for turn in range(bench.rounds * 2 + 1):
            for name, late in (("0 ms", 0.0), ("60 ms", _LATENCY)):
                took = _timed(command, bench, late)
                if turn:
                    seconds[name].append(took)
    medians = {name: median(float(str(each)) for each in raw) for name, raw in seconds.items()}
    added = (medians["60 ms"] - medians["0 ms"]) * 1e3
    yield Row("60 ms of DNS latency", "added to a GET", added, 10, 0, "ms", raw=seconds)


def _timed(command: list[str], bench: Bench, late: float) -> float:
    server = [sys.executable, "-c", _SERVER, _ADDRESS, str(late)]
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
def _web() -> Iterator[str]:
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
def _resolving(folder: Path) -> Iterator[list[str] | None]:
    """Give the words before a command that give it our name server; None where nothing can."""
    settings = folder / "resolv.conf"
    settings.write_text(f"nameserver {_ADDRESS}\n")
    script = f'mount --bind {settings} /etc/resolv.conf && exec "$@"'
    words = ["unshare", "-m", "sh", "-c", script, "sh"]
    try:
        works = subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        works = False
    yield words if works else None
