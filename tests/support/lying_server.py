"""An HTTP server that answers some requests for a file wrongly, as a seed decides.

``LyingServer`` serves ``Resource`` objects, each with several versions. ``Script`` names the
lie for each request of one run of the program: a key of ``LIES``, or ``honest``. The server
logs every request with its response, and collects the bodies that a correct client may take
for the complete file (``whole_bodies``).
"""

from __future__ import annotations

import base64
import gzip
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from hashlib import sha256
from socket import MSG_DONTWAIT, MSG_PEEK
from typing import NamedTuple

from tests.support.http_connection import ClientConnection, ReceivedRequest, chunk
from tests.support.servers import LoopbackServer

DATE = "Tue, 03 Mar 2026 10:00:00 GMT"
PAGE = b"<!doctype html><title>Please log in</title><form>user, password</form>\n"
_PIECE = 64 * 1024
"""Bytes that are sent at once."""
_FULL_SPEED_AFTER = 1.6
"""Seconds after the first request of a run after which ``rate`` has no effect."""
_STALL = 8.0
"""Seconds after which a silent connection is closed, should the client wait that long."""

_MAX_LIES = 50
"""Requests of a run after which the server is honest: a client that makes progress never ends."""

EVIL_NAMES = (
    'filename="../evil"',
    'filename="..\\\\..\\\\evil"',
    'filename="/etc/evil"',
    'filename="f.part"',
    'filename="f.part.json"',
    'filename="f.part.json.new"',
    'filename="f.PART"',
    'filename="f.part. ."',
    'filename="f.part%2e"',
    "filename*=UTF-8''f%2Epart",
    "filename*=UTF-8''f.part%E2%80%8E",
    "filename*=UTF-8''f.part%00.json",
    'filename=".bashrc"',
    'filename="-rf"',
    "filename*=UTF-8''%2Drf%20%2A",
    'filename="~root"',
    'filename="keep.txt"',
    'filename="CON"',
    "filename*=UTF-8''a%07b%1B%5B2J",
    "filename*=UTF-8''%E2%80%AEfdp.exe",
    f'filename="{"x" * 300}.part"',
    f'filename="{"y" * 251}.iso"',
    'filename=""',
    'filename="."',
    'filename=".."',
    'filename="a/../f.part"',
    'filename="f.part.json"; filename="good"',
)
"""Parameters of Content-Disposition with names that a client must not use as they are."""


class Version(NamedTuple):
    """One version of a file."""

    content: bytes
    etag: str
    """Empty if it is not sent."""
    modified: str
    """Last-Modified; empty if it is not sent."""

    @property
    def strong_validators(self) -> list[str]:
        """The validators that If-Range may hold."""
        return [each for each in (self.etag, self.modified) if each and not each.startswith("W/")]


@dataclass
class Resource:
    """A file with several versions, and how the server sends it when it is honest."""

    versions: Sequence[Version]
    framing: str = "length"
    """``length``, ``chunked``, or ``close``: the body ends with the connection."""
    accepts_ranges: bool = True
    disposition: str = ""
    """The value of Content-Disposition; empty if it is not sent."""
    current: int = 0
    """The index of the version on the server."""

    @property
    def version(self) -> Version:
        """The version on the server."""
        return self.versions[self.current]


@dataclass
class Reply:
    """A response that is about to be sent."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    framing: str = "length"
    whole: bytes | None = None
    """What a client may take for the complete file after this response."""
    stop_at: int | None = None
    """How many bytes of the body are sent; None for all."""
    stop: str = "close"
    """What follows after ``stop_at``: ``close``, ``reset`` or ``stall``."""
    head_stop: int | None = None
    """How many bytes of the head are sent before the connection is closed."""
    lacks_last_chunk: bool = False
    surplus: bytes = b""
    """Bytes after the body."""
    interim: bytes = b""
    """Responses before this one."""

    def set(self, name: str, value: str | None) -> None:
        """Replace a header; None removes it."""
        self.headers = [each for each in self.headers if each[0].lower() != name.lower()]
        if value is not None:
            self.headers.append((name, value))

    def get(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def head(self) -> bytes:
        """The status line and the headers with the framing."""
        headers = list(self.headers)
        names = {name.lower() for name, _ in headers}
        if self.framing == "length" and "content-length" not in names:
            headers.append(("Content-Length", str(len(self.body))))
        elif self.framing == "chunked":
            headers.append(("Transfer-Encoding", "chunked"))
        elif self.framing == "close":
            headers.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {self.status} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


@dataclass
class Case:
    """A request, and what a lie may use to answer it."""

    random: random.Random
    resource: Resource
    request: ReceivedRequest
    start: int | None
    """The offset of the first requested byte; None if the whole file is requested."""
    end: int
    """The offset after the last requested byte."""

    @property
    def version(self) -> Version:
        """The version on the server."""
        return self.resource.version

    @property
    def other_version(self) -> Version:
        """A version that is not on the server now."""
        others = [each for each in self.resource.versions if each is not self.version]
        return self.random.choice(others)


@dataclass
class Script:
    """How one run of the program is answered."""

    seed: str = ""
    lies: Sequence[str] = ()
    """The lie for each of the first requests."""
    rest: str = "honest"
    """The lie for each further request."""
    rate: int = 0
    """Bytes a second of each connection; 0 for no limit."""
    hold_at: int | None = None
    """The server stops after this many bytes of bodies, until ``release``."""
    used: list[str] = field(default_factory=list)
    """The lies of the requests so far."""

    def lie(self, number: int) -> str:
        """Return the lie for a request, counted from 0."""
        if number >= _MAX_LIES:
            return "honest"
        return self.lies[number] if number < len(self.lies) else self.rest


class LyingServer(LoopbackServer):
    """Serves each resource at ``/NAME`` and ``/copy/NAME``, and a login page at ``/login``."""

    def __init__(self, resources: dict[str, Resource]) -> None:
        super().__init__()
        self.may_be_idle()
        self.resources = resources
        self.log: list[str] = []
        self.whole_bodies = {
            version.content for each in resources.values() for version in each.versions
        }
        self.script = Script()
        self.run_requests = 0
        """Requests of the current run."""
        self.run_additional = 0
        """Requests of the current run during which another response was on its way."""
        self.sent = 0
        """Bytes of bodies sent in the current run."""
        self._started = 0.0
        self._sending: dict[int, tuple[ClientConnection, str]] = {}
        self._progress = threading.Condition()
        self._released = threading.Event()

    def begin_run(self, script: Script) -> None:
        """Answer the next requests by ``script``."""
        with self._progress:
            self.script = script
            self.run_requests = self.run_additional = self.sent = 0
            self._released.clear()

    def wait_until_idle(self) -> None:
        """Wait until no response is on its way, after the program has ended."""
        self.wait_for(lambda: not self._sending, 5.0)

    def release(self) -> None:
        """End the waiting of connections that ``hold_at`` stopped."""
        self._released.set()

    def wait_for(self, reached: Callable[[], bool], timeout: float) -> bool:
        """Wait until ``reached`` returns true; it is called after each change."""
        with self._progress:
            return self._progress.wait_for(reached, timeout)

    def serve(self, connection: ClientConnection) -> None:
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if not request.complete:
                return
            self._answer(request, connection)

    def _answer(self, request: ReceivedRequest, connection: ClientConnection) -> None:
        name = request.target.removeprefix("/copy").removeprefix("/")
        with self._progress:
            number, self.run_requests = self.run_requests, self.run_requests + 1
            if not number:
                self._started = time.monotonic()
            script = self.script
            is_additional = any(
                _is_alive(other) for other, its_name in self._sending.values() if its_name == name
            )
            self.run_additional += is_additional
            self._sending[connection.number] = connection, name
            self._progress.notify_all()
        lie = "login" if name == "login" else script.lie(number)
        try:
            if name == "login":
                reply = Reply(200, "OK", [("Content-Type", "text/html")], PAGE, whole=PAGE)
            elif name in self.resources:
                reply = self._make_reply(
                    request, self.resources[name], lie, f"{script.seed}/{number}"
                )
            else:
                reply = Reply(404, "Not Found", [], b"no such file\n")
            self._collect(reply, is_additional=is_additional)
            line = _describe(request, connection, number, is_additional=is_additional)
            entry = self._note(f"{line}\n      {lie}: {_summary(reply)}", lie)
            sent = self._send(reply, connection, script)
            self.log[entry] += f"; {sent} bytes of the body were sent"
        finally:
            with self._progress:
                self._sending.pop(connection.number, None)
                self._progress.notify_all()

    def _note(self, line: str, lie: str) -> int:
        with self._progress:
            self.script.used.append(lie)
            self.log.append(line)
            return len(self.log) - 1

    def _make_reply(
        self, request: ReceivedRequest, resource: Resource, lie: str, seed: str
    ) -> Reply:
        start, end = _requested_range(request, len(resource.version.content))
        case = Case(random.Random(seed), resource, request, start, end)
        if lie == "new version":
            with self._progress:
                resource.current = (resource.current + 1) % len(resource.versions)
        reply = honest_reply(case)
        if lie in LIES:
            reply = LIES[lie](reply, case) or reply
        return reply

    def _collect(self, reply: Reply, *, is_additional: bool) -> None:
        if reply.whole is None or is_additional:
            return
        whole = reply.whole
        if reply.framing == "close" and reply.stop != "reset" and reply.stop_at is not None:
            whole = whole[: reply.stop_at]  # nothing shows that it was cut
        with self._progress:
            self.whole_bodies.add(whole)

    def _send(self, reply: Reply, connection: ClientConnection, script: Script) -> int:
        if reply.interim:
            connection.send(reply.interim)
        head = reply.head
        if reply.head_stop is not None:
            connection.send(head[: reply.head_stop])
            connection.close()
            return 0
        connection.send(head)
        with self._progress:
            self._progress.notify_all()
        end = len(reply.body) if reply.stop_at is None else min(reply.stop_at, len(reply.body))
        sent = self._send_body(reply, end, connection, script)
        if reply.stop_at is not None:
            self._stop(reply.stop, connection)
        elif reply.framing == "chunked" and not reply.lacks_last_chunk:
            connection.send(chunk(b""))
        if connection.open and reply.surplus:
            connection.send(reply.surplus)
        if connection.open and (reply.framing == "close" or reply.lacks_last_chunk):
            connection.close()
        return sent

    def _send_body(
        self, reply: Reply, end: int, connection: ClientConnection, script: Script
    ) -> int:
        body, sent, began = memoryview(reply.body), 0, time.monotonic()
        while sent < end:
            size = min(_PIECE, end - sent)
            if script.hold_at is not None and not self._released.is_set():
                size = min(size, max(script.hold_at - self.sent, 0))
                if size == 0:
                    self._released.wait(_STALL)
                    continue
            piece = bytes(body[sent : sent + size])
            connection.send(chunk(piece) if reply.framing == "chunked" else piece)
            sent += size
            with self._progress:
                self.sent += size
                self._progress.notify_all()
            self._slow_down(script.rate, sent, began)
        return sent

    def _slow_down(self, rate: int, sent: int, began: float) -> None:
        now = time.monotonic()
        if rate and now - self._started < _FULL_SPEED_AFTER:
            self.stopping.wait(max(sent / rate - (now - began), 0.0))

    @property
    def stopping(self) -> threading.Event:
        """Set when the server stops."""
        return self._stopping

    def _stop(self, how: str, connection: ClientConnection) -> None:
        if how == "reset":
            connection.reset()
            return
        if how == "stall":
            deadline = time.monotonic() + _STALL
            while _is_alive(connection) and time.monotonic() < deadline:
                self.stopping.wait(0.02)
        connection.close()


def honest_reply(case: Case) -> Reply:
    """Return the correct response."""
    version, resource = case.version, case.resource
    condition = case.request.header("If-Range")
    size = len(version.content)
    since = case.request.header("If-Modified-Since")
    if since and version.modified and _seconds(version.modified) <= _seconds(since):
        return Reply(304, "Not Modified", _headers(case, version), framing="none")
    if case.start is None or not resource.accepts_ranges:
        return _whole_reply(case, version)
    if condition is not None and condition not in version.strong_validators:
        return _whole_reply(case, version)
    if case.start >= size:
        return Reply(
            416, "Range Not Satisfiable", [("Date", DATE), ("Content-Range", f"bytes */{size}")]
        )
    return _part_reply(case, version, case.start, min(case.end, size))


def _headers(case: Case, version: Version) -> list[tuple[str, str]]:
    headers = [("Date", DATE), ("Content-Type", "application/octet-stream")]
    headers += [("ETag", version.etag)] if version.etag else []
    headers += [("Last-Modified", version.modified)] if version.modified else []
    headers += [("Accept-Ranges", "bytes")] if case.resource.accepts_ranges else []
    disposition = case.resource.disposition
    headers += [("Content-Disposition", disposition)] if disposition else []
    return headers


def _whole_reply(case: Case, version: Version) -> Reply:
    content = version.content
    headers = _headers(case, version)
    return Reply(200, "OK", headers, content, case.resource.framing, whole=content)


def _part_reply(case: Case, version: Version, start: int, end: int) -> Reply:
    size = len(version.content)
    span = ("Content-Range", f"bytes {start}-{end - 1}/{size}")
    headers = [*_headers(case, version), span]
    framing = "chunked" if case.resource.framing == "chunked" else "length"
    return Reply(206, "Partial Content", headers, version.content[start:end], framing)


def _seconds(date: str) -> float:
    return parsedate_to_datetime(date).timestamp()


Lie = Callable[[Reply, Case], Reply | None]
"""Changes the correct response, or returns another one."""


def _cut(reply: Reply, case: Case) -> None:
    reply.stop_at = case.random.randrange(len(reply.body) + 1)


def _cut_early(reply: Reply, case: Case) -> None:
    reply.stop_at = case.random.randrange(min(len(reply.body), 3000) + 1)


def _reset(reply: Reply, case: Case) -> None:
    _cut(reply, case)
    reply.stop = "reset"


def _stall(reply: Reply, case: Case) -> None:
    _cut(reply, case)
    reply.stop = "stall"


def _cut_head(reply: Reply, case: Case) -> None:
    reply.head_stop = case.random.randrange(len(reply.head))


def _close(reply: Reply, _case: Case) -> None:
    reply.head_stop = 0


def _whole_instead_of_part(_reply: Reply, case: Case) -> Reply:
    return _whole_reply(case, case.version)


def _no_file(_reply: Reply, case: Case) -> Reply:
    status, reason = case.random.choice(
        [(202, "Accepted"), (204, "No Content"), (205, "Reset Content")]
    )
    headers = case.random.choice([[], _headers(case, case.version)])
    if status == 204:
        return Reply(status, reason, list(headers), framing="none")
    body = b"" if status == 205 else case.random.choice([b"", b"your file is being made\n"])
    return Reply(status, reason, list(headers), body)


def _error(_reply: Reply, case: Case) -> Reply:
    status = case.random.choice([400, 403, 404, 408, 410, 429, 500, 502, 503, 504])
    headers = [("Retry-After", "0")] if case.random.random() < 0.5 else []
    return Reply(status, "Error", headers, b"sorry\n")


def _redirect_to_login(_reply: Reply, case: Case) -> Reply:
    status = case.random.choice([301, 302, 303, 307, 308])
    return Reply(status, "Elsewhere", [("Location", "/login")], b"moved\n")


def _redirect_to_copy(reply: Reply, case: Case) -> Reply:
    target = case.request.target
    if target.startswith("/copy"):
        return reply
    return Reply(case.random.choice([302, 307]), "Elsewhere", [("Location", f"/copy{target}")])


def _login_page(_reply: Reply, case: Case) -> Reply:
    body = PAGE * case.random.choice([1, 1, 1000])
    framing = case.random.choice(["length", "chunked"])
    return Reply(200, "OK", [("Content-Type", "text/html")], body, framing, whole=body)


def _wrong_416(reply: Reply, case: Case) -> Reply:
    size, start = len(case.version.content), case.start or 0
    claimed = case.random.choice([size, start, max(start - 1, 0), size + 100, 0, None])
    headers = [("Date", DATE)]
    if claimed is not None:
        headers.append(("Content-Range", f"bytes */{claimed}"))
    if case.random.random() < 0.4:
        version = case.random.choice([case.version, case.other_version])
        headers += [("ETag", version.etag)] if version.etag else []
        headers += [("Last-Modified", version.modified)] if version.modified else []
    if claimed == start and case.resource.framing != "length":
        # No header has named another size.
        reply.whole = case.version.content[:start]
    return Reply(416, "Range Not Satisfiable", headers, b"no such range\n", whole=reply.whole)


def _part_of_other_version(_reply: Reply, case: Case) -> Reply:
    other = case.other_version
    size = len(other.content)
    start = case.start or 0
    if start >= size:
        return _whole_reply(case, other)
    if case.start is None:
        reply = _whole_reply(case, other)
    else:
        reply = _part_reply(case, other, start, min(case.end, size))
        if case.random.random() < 0.3:
            span = reply.get("Content-Range") or ""
            reply.set("Content-Range", f"{span.partition('/')[0]}/{len(case.version.content)}")
    # All of these must be recognized: none repeats a strong validator of the first response.
    etag = case.version.etag.removeprefix("W/")
    kind = case.random.choice(["own", "none", "weak", "unquoted", "old time", "list"])
    if kind == "none":
        reply.set("ETag", None)
        reply.set("Last-Modified", None)
    elif kind == "weak" and etag:
        reply.set("ETag", f"W/{etag}")
    elif kind == "unquoted" and etag:
        reply.set("ETag", etag.strip('"'))
    elif kind == "old time" and etag and case.start is not None:
        reply.set("ETag", None)
        reply.set("Last-Modified", case.version.modified or None)
    elif kind == "list" and etag:
        reply.set("ETag", f"{other.etag}, {etag}")
    return reply


def _forged_part(_reply: Reply, case: Case) -> Reply:
    """Send bytes of another version with the validators of this one: only a checksum helps."""
    version = case.version._replace(content=case.other_version.content)
    if case.start is None or case.start >= len(version.content):
        return _whole_reply(case, case.version)
    return _part_reply(case, version, case.start, min(case.end, len(version.content)))


def _wrong_range(reply: Reply, case: Case) -> None:
    if reply.status != 206:
        return
    start, size = case.start or 0, len(case.version.content)
    last = start + len(reply.body) - 1
    reply.set(
        "Content-Range",
        case.random.choice(
            [
                None,
                f"bytes {start + 1}-{last + 1}/{size + 1}",
                f"bytes {max(start - 1, 0)}-{last}/{size}",
                f"bytes 0-{last}/{size}",
                f"bytes {start}-{last}/{size + 1}",
                f"bytes {start}-{last}/{max(size - 1, last + 1)}",
                f"bytes {start}-{last + 10}/{size}",
                f"bytes {start}-{last}/{last}",
                f"bytes {last}-{start}/{size}",
                f"bytes */{size}",
                f"bytes {start}-/{size}",
                f"items {start}-{last}/{size}",
                f"bytes={start}-{last}/{size}",
                f"bytes {start}-{last}",
                f"bytes {start}-{last}/{size}, bytes 0-{last}/{size}",
                "bytes 99999999999999999999-99999999999999999999/99999999999999999999",
                "",
            ]
        ),
    )
    if case.random.random() < 0.5 and start:
        # The body is what the header says, and not what the request says.
        reply.body = case.version.content[max(start - 1, 0) : last + 1]


def _two_ranges(reply: Reply, case: Case) -> None:
    span = reply.get("Content-Range")
    if reply.status != 206 or span is None:
        return
    start, size = case.start or 0, len(case.version.content)
    wrong = case.random.choice(
        [f"bytes 0-{len(reply.body) - 1}/{size}", f"bytes {start + 7}-{size - 1}/{size}"]
    )
    if wrong == span:
        return
    both = [("Content-Range", span), ("Content-Range", wrong)]
    case.random.shuffle(both)
    reply.set("Content-Range", None)
    reply.headers += both
    if case.random.random() < 0.5:
        reply.body = case.other_version.content[start : start + len(reply.body)]


def _wrong_length(reply: Reply, case: Case) -> None:
    if reply.framing != "length":
        return
    size = len(reply.body)
    length = case.random.choice([size + 1, size + 1000, max(size - 1, 0), size // 2, 0])
    reply.set("Content-Length", str(length))
    if length > size:
        reply.stop_at = size
    elif reply.whole is not None:
        reply.whole = reply.whole[:length]


def _two_lengths(reply: Reply, case: Case) -> None:
    size = len(reply.body)
    reply.framing = "close" if case.random.random() < 0.5 else "length"
    lengths = [str(size), str(case.random.choice([size + 5, size // 2, size]))]
    case.random.shuffle(lengths)
    reply.headers += [("Content-Length", each) for each in lengths]
    if reply.whole is not None and case.random.random() < 0.3:
        reply.headers.append(("Transfer-Encoding", "chunked"))
        reply.framing = "close"  # a client may wait for chunks


def _length_and_chunks(reply: Reply, case: Case) -> None:
    reply.framing = "chunked"
    size = len(reply.body)
    reply.set("Content-Length", str(case.random.choice([size, size // 2, size + 5])))


def _coded_part(reply: Reply, case: Case) -> Reply | None:
    if reply.status == 200 and reply.whole is not None:
        reply.body = gzip.compress(reply.whole[: 1 << 20], 1)
        decoded = reply.whole[: 1 << 20]
        reply.set("Content-Encoding", "gzip")
        reply.set("ETag", None)
        reply.whole = decoded
        return reply
    reply.set("Content-Encoding", case.random.choice(["gzip", "deflate", "br", "x-unknown"]))
    if reply.status == 206 and case.random.random() < 0.5:
        reply.body = gzip.compress(reply.body[: 1 << 20], 1)
        reply.set("Content-Range", None)
        start = case.start or 0
        size = len(case.version.content)
        end = start + len(reply.body) - 1
        reply.set("Content-Range", f"bytes {start}-{end}/{max(size, end + 1)}")
    return None


def _broken_coding(reply: Reply, case: Case) -> None:
    if reply.status == 200:
        reply.body = gzip.compress(reply.body[: 1 << 20], 1)
        reply.body = reply.body[: case.random.randrange(len(reply.body))]
        reply.whole = None
        reply.set("Content-Encoding", "gzip")


def _cut_chunks(reply: Reply, case: Case) -> None:
    reply.framing = "chunked"
    reply.lacks_last_chunk = True
    if case.random.random() < 0.7:
        _cut(reply, case)
        reply.stop_at = min(reply.stop_at or 0, len(reply.body) - 1) if reply.body else None


def _short_part(reply: Reply, case: Case) -> Reply | None:
    if reply.status != 206 or len(reply.body) < 2:
        return None
    start = case.start or 0
    end = start + case.random.randrange(1, len(reply.body))
    return _part_reply(case, case.version, start, end)


def _long_part(reply: Reply, case: Case) -> Reply | None:
    if reply.status != 206:
        return None
    start, size = case.start or 0, len(case.version.content)
    if case.random.random() < 0.5:
        return _part_reply(case, case.version, start, size)
    reply.body += b"x" * case.random.choice([1, 1000])
    reply.framing = case.random.choice(["chunked", "length"])
    return None


def _unasked_part(reply: Reply, case: Case) -> Reply | None:
    size = len(case.version.content)
    if case.start is not None or size < 2:
        return None
    start = case.random.choice([0, 0, size // 2])
    end = case.random.randrange(start + 1, size + 1)
    reply = _part_reply(case, case.version, start, end)
    if case.random.random() < 0.3:
        reply.set("Content-Range", f"bytes {start}-{end - 1}/*")
    return reply


def _surplus(reply: Reply, case: Case) -> None:
    other = case.other_version
    smuggled = Reply(200, "OK", _headers(case, other), other.content[:100_000], whole=None)
    part = Reply(206, "Partial Content", _headers(case, case.version), other.content[:100_000])
    part.set("Content-Range", f"bytes 0-{len(part.body) - 1}/{len(case.version.content)}")
    reply.surplus = case.random.choice(
        [b"\r\n", b"x", b"x" * 10_000, smuggled.head + smuggled.body, part.head + part.body]
    )
    if reply.framing == "close" and reply.whole is not None:
        reply.whole += reply.surplus


def _interim(reply: Reply, case: Case) -> None:
    early = b'HTTP/1.1 103 Early Hints\r\nETag: "early"\r\nContent-Range: bytes 0-0/1\r\n\r\n'
    reply.interim = early * case.random.choice([1, 3])


def _no_validators(reply: Reply, case: Case) -> None:
    reply.set("ETag", None)
    if case.random.random() < 0.5:
        reply.set("Last-Modified", None)


def _weak_validator(reply: Reply, case: Case) -> None:
    etag = case.version.etag.removeprefix("W/") or '"weak"'
    reply.set("ETag", f"W/{etag}")


def _two_etags(reply: Reply, case: Case) -> None:
    reply.headers.append(("ETag", case.other_version.etag or '"second"'))


def _other_backend(reply: Reply, case: Case) -> None:
    reply.set("ETag", f'"backend-{case.random.randrange(3)}"')


def _multipart(reply: Reply, case: Case) -> Reply | None:
    if reply.status != 206:
        return None
    span = reply.get("Content-Range")
    head = f"--b\r\nContent-Type: a/b\r\nContent-Range: {span}\r\n\r\n".encode()
    body = head + reply.body + b"\r\n--b--\r\n"
    headers = _headers(case, case.version)
    result = Reply(206, "Partial Content", headers, body)
    result.set("Content-Type", "multipart/byteranges; boundary=b")
    if case.random.random() < 0.3:
        result.set("Content-Range", span)
    return result


def _digest(reply: Reply, case: Case) -> None:
    is_right = case.random.random() < 0.6
    content = case.version.content if is_right else case.other_version.content
    value = base64.b64encode(sha256(content).digest()).decode()
    reply.set("Repr-Digest", f"sha-256=:{value}:")


def _evil_name(reply: Reply, case: Case) -> None:
    name = case.random.choice(EVIL_NAMES)
    reply.set("Content-Disposition", f"attachment; {name}")


LIES: dict[str, Lie] = {
    "cut": _cut,
    "cut early": _cut_early,
    "reset": _reset,
    "stall": _stall,
    "cut head": _cut_head,
    "no answer": _close,
    "whole instead of part": _whole_instead_of_part,
    "no file": _no_file,
    "error": _error,
    "redirect to login": _redirect_to_login,
    "redirect to copy": _redirect_to_copy,
    "login page": _login_page,
    "wrong 416": _wrong_416,
    "new version": lambda _reply, _case: None,
    "part of other version": _part_of_other_version,
    "forged part": _forged_part,
    "wrong range": _wrong_range,
    "two ranges": _two_ranges,
    "wrong length": _wrong_length,
    "two lengths": _two_lengths,
    "length and chunks": _length_and_chunks,
    "coded part": _coded_part,
    "broken coding": _broken_coding,
    "cut chunks": _cut_chunks,
    "short part": _short_part,
    "long part": _long_part,
    "unasked part": _unasked_part,
    "surplus": _surplus,
    "interim": _interim,
    "no validators": _no_validators,
    "weak validator": _weak_validator,
    "two ETags": _two_etags,
    "other backend": _other_backend,
    "multipart": _multipart,
    "digest": _digest,
    "evil name": _evil_name,
}
"""How a response is made wrong. ``new version``: the file changes before the request."""

UNDETECTABLE = frozenset({"forged part"})
"""Lies that only a checksum of the user reveals."""


def _requested_range(request: ReceivedRequest, size: int) -> tuple[int | None, int]:
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", request.header("Range") or "")
    if match is None:
        return None, size
    return int(match[1]), int(match[2]) + 1 if match[2] else size


def _is_alive(connection: ClientConnection) -> bool:
    """Return whether the client has not closed the connection."""
    if not connection.open:
        return False
    try:
        return connection.socket.recv(1, MSG_PEEK | MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True  # it waits for more
    except OSError:
        return False  # reset, or closed by the thread that serves it


def _describe(
    request: ReceivedRequest, connection: ClientConnection, number: int, *, is_additional: bool
) -> str:
    shown = [
        f"{name}: {value}"
        for name, value in request.headers
        if name.lower() in ("range", "if-range", "if-modified-since", "accept-encoding")
    ]
    kind = "additional request" if is_additional else "request"
    text = f"   {kind} {number} on connection {connection.number}: {request.request_line}"
    return "; ".join([text, *shown])


def _summary(reply: Reply) -> str:
    head = reply.head.decode("utf-8", "replace").split("\r\n")
    stop = "" if reply.stop_at is None else f"; then {reply.stop}"
    stop += "" if reply.head_stop is None else f"; head cut at {reply.head_stop}"
    stop += f"; surplus {reply.surplus[:40]!r}" if reply.surplus else ""
    digest = sha256(reply.body).hexdigest()[:8]
    return f"{' | '.join(line for line in head if line)} | body {len(reply.body)} ({digest}){stop}"
