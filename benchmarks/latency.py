"""The delay until a line is printed: ``python -m benchmarks.latency``.

This process is both the server and the reader of the output. It measures the time from before
the server's write until the line can be read from the pipe. It sends the next line after it
has read the last one. Missing programs are omitted, with a message.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median, quantiles
from time import perf_counter

from benchmarks.measure import print_line
from benchmarks.table import BenchmarkContext, ResultRow
from tests.support.environment import HTTPCLI
from tests.support.run import start_process
from tests.support.websocket import TEXT, close_frame, frame, handshake_response

_HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: {}\r\n\r\n"
_LINES = {
    "text/plain": "line {}.\n",
    "text/html": "<p>line {}.</p>\n",
    "application/x-ndjson": '{{"line": "{}."}}\n',
    "text/event-stream": 'data: {{"line": "{}."}}\n\n',
}
_OPTIONS = {
    "raw": [],
    "stream": ["--stream", "--pretty=all"],
    "pretty": ["--pretty=all"],
    "json": ["--events=json"],
}
_WEBSOCKET = "WebSocket"


def main() -> None:
    """Measure and print one table."""
    options = _options()
    httpcli = [options.httpcli] if options.httpcli else [*HTTPCLI]
    print_line(f"{'':40}{'median ms':>10}{'95 % ms':>10}{'most ms':>10}")
    for media in _LINES:
        for name, argv in _OPTIONS.items():
            if name == "json" and media != "text/event-stream":
                continue
            _report(f"httpcli {name}", media, _delays([*httpcli, *argv], media, options.lines))
    for name in ("raw", "pretty", "json"):
        delays = _delays([*httpcli, *_OPTIONS[name]], _WEBSOCKET, options.lines)
        _report(f"httpcli {name}", _WEBSOCKET, delays)
    httpie = shutil.which(options.httpie)
    if httpie is None:
        print_line(f"HTTPie is missing ({options.httpie}): left out")
        return
    for media in _LINES:
        argv = [httpie, "--ignore-stdin", "--body", "--stream"]
        _report("HTTPie stream", media, _delays(argv, media, options.lines))


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Measure the time from a server's write to the output of httpcli."""
    for media, what, *options in (
        ("text/event-stream", "an event of a stream"),
        ("application/x-ndjson", "a line of NDJSON"),
        (_WEBSOCKET, "a message of a WebSocket"),
        ("text/html", "a line of HTML in colours", "--pretty=all"),
    ):
        delays = _delays([bench.httpcli, *options], media, 200)
        value = median(delays) * 1e3
        yield ResultRow(
            what, "until it is in our pipe", value, 10, 3, "ms", raw={"httpcli": delays}
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.latency")
    parser.add_argument("--httpcli", help="an installed httpcli (default: this tree)")
    parser.add_argument("--httpie", default="http", help="HTTPie's program")
    parser.add_argument("--lines", type=int, default=200, help="lines of each response")
    return parser.parse_args()


def _report(name: str, media: str, seconds: Sequence[float]) -> None:
    percentile_95 = quantiles(seconds, n=20)[-1]
    columns = "".join(
        f"{value * 1e3:10.2f}" for value in (median(seconds), percentile_95, max(seconds))
    )
    print_line(f"{name:18}{media:22}{columns}")


def _delays(command: Sequence[str], media: str, lines: int) -> list[float]:
    """Return the seconds from the server's write to the output, for each line but the first."""
    with (
        _connection(media) as (url, accepted),
        start_process("GET", url, program=command, env={"TERM": "xterm-256color"}) as child,
    ):
        connection, head, end = next(accepted)
        stdout = child.stdout.fileno() if child.stdout else -1
        connection.sendall(head)
        seconds = [_delay(connection, stdout, media, number) for number in range(lines + 1)]
        connection.sendall(end)
        child.communicate()
    return seconds[1:]


def _delay(connection: socket.socket, stdout: int, media: str, number: int) -> float:
    line = _LINES.get(media, '{{"line": "{}."}}').format(number).encode()
    data = frame(TEXT, line) if media == _WEBSOCKET else b"%x\r\n%b\r\n" % (len(line), line)
    received = b""
    start = perf_counter()
    connection.sendall(data)
    while f"{number}.".encode() not in received:
        piece = os.read(stdout, 65536)
        if not piece:
            raise SystemExit(f"the output ended before line {number}")
        received += piece
    return perf_counter() - start


@contextmanager
def _connection(
    media: str,
) -> Iterator[tuple[str, Iterator[tuple[socket.socket, bytes, bytes]]]]:
    """Yield the URL of a server, and an iterator with one accepted request.

    Its item is the connection, the start of the response, and the end of the response.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> Iterator[tuple[socket.socket, bytes, bytes]]:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(65536)
                if media == _WEBSOCKET:
                    yield connection, handshake_response(request), close_frame()
                else:
                    yield connection, _HEAD.format(media).encode(), b"0\r\n\r\n"

        scheme = "ws" if media == _WEBSOCKET else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", accept()


if __name__ == "__main__":
    main()
