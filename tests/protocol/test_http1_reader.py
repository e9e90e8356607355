"""Each response is read in the same way, however its bytes are cut into pieces."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.protocol.http1_head import (
    BAD_CHUNK_SIZE,
    BAD_LENGTH,
    BAD_STATUS_LINE,
    CARRIAGE_RETURN,
    CHUNK_LINE_TOO_LONG,
    CHUNK_TOO_LONG,
    CODING_AFTER_CHUNKED,
    CUT_IN_BODY,
    CUT_IN_CHUNKS,
    CUT_IN_HEAD,
    CUT_IN_TRAILERS,
    DIFFERENT_LENGTHS,
    HEAD_TOO_LARGE,
    NO_COLON,
    NOT_HTTP,
    NUL_BYTE,
    TOO_MANY_FIELDS,
    TOO_MANY_INTERIM,
    TRAILERS_TOO_LARGE,
    UNSUPPORTED_VERSION,
    Http1Error,
)
from httpcli.protocol.http1_reader import ResponseReader, parse_chunk_size
from tests.support.http1 import Outcome, in_pieces, read_all

OK = b"HTTP/1.1 200 OK\r\n"
FIVE = b"Content-Length: 5\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
WHOLE = OK + FIVE + b"\r\nhello"
CHUNKS = OK + CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\r\n"


class Case(NamedTuple):
    """A connection's bytes, and what a request gets of them."""

    name: str
    data: bytes
    problem: str = ""
    content: bytes = b"hello"
    status: int = 200
    reusable: bool = True
    """Whether the connection can be used again."""
    surplus: int = 0
    for_head: bool = False
    """Whether the request is a HEAD."""
    for_connect: bool = False
    """Whether the request is a CONNECT."""


def lengths(*values: str, body: bytes = b"hello") -> bytes:
    fields = "".join(f"Content-Length: {value}\r\n" for value in values)
    return OK + fields.encode() + b"\r\n" + body


def coded(*values: str, more: bytes = b"", body: bytes = b"5\r\nhello\r\n0\r\n\r\n") -> bytes:
    fields = "".join(f"Transfer-Encoding: {value}\r\n" for value in values)
    return OK + fields.encode() + more + b"\r\n" + body


def chunks(body: bytes) -> bytes:
    return OK + CHUNKED + b"\r\n" + body


def line(text: str) -> bytes:
    return text.encode("latin-1") + b"\r\n" + FIVE + b"\r\nhello"


def field(text: bytes) -> bytes:
    return OK + text + b"\r\n" + FIVE + b"\r\nhello"


CASES = (
    # Where the content ends (RFC 9112, 6.3).
    Case("content length", WHOLE),
    Case("chunked", CHUNKS),
    Case("until the connection closes", OK + b"\r\nhello", reusable=False),
    Case("no content", OK + b"Content-Length: 0\r\n\r\n", content=b""),
    Case("204", b"HTTP/1.1 204 No\r\n\r\n", content=b"", status=204),
    Case("304 with a length", b"HTTP/1.1 304 No\r\n" + FIVE + b"\r\n", content=b"", status=304),
    Case("head with a length", OK + FIVE + b"\r\n", content=b"", for_head=True),
    Case("head chunked", OK + CHUNKED + b"\r\n", content=b"", for_head=True),
    Case("205 with content", WHOLE.replace(b"200", b"205"), status=205),
    Case("byte too many", WHOLE + b"X", surplus=1, reusable=False),
    Case("bytes behind the last chunk", CHUNKS + b"abc", surplus=3, reusable=False),
    Case("second response", WHOLE + WHOLE, surplus=len(WHOLE), reusable=False),
    Case("body after head", WHOLE, content=b"", for_head=True, surplus=5, reusable=False),
    Case(
        "body after 204",
        b"HTTP/1.1 204 No\r\n" + FIVE + b"\r\nhello",
        content=b"",
        status=204,
        surplus=5,
        reusable=False,
    ),
    Case("two equal lengths", lengths("5", "5"), reusable=False),
    Case("list of equal lengths", lengths("5, 5"), reusable=False),
    Case("lengths with zeros", lengths("5", "05"), reusable=False),
    Case("different lengths", lengths("5", "6"), DIFFERENT_LENGTHS),
    Case("list of different lengths", lengths("5, 6"), DIFFERENT_LENGTHS),
    Case("negative length", lengths("-5"), BAD_LENGTH),
    Case("empty length", lengths(""), BAD_LENGTH),
    Case("signed length", lengths("+5"), BAD_LENGTH),
    Case("letters in a length", lengths("5abc"), BAD_LENGTH),
    Case("length with an underscore", lengths("0_5"), BAD_LENGTH),
    Case("foreign digits", lengths("\u0665"), BAD_LENGTH),
    Case("length of 2^63", lengths(str(1 << 63)), reusable=False),
    Case("length of 5000 digits", lengths("9" * 5000), reusable=False),
    Case("largest length", lengths(str((1 << 63) - 1)), CUT_IN_BODY),
    Case("length beside chunked", coded("chunked", more=FIVE), reusable=False),
    Case(
        "bad length beside chunked",
        coded("chunked", more=b"Content-Length: x\r\n"),
        reusable=False,
    ),
    Case("identity alone", OK + b"Transfer-Encoding: identity\r\n" + FIVE + b"\r\nhello"),
    Case("gzip, chunked", coded("gzip, chunked")),
    Case("chunked twice", coded("chunked, chunked")),
    Case("chunked in two lines", coded("gzip", "chunked")),
    Case("chunked, identity", coded("chunked, identity")),
    Case("chunked and an empty coding", coded("chunked,")),
    Case("chunked in capitals", coded(" Chunked\t")),
    Case("blank within chunked", coded("chu nked", body=b"hello"), reusable=False),
    Case("coding after chunked", coded("chunked, gzip"), CODING_AFTER_CHUNKED),
    Case("coding between chunked", coded("chunked, gzip, chunked"), CODING_AFTER_CHUNKED),
    Case("coding without chunked", coded("gzip", more=FIVE, body=b"hello"), reusable=False),
    Case("chunked in 1.0", CHUNKS.replace(b"1.1", b"1.0"), reusable=False),
    # Whether the connection stays open (RFC 9112, 9.3).
    Case("connection close", field(b"Connection: close"), reusable=False),
    Case("close in a list", field(b"Connection: foo, Close"), reusable=False),
    Case("1.0", WHOLE.replace(b"1.1", b"1.0"), reusable=False),
    Case("1.0 keep-alive", field(b"Connection: Keep-Alive").replace(b"1.1", b"1.0")),
    Case(
        "1.0 close and keep-alive",
        field(b"Connection: keep-alive, close").replace(b"1.1", b"1.0"),
        reusable=False,
    ),
    # Status lines.
    Case("lower case", line("http/1.1 404 No"), status=404, reusable=False),
    Case("two blanks", line("HTTP/1.1  200 OK"), reusable=False),
    Case("tab", line("HTTP/1.1\t200 OK"), reusable=False),
    Case("no reason", line("HTTP/1.1 200")),
    Case("blank and no reason", line("HTTP/1.1 200 ")),
    Case("no blank before the reason", line("HTTP/1.1 404OK"), status=404, reusable=False),
    Case("999", line("HTTP/1.1 999 Odd"), status=999),
    Case("099", line("HTTP/1.1 099 Odd"), BAD_STATUS_LINE),
    Case("20", line("HTTP/1.1 20 Odd"), BAD_STATUS_LINE),
    Case("2000", line("HTTP/1.1 2000 Odd"), BAD_STATUS_LINE),
    Case("no status", line("HTTP/1.1"), BAD_STATUS_LINE),
    Case("no blank before the status", line("HTTP/1.1200 OK"), BAD_STATUS_LINE),
    Case("foreign digits in the status", line("HTTP/1.1 2²0 OK"), BAD_STATUS_LINE),
    Case("negative status", line("HTTP/1.1 -20 OK"), BAD_STATUS_LINE),
    Case("1.2", line("HTTP/1.2 200 OK")),
    Case("0.9 with a head", line("HTTP/0.9 200 OK"), reusable=False),
    Case("2 in text", line("HTTP/2 200 OK"), UNSUPPORTED_VERSION),
    Case("2.0 in text", line("HTTP/2.0 200 OK"), UNSUPPORTED_VERSION),
    Case("5.6", line("HTTP/5.6 200 OK"), UNSUPPORTED_VERSION),
    Case("no version", line("HTTP/ 200 OK"), BAD_STATUS_LINE),
    Case("two digits", line("HTTP/1.10 200 OK"), BAD_STATUS_LINE),
    Case("ssh", b"SSH-2.0-OpenSSH\r\n", NOT_HTTP),
    Case("prefix only", b"HTT", CUT_IN_HEAD),
    Case("one wrong letter", line("HTTPr1.1 200 OK"), NOT_HTTP),
    Case("four bytes of empty lines", b"\r\n\r\n" + WHOLE),
    Case("five bytes of empty lines", b"\r\n\r\n\n" + WHOLE, NOT_HTTP),
    Case("bare line feeds", WHOLE.replace(b"\r\n", b"\n")),
    Case("mixed line ends", OK + b"A: b\n" + FIVE + b"\nhello"),
    # Headers.
    Case("blank before a colon", field(b"X-Foo : bar"), reusable=False),
    Case("content length before a blank", OK + b"Content-Length : 5\r\n\r\nhello", reusable=False),
    Case("empty name", field(b": value")),
    Case("name that is not ASCII", field("Größe: 1".encode())),
    Case("name that is not UTF-8", field(b"Gr\xf6\xdfe: 1")),
    Case("brackets in a name", field(b"a@b[]: 1")),
    Case("blank within a name", field(b"two words: 1")),
    Case("no colon", field(b"nothing"), NO_COLON),
    Case("NUL in a value", field(b"A: b\0c"), NUL_BYTE),
    Case("NUL in a name", field(b"A\0: b"), NUL_BYTE),
    Case("NUL in the status line", line("HTTP/1.1 200 O\0K"), NUL_BYTE),
    Case("carriage return in a value", field(b"A: b\rB: c"), CARRIAGE_RETURN),
    Case("two carriage returns", field(b"A: b\r"), CARRIAGE_RETURN),
    Case("control bytes in a value", field(b"A: \x01\x1b[0m\x7f")),
    Case("folded line", field(b"A: b\r\n  c")),
    Case("blank before the first field", field(b" A: b"), reusable=False),
    # Chunks (RFC 9112, 7.1).
    Case("chunk lines with bare line feeds", chunks(b"5\nhello\n0\n\n")),
    Case("extension", chunks(b"5;a=b\r\nhello\r\n0;x\r\n\r\n")),
    Case("blanks behind the size", chunks(b"5  \r\nhello\r\n0\t\r\n\r\n")),
    Case("several chunks", chunks(b"2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n")),
    Case("size with zeros", chunks(b"0005\r\nhello\r\n000\r\n\r\n")),
    Case("blank before the size", chunks(b" 5\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("0x", chunks(b"0x5\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("letters", chunks(b"zz\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("words behind the size", chunks(b"5 xyz\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("underscore", chunks(b"0_5\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("negative size", chunks(b"-5\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("empty size", chunks(b"\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("17 digits", chunks(b"00000000000000005\r\nhello\r\n0\r\n\r\n"), BAD_CHUNK_SIZE, b""),
    Case("2^63", chunks(b"8000000000000000\r\nhello"), BAD_CHUNK_SIZE, b""),
    Case("longer than its size", chunks(b"3\r\nhello\r\n0\r\n\r\n"), CHUNK_TOO_LONG, b"hel"),
    Case("no line end behind a chunk", chunks(b"5\r\nhello0\r\n\r\n"), CHUNK_TOO_LONG),
    Case("carriage return only", chunks(b"5\r\nhello\r0\r\n\r\n"), CHUNK_TOO_LONG),
    Case("bad size after a chunk", chunks(b"5\r\nhello\r\nx\r\n\r\n"), BAD_CHUNK_SIZE),
    Case("trailers", chunks(b"5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n")),
    Case("trailer without a colon", chunks(b"5\r\nhello\r\n0\r\nA\r\n\r\n"), NO_COLON),
    Case("trailer with NUL", chunks(b"5\r\nhello\r\n0\r\nA: \0\r\n\r\n"), NUL_BYTE),
    # Cut off.
    Case("cut in a status line", b"HTTP/1.1 200", CUT_IN_HEAD),
    Case("cut in the headers", OK + FIVE, CUT_IN_HEAD),
    Case("cut in the body", WHOLE[:-2], CUT_IN_BODY, b"hel"),
    Case("cut in a chunk", chunks(b"5\r\nhel"), CUT_IN_CHUNKS, b"hel"),
    Case("cut behind a chunk", chunks(b"5\r\nhello\r"), CUT_IN_CHUNKS),
    Case("cut before the last chunk", chunks(b"5\r\nhello\r\n"), CUT_IN_CHUNKS),
    Case("cut behind the last chunk", chunks(b"5\r\nhello\r\n0\r\n"), CUT_IN_CHUNKS),
    Case("cut in the trailers", chunks(b"5\r\nhello\r\n0\r\nA: b\r\n"), CUT_IN_TRAILERS),
    # Interim responses (RFC 9110, 15.2).
    Case("100 first", b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE),
    Case("103 with a length", b"HTTP/1.1 103 Hints\r\n" + FIVE + b"\r\n" + WHOLE),
    Case("empty line after 100", b"HTTP/1.1 100 Continue\r\n\r\n\r\n" + WHOLE),
    # The response to a CONNECT has no content (RFC 9110, 9.3.6).
    Case("tunnel", OK + b"\r\n", content=b"", for_connect=True),
    Case("tunnel with a length", OK + FIVE + b"\r\n", content=b"", for_connect=True),
    Case("tunnel chunked", OK + CHUNKED + b"\r\n", content=b"", for_connect=True),
    Case(
        "tunnel with bytes behind",
        OK + b"\r\nxx",
        content=b"",
        for_connect=True,
        surplus=2,
        reusable=False,
    ),
    Case("refused tunnel", WHOLE.replace(b"200", b"407"), status=407, for_connect=True),
)
NO_HEAD = (
    BAD_STATUS_LINE,
    UNSUPPORTED_VERSION,
    NOT_HTTP,
    NO_COLON,
    NUL_BYTE,
    CARRIAGE_RETURN,
    CUT_IN_HEAD,
    BAD_LENGTH,
    DIFFERENT_LENGTHS,
    CODING_AFTER_CHUNKED,
)
"""Problems before the head is given, unless they are in the trailers."""


def read(case: Case, pieces: list[bytes]) -> Outcome:
    return read_all(pieces, has_no_content=case.for_head, opens_tunnel=case.for_connect)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_response_is_read(case: Case) -> None:
    outcome = read(case, [case.data])
    assert outcome.problem == case.problem
    if case.problem in NO_HEAD and "trailer" not in case.name:
        assert not outcome.heads
        assert not outcome.content
        return
    assert outcome.status == case.status
    assert outcome.content == case.content
    assert outcome.ended == (not case.problem)
    assert outcome.surplus == case.surplus
    assert outcome.is_reusable == (case.reusable and not case.problem)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_pieces_change_nothing(case: Case) -> None:
    whole = read(case, [case.data])
    for pieces in (
        *(in_pieces(case.data, size) for size in (1, 2, 3)),
        *([case.data[:cut], case.data[cut:]] for cut in range(1, len(case.data))),
    ):
        if case.problem != NOT_HTTP:  # its message needs bytes, but not a certain number
            assert read(case, pieces) == whole
        else:
            assert read(case, pieces).problem == NOT_HTTP


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_raw_heads_are_the_bytes_as_sent(case: Case) -> None:
    position = len(case.data) - len(case.data.lstrip(b"\r\n"))
    for head in read(case, [case.data]).heads:
        position = case.data.index(head.raw, position)
        position += len(head.raw)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (b"A:b", [("A", "b")]),
        (b"A: \t b c \t", [("A", "b c")]),
        (b"A:", [("A", "")]),
        (b"A: b: c", [("A", "b: c")]),
        (b": b", [("", "b")]),
        (b"A : b", [("A", "b")]),
        (b"A: b\r\n c\r\n\td", [("A", "b c d")]),
        (b"A:\r\n b", [("A", "b")]),
        (b"A: b\r\n \r\nC: d", [("A", "b"), ("C", "d")]),
        (b" A: b", [("A", "b")]),
        (b" b\r\nA: c", [("A", "c")]),
        ("Ä: ö".encode(), [("Ä", "ö")]),
        (b"A: \xe4", [("A", "\udce4")]),
        (b"a: 1\r\nA: 2\r\na: 3", [("a", "1"), ("A", "2"), ("a", "3")]),
    ],
)
def test_fields_keep_order_case_and_bytes(text: bytes, fields: list[tuple[str, str]]) -> None:
    outcome = read_all([OK + text + b"\r\n\r\n"])
    assert outcome.fields == fields


@pytest.mark.parametrize(
    ("line_text", "reason"),
    [
        ("HTTP/1.1 200 OK", "OK"),
        ("HTTP/1.1 200", ""),
        ("HTTP/1.1 200 ", ""),
        ("HTTP/1.1 200  Two  blanks ", "Two  blanks"),
        ("HTTP/1.1 200OK", "OK"),
    ],
)
def test_reason_is_without_outer_blanks(line_text: str, reason: str) -> None:
    assert read_all([line(line_text)]).heads[0].reason == reason


def test_trailers_are_given_at_the_end() -> None:
    outcome = read_all([chunks(b"5\r\nhello\r\n0\r\nA: b\r\n c\r\nD : e\r\n\r\n")])
    assert outcome.trailers == (("A", "b c"), ("D", "e"))


def test_interim_responses_are_given_before_the_response() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    outcome = read_all([early + early + WHOLE])
    assert [head.status for head in outcome.heads] == [103, 103, 200]
    assert outcome.heads[0].fields.first("Link") == "</a>"


def test_bytes_after_an_upgrade_are_not_http() -> None:
    outcome = read_all([b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n\x00\x01"])
    assert (outcome.status, outcome.upgraded, outcome.content) == (101, b"\x00\x01", b"")


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_end_without_a_response_is_left_to_the_caller(data: bytes) -> None:
    outcome = read_all([data])
    assert not outcome.problem
    assert not outcome.ended


HINT = b"HTTP/1.1 103 A\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"HTTP/1.1 200 " + b"x" * 200, HEAD_TOO_LARGE),
        (OK + b"A: " + b"x" * 200, HEAD_TOO_LARGE),
        (OK + b"A: b\r\n" * 20, HEAD_TOO_LARGE),
        (OK + b"x" * 200, HEAD_TOO_LARGE),
        (OK + b"A:\n" + b" \n\t\n" * 60, HEAD_TOO_LARGE),
        (OK + b"A: " + b"x" * 90 + b"\r\n\r\n", HEAD_TOO_LARGE),
        (
            b"HTTP/1.1 103 A\r\nB: " + b"x" * 30 + b"\r\n\r\n" + OK + b"A: " + b"x" * 60,
            HEAD_TOO_LARGE,
        ),
        (chunks(b"0\r\nA: " + b"x" * 150 + b"\r\n\r\n"), TRAILERS_TOO_LARGE),
        (chunks(b"0\r\n" + b"A: b\r\n" * 20), TRAILERS_TOO_LARGE),
        (OK + b"A:\n" * 19 + b"\r\n", TOO_MANY_FIELDS),
        (chunks(b"0\r\n" + b"A:\n" * 19 + b"\r\n"), TOO_MANY_FIELDS),
    ],
)
def test_limits_hold_while_reading(data: bytes, problem: str) -> None:
    for size in (len(data), 1, 7):
        assert read_all(in_pieces(data, size), 100, 18).problem == problem


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (HINT * 51, TOO_MANY_INTERIM),
        (b"HTTP/1.1 100 A\r\n\r\nHTTP/1.1 102 B\r\n\r\n" * 26, TOO_MANY_INTERIM),
        (HINT * 50 + WHOLE, ""),
        (chunks(b"5;" + b"x" * 20_000), CHUNK_LINE_TOO_LONG),
        (chunks(b"5;" + b"x" * 20_000 + b"\r\nhello\r\n0\r\n\r\n"), CHUNK_LINE_TOO_LONG),
        (chunks(b"5;" + b"x" * 16_000 + b"\r\nhello\r\n0\r\n\r\n"), ""),
    ],
)
def test_fixed_limits_hold_while_reading(data: bytes, problem: str) -> None:
    for size in (len(data), 1, 700):
        assert read_all(in_pieces(data, size)).problem == problem


@pytest.mark.parametrize("excess", [0, 1])
def test_limits_are_exact(excess: int) -> None:
    start = HINT + OK + b"Content-Length: 5\r\nA: "
    head = start + b"x" * (300 - len(start) - 4 + excess) + b"\r\n\r\n"
    assert read_all([head + b"hello"], 300).problem == ("" if not excess else HEAD_TOO_LARGE)
    trailer = b"A: " + b"x" * (300 - 7 + excess) + b"\r\n\r\n"
    outcome = read_all([chunks(b"0\r\n" + trailer)], 300)
    assert outcome.problem == ("" if not excess else TRAILERS_TOO_LARGE)


def test_error_comes_as_soon_as_a_limit_is_exceeded() -> None:
    reader = ResponseReader(100)
    fed = 0
    problem = ""
    for piece in in_pieces(OK + b"A: " + b"x" * 10_000, 10):
        fed += len(piece)
        try:
            reader.feed(piece)
        except Http1Error as error:
            problem = error.problem
            break
    assert problem == HEAD_TOO_LARGE
    assert fed <= 100 + 10


def test_content_before_an_error_is_given() -> None:
    reader = ResponseReader()
    with pytest.raises(Http1Error) as caught:
        reader.feed(chunks(b"5\r\nhello\r\nzz\r\n"))
    assert caught.value.events[1:] == [b"hello"]


def test_many_small_chunks_are_joined() -> None:
    count = 10_000
    body = b"1\r\nx\r\n" * count + b"0\r\n\r\n"
    reader = ResponseReader()
    events = reader.feed(chunks(body))
    pieces = [event for event in events if isinstance(event, bytes)]
    assert b"".join(pieces) == b"x" * count
    assert len(pieces) < 5


def test_content_that_fills_a_read_is_not_copied() -> None:
    reader = ResponseReader()
    reader.feed(OK + b"Content-Length: 1000000\r\n\r\n")
    piece = b"x" * 1000
    assert reader.left == 1_000_000
    assert reader.feed(piece)[0] is piece
    assert reader.left == 999_000


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (b"0", 0),
        (b"1F", 31),
        (b"ff;a=b", 255),
        (b"5 \t;x", 5),
        (b"7FFFFFFFFFFFFFFF", (1 << 63) - 1),
    ],
)
def test_chunk_sizes(text: bytes, size: int) -> None:
    assert parse_chunk_size(text) == size


_PARTS = st.sampled_from(
    [
        OK,
        FIVE,
        CHUNKED,
        b"HTTP/1.1 103 Hints\r\n",
        b"\r\n",
        b"\n",
        b"hello",
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"A : b\r\n",
        b" c\r\n",
        b"0\r\nX: y\r\n\r\n",
        b"\0",
        b"\r",
        b"5;x\n",
    ]
)


@given(st.lists(_PARTS, max_size=12), st.lists(st.integers(0, 200), max_size=6))
def test_random_cuts_change_nothing(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join([OK, *parts])
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert read_all(pieces) == read_all([data])


@given(st.binary(max_size=300))
def test_random_bytes_raise_no_other_error(data: bytes) -> None:
    for beginning in (b"", OK, OK + CHUNKED + b"\r\n", b"HTTP/1."):
        whole = read_all([beginning + data])
        assert read_all(in_pieces(beginning + data, 3))._replace(heads=()) == whole._replace(
            heads=()
        )
