"""One file by several connections: it comes out as by one, whatever the server does."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.origin import Fault, Origin, Version, cut_at, just
from tests.support.result import Result
from tests.support.run import run
from tests.support.wire import Connection, Received, response

KIB = 1024
CONTENT = random.Random(1).randbytes(1024 * KIB)
OTHER = random.Random(2).randbytes(1024 * KIB)
FIRST = Version(CONTENT)
UNTAGGED = Version(CONTENT, etag="")


class Parts(Origin):
    """Says that it sends parts. Trickles the first answer until another one is asked for."""

    def __init__(self, version: Version) -> None:
        super().__init__(version)
        self.but(trickled)

    def head(self, status: str, length: int | None, *more: str) -> bytes:
        return super().head(status, length, "Accept-Ranges: bytes", *more)


def trickled(
    origin: Origin, request: Received, connection: Connection, most: int = len(CONTENT)
) -> None:
    """Answer rightly, a little at a time until a second request is there; then all the rest."""
    head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap)
    at = 0
    while len(origin.requests) < 2 and at < min(most, len(content)):
        connection.send(content[at : at + 512])
        at += 512
        connection.stopping.wait(0.002)
    if len(origin.requests) > 1:
        connection.stopping.wait(0.05)  # its answer is there before this one ends
    connection.send(content[at:])


def trickled_a_while(origin: Origin, request: Received, connection: Connection) -> None:
    """Answer rightly, a little at a time, long enough for others to be asked for."""
    trickled(origin, request, connection, most=100 * 512)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide small files, and soon: else each test would take seconds, and megabytes."""
    monkeypatch.setattr("httpcli.protocol.range_scheduler.SMALLEST", 64 * KIB)
    monkeypatch.setattr("httpcli.download.segmented.SMALLEST_FILE", 256 * KIB)
    monkeypatch.setattr("httpcli.protocol.range_scheduler.SHORTEST", 0.0)
    monkeypatch.setattr("httpcli.download.segmented.LOOKS", (0.04, 0.02))


@pytest.fixture
def origin() -> Iterator[Parts]:
    with Parts(FIRST) as made:
        yield made


def fetched(origin: Origin, *options: str) -> Result:
    """Download its file, by two connections at most."""
    return run("download", "--connections", "2", "--retry-delay", "0", *options, f"{origin.url}/f")


def test_a_file_is_fetched_by_several_connections(origin: Parts, tmp_path: Path) -> None:
    result = fetched(origin)
    assert (result.status, result.out) == (0, b"f\n")
    assert (tmp_path / "f").read_bytes() == CONTENT
    whole, part = origin.requests[:2]
    assert (whole.field("Range"), whole.field("If-Range")) == (None, None)
    assert part.field("If-Range") == '"v1"'
    asked = part.field("Range") or ""
    start, _, end = asked.removeprefix("bytes=").partition("-")
    assert 0 < int(start) < int(end) == len(CONTENT) - 1
    assert {each.connection for each in origin.requests[:2]} == {0, 1}
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "home") == ["f"]


@pytest.mark.parametrize(
    "options",
    [("--connections", "1"), ("-o", "-"), ()],
)
def test_a_file_is_not_divided_where_that_is_not_wanted(
    origin: Parts, options: tuple[str, ...]
) -> None:
    origin.faults.clear()
    origin.but(trickled_a_while)
    command = ["download"] if options else ["--download"]
    assert run(*command, f"{origin.url}/f", *options).status == 0
    assert origin.asked == [None]


@pytest.mark.parametrize(
    ("version", "says_so"),
    [
        (FIRST, False),
        (Version(CONTENT, etag='W/"v1"', modified=""), True),
        (Version(CONTENT, etag="", modified=""), True),
        (Version(CONTENT[: 200 * KIB]), True),
    ],
    ids=["no Accept-Ranges", "weak validator", "no validator", "small"],
)
def test_a_file_is_not_divided_where_parts_could_not_be_joined_or_are_not_worth_it(
    version: Version, says_so: bool, tmp_path: Path
) -> None:
    with (Parts if says_so else Origin)(version) as origin:
        origin.faults.clear()
        origin.but(trickled_a_while)
        assert fetched(origin).status == 0
        assert origin.asked == [None]
    assert (tmp_path / "f").read_bytes() == version.content


def _changing(version: Version, *, honours: bool = True) -> Fault:
    """Answer from another version from now on; ``honours``: as If-Range asks."""

    def fault(origin: Origin, request: Received, connection: Connection) -> None:
        origin.version = version
        if honours:
            connection.send(origin.answer(request))
            return
        start = int((request.field("Range") or "").removeprefix("bytes=").partition("-")[0])
        part = version.content[start:]
        span = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(version.content)}"
        connection.send(origin.head("206 Partial Content", len(part), span) + part)

    return fault


@pytest.mark.parametrize("honours", [True, False], ids=["200", "206"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FIRST, Version(OTHER, etag='"v2"')),
        (UNTAGGED, Version(OTHER, etag="", modified="Mon, 02 Mar 2026 11:00:00 GMT")),
        (FIRST, Version(OTHER[:-1], etag='"v2"')),
    ],
    ids=["ETag", "Last-Modified", "size"],
)
def test_a_file_that_changes_between_two_parts_starts_over(
    before: Version, after: Version, honours: bool, tmp_path: Path
) -> None:
    with Parts(before) as origin:
        origin.but(_changing(after, honours=honours))
        result = fetched(origin)
    assert result.status == 0
    assert "it has changed on the server" in result.err
    assert (tmp_path / "f").read_bytes() == after.content


def test_a_server_that_sends_all_instead_of_a_part_is_left_at_one_connection(
    origin: Parts, tmp_path: Path
) -> None:
    def whole(origin: Origin, _request: Received, connection: Connection) -> None:
        connection.send(origin.head("200 OK", len(CONTENT)) + CONTENT)

    origin.but(whole)
    assert fetched(origin).status == 0
    assert len(origin.requests) == 2
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.parametrize("shift", [-1, 1, -4096])
def test_a_part_from_another_place_is_not_taken(origin: Parts, tmp_path: Path, shift: int) -> None:
    def elsewhere(origin: Origin, request: Received, connection: Connection) -> None:
        asked = (request.field("Range") or "").removeprefix("bytes=")
        start = int(asked.partition("-")[0]) + shift
        part = CONTENT[start:]
        span = f"Content-Range: bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        connection.send(origin.head("206 Partial Content", len(part), span) + part)

    origin.but(elsewhere)
    assert fetched(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_part_shorter_than_asked_for_is_gone_on_with(origin: Parts, tmp_path: Path) -> None:
    def shorter(origin: Origin, request: Received, connection: Connection) -> None:
        start = int((request.field("Range") or "").removeprefix("bytes=").partition("-")[0])
        part = CONTENT[start : start + 5000]
        span = f"Content-Range: bytes {start}-{start + 4999}/{len(CONTENT)}"
        connection.send(origin.head("206 Partial Content", len(part), span) + part)

    origin.but(shorter)
    assert fetched(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert _start(origin, 2) == _start(origin, 1) + 5000


def _start(origin: Origin, number: int) -> int:
    return int((origin.asked[number] or "").removeprefix("bytes=").partition("-")[0])


@pytest.mark.parametrize("count", [1, 5000, 100_000])
def test_a_part_that_is_cut_is_asked_for_from_its_last_byte_on(
    origin: Parts, tmp_path: Path, count: int
) -> None:
    origin.but(cut_at(count))
    assert fetched(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    later = {_start(origin, number) for number in range(2, len(origin.requests))}
    assert _start(origin, 1) + count in later


@pytest.mark.parametrize(
    "status", ["503 Service Unavailable", "429 Too Many Requests", "403 Forbidden"]
)
def test_a_second_connection_that_is_refused_is_not_tried_again(
    origin: Parts, tmp_path: Path, status: str
) -> None:
    origin.but(just(response("no", status=status)))
    assert fetched(origin, "--connections", "8").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert len(origin.requests) == 2


def test_a_second_connection_that_is_reset_is_not_missed(origin: Parts, tmp_path: Path) -> None:
    origin.but(lambda _origin, _request, connection: connection.reset())
    assert fetched(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_the_first_connection_that_is_cut_is_gone_on_with(origin: Parts, tmp_path: Path) -> None:
    def cut(origin: Origin, request: Received, connection: Connection) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap)
        for at in range(0, 100 * KIB, 512):
            connection.send(content[at : at + 512])
            if len(origin.requests) > 1:
                break
            connection.stopping.wait(0.002)
        connection.close()

    origin.faults.clear()
    origin.but(cut)
    assert fetched(origin).status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert len(origin.requests) >= 3


def test_what_is_left_of_several_parts_is_gone_on_with(origin: Parts, tmp_path: Path) -> None:
    def fail(origin: Origin, _request: Received, connection: Connection) -> None:
        origin.wait_for_requests(2)
        connection.reset()

    def stall_then_reset(origin: Origin, request: Received, connection: Connection) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap)
        at = 0
        while len(origin.requests) < 2:
            connection.send(content[at : at + 512])
            at += 512
            connection.stopping.wait(0.002)
        connection.stopping.wait(0.3)  # the other part has come by then
        connection.reset()

    origin.faults.clear()
    origin.but(stall_then_reset, cut_at(50_000), fail, fail, fail)
    assert fetched(origin, "--retry", "0").status != 0
    record = json.loads((tmp_path / "f.part.json").read_text())
    assert len(record["done"]) == 2
    origin.faults.clear()
    before = len(origin.requests)
    assert fetched(origin, "-c").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    again = [each for each in origin.requests[before:] if each.field("Range")]
    assert len(again) >= 2
    assert all(each.field("If-Range") == '"v1"' for each in again)
    assert not any(
        f"bytes={start}-" in (each.field("Range") or "")
        for each in again
        for start, _ in record["done"]
    )


class Signing(Parts):
    """Sends every request for the file to a URL of its own, which is good for one answer."""

    def answer(self, request: Received) -> bytes:
        targets = [each.target for each in self.requests]
        if request.target == "/f":
            return Origin.head(self, "302 Found", 0, f"Location: /signed/{len(targets)}")
        if targets.count(request.target) > 1:
            return Origin.head(self, "403 Forbidden", 0)
        return super().answer(request)


def test_every_part_has_a_signed_url_of_its_own(tmp_path: Path) -> None:
    def redirected(origin: Origin, request: Received, connection: Connection) -> None:
        connection.send(origin.answer(request))

    def slowly(origin: Origin, request: Received, connection: Connection) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap)
        for at in range(0, len(content), 8 * KIB):
            connection.send(content[at : at + 8 * KIB])
            connection.stopping.wait(0.002 if len(origin.requests) > 4 else 0.01)

    with Signing(FIRST) as origin:
        origin.faults.clear()
        origin.but(redirected, slowly, redirected, cut_at(100_000))
        assert fetched(origin).status == 0
        targets = [each.target for each in origin.requests]
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert targets.count("/f") >= 3
    signed = [each for each in targets if each != "/f"]
    assert len(set(signed)) == len(signed)


def test_a_divided_file_is_proved_too(origin: Parts, tmp_path: Path) -> None:
    wrong = "0" * 64
    result = fetched(origin, "--checksum", f"sha256:{wrong}")
    assert result.status == 13
    assert wrong in result.err
    assert [each.name for each in tmp_path.iterdir() if each.name != "home"] == []
