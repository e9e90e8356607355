"""Whatever breaks, the target is what it was, or all of what the server has."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.origin import Fault, Origin, Version, cut_at, cut_head_at, just
from tests.support.result import Result
from tests.support.run import run
from tests.support.wire import Connection, Received, chunk

CONTENT = random.Random(1).randbytes(700_000)
OTHER = random.Random(2).randbytes(700_000)
LONGER = random.Random(3).randbytes(800_000)
V1 = Version(CONTENT)
ONCE = ("-d", "--retry=0")
FIVE = ("-d", "--retry-delay=0")


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(V1) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Name the target: there is a good file by that name."""
    path = tmp_path / "f"
    path.write_bytes(b"good")
    return path


def fetched(origin: Origin, *words: str) -> Result:
    return run(*words, f"{origin.url}/f", "-o", "f")


def left(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name.startswith("f"))


@pytest.mark.parametrize("tenth", range(10))
def test_a_cut_is_gone_on_with_in_the_same_run(origin: Origin, target: Path, tenth: int) -> None:
    at = len(CONTENT) * tenth // 10
    origin.but(cut_at(at))
    result = fetched(origin, *FIVE)
    assert result.status == 0
    assert target.read_bytes() == CONTENT
    assert left(target.parent) == ["f"]
    assert origin.asked == [None, f"bytes={at}-" if at else None]
    if at:
        assert origin.requests[1].field("If-Range") == '"v1"'


@pytest.mark.parametrize("tenth", range(10))
def test_a_cut_is_gone_on_with_in_the_next_run(origin: Origin, target: Path, tenth: int) -> None:
    at = len(CONTENT) * tenth // 10
    origin.but(cut_at(at))
    result = fetched(origin, *ONCE)
    assert result.status == 13
    assert target.read_bytes() == b"good"
    assert ("--continue" in result.err) is bool(at)
    assert left(target.parent) == (["f", "f.part", "f.part.json"] if at else ["f"])
    assert fetched(origin, *ONCE, "-c").status == 0
    assert target.read_bytes() == CONTENT
    assert left(target.parent) == ["f"]
    assert origin.asked == [None, f"bytes={at}-" if at else None]


@pytest.mark.parametrize("count", [0, 1, 9, 40, 100])
def test_a_head_that_is_cut_is_asked_for_again(origin: Origin, target: Path, count: int) -> None:
    origin.but(cut_head_at(count), cut_head_at(count))
    assert fetched(origin, *FIVE).status == 0
    assert target.read_bytes() == CONTENT
    assert len(origin.requests) == 3


def test_a_run_that_gets_nowhere_leaves_what_an_earlier_one_had(
    origin: Origin, target: Path
) -> None:
    origin.but(cut_at(100_000), cut_head_at(40), just(b"HTTP/1.1 500 Oh\r\n\r\n"))
    assert fetched(origin, *ONCE).status == 13
    assert fetched(origin, *ONCE, "-c").status == 12
    assert fetched(origin, *ONCE).status == 5
    assert (target.parent / "f.part").stat().st_size == 100_000
    assert fetched(origin, *ONCE, "-c").status == 0
    assert origin.asked[-1] == "bytes=100000-"
    assert target.read_bytes() == CONTENT


def test_many_cuts_are_no_reason_to_stop_while_it_gets_on(origin: Origin, target: Path) -> None:
    origin.but(*[cut_at(50_000)] * 13)
    assert fetched(origin, *FIVE).status == 0
    assert target.read_bytes() == CONTENT
    assert len(origin.requests) == 14


def test_failures_in_a_row_are(origin: Origin, target: Path) -> None:
    origin.but(cut_at(50_000), *[cut_head_at(40)] * 9)
    assert fetched(origin, *FIVE).status == 12
    assert target.read_bytes() == b"good"
    assert len(origin.requests) == 1 + 5


# The file changes between two tries


CHANGES = [
    Version(OTHER, '"v2"'),
    Version(LONGER, '"v2"'),
    Version(OTHER[:300_000], '"v2"'),
    Version(OTHER[:90_000], '"v2"'),
    Version(OTHER, "", "Mon, 02 Mar 2026 11:00:00 GMT"),
    Version(OTHER, 'W/"v2"'),
    Version(LONGER, "", ""),
]


@pytest.mark.parametrize("after", CHANGES)
@pytest.mark.parametrize("again", [FIVE, ONCE])
def test_a_file_that_changed_is_never_mixed(
    origin: Origin, target: Path, after: Version, again: tuple[str, ...]
) -> None:
    def change(origin: Origin, request: Received, connection: Connection) -> None:
        cut_at(100_000, then=lambda: setattr(origin, "version", after))(
            origin, request, connection
        )

    origin.but(change)
    result = fetched(origin, *again)
    if again == ONCE:
        assert result.status == 13
        assert target.read_bytes() == b"good"
        result = fetched(origin, *ONCE, "-c")
    assert result.status == 0
    assert target.read_bytes() == after.content
    assert origin.asked[1] == "bytes=100000-"
    assert "it starts over" in result.err


class Careless(Origin):
    """Looks at no condition: it sends the part that is asked for of whatever it has."""

    def answer(self, request: Received) -> bytes:
        version = self.version
        self.version = version._replace(etag=version.etag)
        lines = [line for line in request.head.split(b"\r\n") if b"if-range" not in line.lower()]
        return super().answer(request._replace(head=b"\r\n".join(lines)))


@pytest.mark.parametrize("after", CHANGES[:-1])
def test_a_server_that_ignores_conditions_is_caught_by_what_it_says(
    tmp_path: Path, after: Version
) -> None:
    with Careless(V1) as origin:
        origin.but(cut_at(100_000))
        assert fetched(origin, *ONCE).status == 13
        origin.version = after
        result = fetched(origin, *ONCE, "-c")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == after.content
    assert "it starts over" in result.err


def test_validators_that_prove_nothing_join_nothing(origin: Origin, target: Path) -> None:
    for weak in (Version(CONTENT, 'W/"v1"', ""), Version(CONTENT, "", "")):
        origin.version = weak
        origin.but(cut_at(100_000))
        assert fetched(origin, *ONCE).status == 13
        result = fetched(origin, *ONCE, "-c")
        assert result.status == 0
        assert "nothing tells whether it has changed" in result.err
        assert target.read_bytes() == CONTENT
    assert origin.asked == [None] * 4


def test_a_date_is_a_condition_where_there_is_no_tag(origin: Origin, target: Path) -> None:
    origin.version = Version(CONTENT, "")
    origin.but(cut_at(100_000))
    assert fetched(origin, *FIVE).status == 0
    assert origin.requests[1].field("If-Range") == origin.version.modified
    assert target.read_bytes() == CONTENT


# The server has a way of its own with ranges


def test_a_server_without_ranges_starts_over(origin: Origin, target: Path) -> None:
    origin.ranges = False
    origin.but(cut_at(100_000))
    result = fetched(origin, *FIVE)
    assert result.status == 0
    assert "the server does not send parts, so it starts over" in result.err
    assert target.read_bytes() == CONTENT


def _part(first: int, last: int, size: str, *, of: bytes = CONTENT) -> Fault:
    def fault(origin: Origin, _request: Received, connection: Connection) -> None:
        content = of[first : last + 1]
        span = f"Content-Range: bytes {first}-{last}/{size}"
        connection.send(origin.head("206 Partial Content", len(content), span) + content)

    return fault


LAST = len(CONTENT) - 1


@pytest.mark.parametrize(
    "wrong",
    [
        _part(0, LAST, "700000"),
        _part(99_999, LAST, "700000"),
        _part(100_001, LAST, "700000"),
        _part(100_000, LAST, "700001"),
        _part(200_000, LAST, "700000", of=OTHER),
        just(b"HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc"),
        just(
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100000-699999/700000\r\n"
            b"Content-Length: 3\r\n\r\nabc"
        ),
        just(b"HTTP/1.1 416 No\r\nContent-Range: bytes */5\r\nContent-Length: 0\r\n\r\n"),
        just(b"HTTP/1.1 416 No\r\nContent-Range: bytes */100000\r\nContent-Length: 0\r\n\r\n"),
        just(b"HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"),
        just(
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100000-100002/700000\r\n"
            b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        ),
    ],
)
def test_a_part_that_does_not_fit_is_not_joined(
    origin: Origin, target: Path, wrong: Fault
) -> None:
    origin.but(cut_at(100_000), wrong)
    result = fetched(origin, *FIVE)
    assert result.status == 0
    assert "it starts over" in result.err
    assert target.read_bytes() == CONTENT
    assert origin.asked == [None, "bytes=100000-", None]


def test_less_than_the_rest_is_a_part_too(origin: Origin, target: Path) -> None:
    origin.but(cut_at(100_000), _part(100_000, 299_999, "700000"), _part(300_000, 300_000, "*"))
    assert fetched(origin, *FIVE).status == 0
    assert origin.asked == [None, "bytes=100000-", "bytes=300000-", "bytes=300001-"]
    assert target.read_bytes() == CONTENT


def test_a_part_where_all_was_asked_for_is_an_error(origin: Origin, target: Path) -> None:
    origin.but(_part(5, LAST, "700000"))
    result = fetched(origin, *ONCE)
    assert result.status == 13
    assert target.read_bytes() == b"good"


def test_a_first_part_where_all_was_asked_for_is_gone_on_with(
    origin: Origin, target: Path
) -> None:
    origin.but(_part(0, 9_999, "700000"))
    assert fetched(origin, *ONCE).status == 0
    assert origin.asked == [None, "bytes=10000-"]
    assert target.read_bytes() == CONTENT


def test_a_range_that_the_user_asked_for_is_the_file(origin: Origin, target: Path) -> None:
    result = run("-d", f"{origin.url}/f", "Range:bytes=10-19", "-o", "f")
    assert result.status == 0
    assert target.read_bytes() == CONTENT[10:20]


# What is complete already


def test_a_part_that_holds_all_is_named_when_the_server_agrees(
    origin: Origin, target: Path
) -> None:
    """A run may be killed between the last byte and the name."""
    origin.but(cut_at(699_999))
    assert fetched(origin, *ONCE).status == 13
    with (target.parent / "f.part").open("ab") as part:
        part.write(CONTENT[-1:])
    record = target.parent / "f.part.json"
    record.write_text(record.read_text().replace("699999", "700000"))
    result = fetched(origin, *ONCE, "-c")
    assert (result.status, origin.asked[1]) == (0, "bytes=700000-")
    assert target.read_bytes() == CONTENT
    assert left(target.parent) == ["f"]


@pytest.mark.parametrize("named", [True, False])
def test_a_file_that_is_finished_is_not_fetched_again(
    origin: Origin, tmp_path: Path, *, named: bool
) -> None:
    words = ("-d", "-c", f"{origin.url}/f", *(("-o", "f") if named else ()))
    assert run(*words).status == 0
    before = (tmp_path / "f").stat()
    result = run(*words)
    assert result.status == 0
    assert "f is complete already" in result.err
    assert (tmp_path / "f").stat().st_ino == before.st_ino
    assert left(tmp_path) == ["f"]


def test_a_file_that_is_newer_on_the_server_is_not_finished(
    origin: Origin, tmp_path: Path
) -> None:
    assert fetched(origin, *ONCE).status == 0
    os.utime(tmp_path / "f", (1, 1))
    origin.version = Version(OTHER, '"v2"')
    assert fetched(origin, *ONCE, "-c").status == 0
    assert (tmp_path / "f").read_bytes() == OTHER


# What another program left


@pytest.mark.parametrize("name", ["f", "f.part"])
def test_what_another_program_left_starts_over(origin: Origin, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(OTHER[:100_000])
    result = fetched(origin, *ONCE, "-c")
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert origin.asked == [None]
    assert left(tmp_path) == ["f"]


@pytest.mark.parametrize("name", ["f", "f.part"])
def test_what_the_user_vouches_for_is_gone_on_with(
    origin: Origin, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(CONTENT[:100_000])
    assert fetched(origin, *ONCE, "--continue=trust").status == 0
    assert origin.asked == ["bytes=100000-"]
    assert origin.requests[0].field("If-Range") is None
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert left(tmp_path) == ["f"]


def test_what_the_user_vouches_for_stays_until_the_rest_is_there(
    origin: Origin, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(CONTENT[:100_000])
    origin.but(cut_at(5))
    assert fetched(origin, *ONCE, "--continue=trust").status == 13
    assert (tmp_path / "f").read_bytes() == CONTENT[:100_000]
    assert fetched(origin, *ONCE, "--continue").status == 0
    assert origin.asked[1] == "bytes=100005-"
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_complete_file_that_the_user_vouches_for_is_complete(
    origin: Origin, tmp_path: Path
) -> None:
    (tmp_path / "f").write_bytes(CONTENT)
    result = fetched(origin, *ONCE, "--continue=trust")
    assert result.status == 0
    assert "complete already" in result.err
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_part_of_another_url_is_not_gone_on_with(origin: Origin, tmp_path: Path) -> None:
    origin.but(cut_at(100_000))
    assert fetched(origin, *ONCE).status == 13
    result = run(*ONCE, "-c", f"{origin.url}/other", "-o", "f")
    assert result.status == 0
    assert "another URL" in result.err
    assert origin.asked == [None, None]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_numbered_name_is_found_again(origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("mine")
    origin.but(cut_at(100_000))
    assert run(*ONCE, f"{origin.url}/f").status == 13
    assert left(tmp_path) == ["f", "f-1.part", "f-1.part.json"]
    assert run(*ONCE, "-c", f"{origin.url}/f").status == 0
    assert left(tmp_path) == ["f", "f-1"]
    assert (tmp_path / "f").read_text() == "mine"
    assert (tmp_path / "f-1").read_bytes() == CONTENT


# Framing and codings


def _framed(head: str, *pieces: bytes) -> Fault:
    return just(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + b"".join(pieces))


@pytest.mark.parametrize(
    "broken",
    [
        _framed("Content-Length: 700001", CONTENT),
        _framed("Transfer-Encoding: chunked", chunk(CONTENT)),
        _framed("Transfer-Encoding: chunked", chunk(CONTENT), b"0\r\n"),
        _framed("Transfer-Encoding: chunked", chunk(CONTENT)[:-9]),
        _framed("Content-Encoding: gzip", gzip.compress(CONTENT)[:-9]),
        _framed("Content-Encoding: gzip", gzip.compress(CONTENT)[:-1]),
        _framed("Content-Encoding: gzip", CONTENT[:2000]),
    ],
)
def test_what_does_not_end_as_it_should_never_takes_the_name(
    origin: Origin, target: Path, broken: Fault
) -> None:
    origin.but(broken)
    assert fetched(origin, *ONCE).status == 13
    assert target.read_bytes() == b"good"


def test_of_coded_content_nothing_is_kept(origin: Origin, target: Path) -> None:
    origin.but(_framed('Content-Encoding: gzip\r\nETag: "z"', gzip.compress(CONTENT)[:-9]))
    assert fetched(origin, *ONCE).status == 13
    assert left(target.parent) == ["f"]


def test_coded_content_that_is_cut_starts_over(origin: Origin, target: Path) -> None:
    origin.but(_framed('Content-Encoding: gzip\r\nETag: "z"', gzip.compress(CONTENT)[:-9]))
    assert fetched(origin, *FIVE).status == 0
    assert origin.asked == [None, None]
    assert target.read_bytes() == CONTENT


def test_content_without_a_length_ends_with_the_connection(origin: Origin, target: Path) -> None:
    origin.but(_framed("X-A: b", CONTENT))
    assert fetched(origin, *ONCE).status == 0
    assert target.read_bytes() == CONTENT


# A redirect to a place that expires


def test_a_signed_url_that_expired_is_asked_for_anew(origin: Origin, target: Path) -> None:
    """Each answer to the first URL signs another place; only the newest one is let in."""

    def sign(origin: Origin, _request: Received, connection: Connection) -> None:
        place = f"Location: /signed/{len(origin.requests)}"
        connection.send(origin.head("302 Found", 0, place))

    origin.but(sign, cut_at(100_000), sign)
    assert fetched(origin, *FIVE).status == 0
    targets = [request.target for request in origin.requests]
    assert targets == ["/f", "/signed/1", "/f", "/signed/3"]
    assert origin.asked[2:] == ["bytes=100000-", "bytes=100000-"]
    assert origin.requests[3].field("If-Range") == '"v1"'
    assert target.read_bytes() == CONTENT


# Standard output: what is out cannot be taken back


def test_stdout_gets_each_byte_once(origin: Origin) -> None:
    origin.but(cut_at(100_000), cut_at(100_000))
    result = run(*FIVE, "-o", "-", f"{origin.url}/f")
    assert (result.status, result.out) == (0, CONTENT)
    assert origin.asked == [None, "bytes=100000-", "bytes=200000-"]


def test_stdout_is_not_gone_on_with_after_a_change(origin: Origin) -> None:
    def change(origin: Origin, request: Received, connection: Connection) -> None:
        cut_at(100_000, then=lambda: setattr(origin, "version", Version(OTHER, '"v2"')))(
            origin, request, connection
        )

    origin.but(change)
    result = run(*FIVE, "-o", "-", f"{origin.url}/f")
    assert (result.status, result.out) == (13, CONTENT[:100_000])
