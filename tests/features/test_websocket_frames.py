"""What a server may send and what it may not: the groups of the Autobahn test suite for clients.

That suite itself is written for Python 2 (``tests/interop/test_autobahn.py`` runs it where it
is). Here a raw server sends each case; the client must say 1002, 1007 or 1009 where it
is wrong (RFC 6455, 7.4.1), and show what came before.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.run import run
from tests.support.websocket import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    FrameServer,
    closing,
    frame,
)

pytestmark = pytest.mark.wide

MORE = 0
GREEK = "κόσμε"
DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate"}


def fragments(opcode: int, *parts: bytes | str, rsv: int = 0) -> bytes:
    last = len(parts) - 1
    return b"".join(
        frame(MORE if at else opcode, part, fin=at == last, rsv=0 if at else rsv)
        for at, part in enumerate(parts)
    )


GOOD: dict[str, tuple[bytes, str]] = {
    "1.1.1 nothing": (frame(TEXT), "\n"),
    "1.1.2 short": (frame(TEXT, "*" * 125), "*" * 125 + "\n"),
    "1.1.3 two bytes of length": (frame(TEXT, "*" * 126), "*" * 126 + "\n"),
    "1.1.5 128": (frame(TEXT, "*" * 128), "*" * 128 + "\n"),
    "1.1.6 65535": (frame(TEXT, "*" * 65535), "*" * 65535 + "\n"),
    "1.1.7 eight bytes of length": (frame(TEXT, "*" * 65536), "*" * 65536 + "\n"),
    "1.2 bytes": (frame(BINARY, b"\xfe" * 300) + frame(TEXT, "x"), "\xfe" * 300 + "x\n"),
    "2.1 a ping": (frame(PING) + frame(TEXT, "x"), "x\n"),
    "2.4 a ping of 125": (frame(PING, b"\xfe" * 125) + frame(TEXT, "x"), "x\n"),
    "2.7 a pong that nobody asked for": (frame(PONG, b"?") + frame(TEXT, "x"), "x\n"),
    "2.10 ten pings": (frame(PING, "a") * 10 + frame(TEXT, "x"), "x\n"),
    "5.3 two fragments": (fragments(TEXT, "fragment1", "fragment2"), "fragment1fragment2\n"),
    "5.6 a ping between": (
        frame(TEXT, "a", fin=False) + frame(PING, "p") + frame(MORE, "b"),
        "ab\n",
    ),
    "5.8 a pong between, empty ends": (
        frame(TEXT, fin=False) + frame(PONG) + frame(MORE, "b", fin=False) + frame(MORE),
        "b\n",
    ),
    "5.19 five fragments": (fragments(TEXT, *"abcde"), "abcde\n"),
    "6.1 empty fragments": (fragments(TEXT, "", "", ""), "\n"),
    "6.2 UTF-8": (frame(TEXT, GREEK), GREEK + "\n"),
    "6.2.4 UTF-8 cut in every byte": (
        fragments(TEXT, *(bytes([byte]) for byte in GREEK.encode())),
        GREEK + "\n",
    ),
    "6.7 the ends of the planes": (
        frame(TEXT, "\0\x7f\x80\u07ff\u0800\uffff\U0010ffff"),
        "\0\x7f\x80\u07ff\u0800\uffff\U0010ffff\n",
    ),
}


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("chopped", [False, True])
def test_what_is_right_is_shown(case: str, chopped: bool) -> None:
    sent, shown = GOOD[case]
    whole = sent + closing()
    steps = [whole[at : at + 1] for at in range(len(whole))] if chopped else [whole]
    if len(steps) > 1000:
        steps = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
    with FrameServer(*steps) as server:
        result = run("GET", server.ws)
    expected = shown.encode("latin-1") if case.startswith("1.2") else shown.encode()
    assert (result.out, result.err, result.status) == (expected, "", 0)
    assert server.frames[-1].payload == (1000).to_bytes(2, "big")
    pings = [got.payload for got in server.frames if got.opcode == PONG]
    assert len(pings) == sent.count(b"\x89")


BAD: dict[str, tuple[bytes, int]] = {
    "2.5 a ping of 126": (frame(PING, b"x" * 126), 1002),
    "3.1 a reserved bit": (frame(TEXT, "x", rsv=1), 1002),
    "3.2 another": (frame(TEXT, "x", rsv=2), 1002),
    "3.3 two": (frame(TEXT, "x", rsv=3), 1002),
    "3.4 compression that was not agreed on": (frame(TEXT, "x", rsv=4), 1002),
    "3.6 all, in bytes": (frame(BINARY, "x", rsv=7), 1002),
    "3.7 in a close": (frame(CLOSE, rsv=7), 1002),
    **{f"4.1 opcode {code}": (frame(code), 1002) for code in (3, 4, 5, 6, 7)},
    **{f"4.2 opcode {code}": (frame(code), 1002) for code in (11, 12, 13, 14, 15)},
    "5.1 a ping in fragments": (fragments(PING, "a", "b"), 1002),
    "5.2 a pong in fragments": (fragments(PONG, "a", "b"), 1002),
    "5.9 the rest of nothing": (frame(MORE, "x"), 1002),
    "5.10 more of nothing": (frame(MORE, "x", fin=False), 1002),
    "5.18 two beginnings": (frame(TEXT, "a", fin=False) + frame(TEXT, "b"), 1002),
    "6.3 no UTF-8": (frame(TEXT, GREEK.encode() + b"\xed\xa0\x80edited"), 1007),
    "6.6 a character that is cut": (frame(TEXT, b"\xce\xba\xe1"), 1007),
    "6.8 too long a form": (frame(TEXT, b"\xc0\xaf"), 1007),
    "6.14 beyond Unicode": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "6.21 a surrogate": (frame(TEXT, b"\xed\xbf\xbf"), 1007),
    "7.3.2 a close of one byte": (frame(CLOSE, "x"), 1002),
    "7.3.6 a close of 126 bytes": (frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    "7.5.1 a reason that is no UTF-8": (closing(1000, b"\xce\xba\xe1"), 1007),
    **{
        f"7.9 the code {code}": (closing(code), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_ends_it_with_a_code_and_a_line(case: str) -> None:
    sent, code = BAD[case]
    with FrameServer(frame(TEXT, "before"), sent) as server:
        result = run("GET", server.ws)
    assert (result.text, result.status) == ("before\n", 13)
    assert "what came is no WebSocket: " in result.err
    assert len(result.err.splitlines()) == 1
    assert server.frames[-1].opcode == CLOSE
    assert int.from_bytes(server.frames[-1].payload[:2], "big") == code


@pytest.mark.parametrize("code", [1003, 1007, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
def test_a_code_that_may_be_sent_is_told_and_answered(code: int) -> None:
    with FrameServer(closing(code, "why")) as server:
        result = run("GET", server.ws)
    assert result.status == 13
    assert str(code) in result.err
    assert server.frames[-1].payload == code.to_bytes(2, "big")


def test_nothing_counts_after_a_close() -> None:
    with FrameServer(closing() + frame(TEXT, "after") + frame(PING) + frame(3)) as server:
        assert run("GET", server.ws).out == b""


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (frame(TEXT, "x" * 100), True),
        (frame(TEXT, "x" * 101), False),
        (fragments(TEXT, "x" * 60, "x" * 40), True),
        (fragments(TEXT, "x" * 60, "x" * 41), False),
        (frame(BINARY, "x" * 100_000)[:20], False),
        (b"\x82\x7f\x7f" + b"\xff" * 7, False),
    ],
)
def test_a_message_may_be_so_long_and_no_longer(sent: bytes, taken: bool) -> None:
    with FrameServer(sent, *([closing()] if taken else [])) as server:
        result = run("GET", server.ws, "--ws-max-size=100")
    assert result.status == (0 if taken else 13)
    assert ("a message of more than 100 bytes" in result.err) is not taken
    assert int.from_bytes(server.frames[-1].payload[:2], "big") == (1000 if taken else 1009)


def deflated(data: bytes, level: int = 6) -> bytes:
    coder = zlib.compressobj(level, wbits=-15)
    return (coder.compress(data) + coder.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\0\0\xff\xff")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (frame(TEXT, deflated(b"hello"), rsv=4), b"hello\n"),
        (frame(TEXT, "plain"), b"plain\n"),
        (frame(TEXT, deflated(b"a"), rsv=4) + frame(TEXT, "b"), b"a\nb\n"),
        (
            fragments(TEXT, deflated(b"in parts")[:3], deflated(b"in parts")[3:], rsv=4),
            b"in parts\n",
        ),
        (frame(TEXT, deflated(b"x" * 100_000), rsv=4), b"x" * 100_000 + b"\n"),
        (frame(TEXT, deflated(b"stored", level=0), rsv=4), b"stored\n"),
        (frame(TEXT, b"\0", rsv=4), b"\n"),
    ],
)
def test_compressed_messages_are_shown(sent: bytes, shown: bytes) -> None:
    with FrameServer(sent, closing(), agreement=DEFLATE) as server:
        result = run("GET", server.ws, "--ws-compress")
    assert (result.out, result.err) == (shown, "")


@pytest.mark.parametrize(
    "sent",
    [
        frame(TEXT, b"\xff\xff\xff", rsv=4),
        frame(TEXT, "a", fin=False) + frame(MORE, "b", rsv=4),
        frame(TEXT, deflated(b"\xff"), rsv=4),
    ],
)
def test_what_is_wrongly_compressed_ends_it(sent: bytes) -> None:
    with FrameServer(sent, agreement=DEFLATE) as server:
        result = run("GET", server.ws, "--ws-compress")
    assert result.status == 13
    assert len(result.err.splitlines()) == 1


def test_a_bomb_does_not_explode() -> None:
    bomb = frame(TEXT, deflated(b"x" * 50_000_000), rsv=4)
    assert len(bomb) < 100_000
    with FrameServer(bomb, agreement=DEFLATE) as server:
        result = run("GET", server.ws, "--ws-compress")
    assert result.status == 13
    assert "a message of more than 16777216 bytes" in result.err


def _pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data


@settings(max_examples=30)
@given(
    st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8")), max_size=5),
    st.lists(st.integers(1, 40), max_size=20),
)
def test_however_frames_are_cut_the_messages_are_the_same(
    messages: list[str], cuts: list[int]
) -> None:
    whole = b"".join(fragments(TEXT, *_pieces(text.encode(), [1, 2])) for text in messages)
    with FrameServer(*_pieces(whole + closing(), cuts)) as server:
        result = run("GET", server.ws)
    assert result.out == b"".join(text.encode() + b"\n" for text in messages)
