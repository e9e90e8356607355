"""Valid and invalid WebSocket frames: the client cases of the Autobahn test suite.

That suite needs Python 2; ``tests/interop/test_autobahn.py`` runs it if it is installed.
Here a raw server sends each case. On an error the client must close with 1002, 1007 or
1009 (RFC 6455, section 7.4.1) and show the messages received before the error.
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
    close_frame,
    frame,
)

pytestmark = pytest.mark.wide

CONTINUATION = 0
GREEK = "κόσμε"
DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate"}


def fragments(opcode: int, *parts: bytes | str, rsv: int = 0) -> bytes:
    last = len(parts) - 1
    return b"".join(
        frame(CONTINUATION if at else opcode, part, fin=at == last, rsv=0 if at else rsv)
        for at, part in enumerate(parts)
    )


GOOD: dict[str, tuple[bytes, str]] = {
    "1.1.1 empty": (frame(TEXT), "\n"),
    "1.1.2 short": (frame(TEXT, "*" * 125), "*" * 125 + "\n"),
    "1.1.3 length of two bytes": (frame(TEXT, "*" * 126), "*" * 126 + "\n"),
    "1.1.5 128": (frame(TEXT, "*" * 128), "*" * 128 + "\n"),
    "1.1.6 65535": (frame(TEXT, "*" * 65535), "*" * 65535 + "\n"),
    "1.1.7 length of eight bytes": (frame(TEXT, "*" * 65536), "*" * 65536 + "\n"),
    "1.2 binary": (frame(BINARY, b"\xfe" * 300) + frame(TEXT, "x"), "\xfe" * 300 + "x\n"),
    "2.1 ping": (frame(PING) + frame(TEXT, "x"), "x\n"),
    "2.4 ping of 125 bytes": (frame(PING, b"\xfe" * 125) + frame(TEXT, "x"), "x\n"),
    "2.7 unsolicited pong": (frame(PONG, b"?") + frame(TEXT, "x"), "x\n"),
    "2.10 ten pings": (frame(PING, "a") * 10 + frame(TEXT, "x"), "x\n"),
    "5.3 two fragments": (fragments(TEXT, "fragment1", "fragment2"), "fragment1fragment2\n"),
    "5.6 ping between fragments": (
        frame(TEXT, "a", fin=False) + frame(PING, "p") + frame(CONTINUATION, "b"),
        "ab\n",
    ),
    "5.8 pong between fragments, empty ends": (
        frame(TEXT, fin=False)
        + frame(PONG)
        + frame(CONTINUATION, "b", fin=False)
        + frame(CONTINUATION),
        "b\n",
    ),
    "5.19 five fragments": (fragments(TEXT, *"abcde"), "abcde\n"),
    "6.1 empty fragments": (fragments(TEXT, "", "", ""), "\n"),
    "6.2 UTF-8": (frame(TEXT, GREEK), GREEK + "\n"),
    "6.2.4 UTF-8 split at every byte": (
        fragments(TEXT, *(bytes([byte]) for byte in GREEK.encode())),
        GREEK + "\n",
    ),
    "6.7 limits of each UTF-8 length": (
        frame(TEXT, "\0\x7f\x80\u07ff\u0800\uffff\U0010ffff"),
        "\0\x7f\x80\u07ff\u0800\uffff\U0010ffff\n",
    ),
}


@pytest.mark.parametrize("case", GOOD)
@pytest.mark.parametrize("byte_by_byte", [False, True])
def test_valid_messages_are_shown(case: str, byte_by_byte: bool) -> None:
    sent, shown = GOOD[case]
    whole = sent + close_frame()
    steps = [whole[at : at + 1] for at in range(len(whole))] if byte_by_byte else [whole]
    if len(steps) > 1000:
        steps = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
    with FrameServer(*steps) as server:
        result = run("GET", server.websocket_url)
    expected = shown.encode("latin-1") if case.startswith("1.2") else shown.encode()
    assert (result.out, result.err, result.status) == (expected, "", 0)
    assert server.frames[-1].payload == (1000).to_bytes(2, "big")
    pings = [got.payload for got in server.frames if got.opcode == PONG]
    assert len(pings) == sent.count(b"\x89")


BAD: dict[str, tuple[bytes, int]] = {
    "2.5 ping of 126 bytes": (frame(PING, b"x" * 126), 1002),
    "3.1 first reserved bit": (frame(TEXT, "x", rsv=1), 1002),
    "3.2 second reserved bit": (frame(TEXT, "x", rsv=2), 1002),
    "3.3 two reserved bits": (frame(TEXT, "x", rsv=3), 1002),
    "3.4 compression that was not negotiated": (frame(TEXT, "x", rsv=4), 1002),
    "3.6 all reserved bits, binary": (frame(BINARY, "x", rsv=7), 1002),
    "3.7 reserved bits in a close": (frame(CLOSE, rsv=7), 1002),
    **{f"4.1 opcode {code}": (frame(code), 1002) for code in (3, 4, 5, 6, 7)},
    **{f"4.2 opcode {code}": (frame(code), 1002) for code in (11, 12, 13, 14, 15)},
    "5.1 fragmented ping": (fragments(PING, "a", "b"), 1002),
    "5.2 fragmented pong": (fragments(PONG, "a", "b"), 1002),
    "5.9 continuation without a start": (frame(CONTINUATION, "x"), 1002),
    "5.10 unfinished continuation without a start": (frame(CONTINUATION, "x", fin=False), 1002),
    "5.18 new message inside a fragmented one": (
        frame(TEXT, "a", fin=False) + frame(TEXT, "b"),
        1002,
    ),
    "6.3 invalid UTF-8": (frame(TEXT, GREEK.encode() + b"\xed\xa0\x80edited"), 1007),
    "6.6 truncated character": (frame(TEXT, b"\xce\xba\xe1"), 1007),
    "6.8 overlong encoding": (frame(TEXT, b"\xc0\xaf"), 1007),
    "6.14 beyond Unicode": (frame(TEXT, b"\xf4\x90\x80\x80"), 1007),
    "6.21 surrogate": (frame(TEXT, b"\xed\xbf\xbf"), 1007),
    "7.3.2 close of one byte": (frame(CLOSE, "x"), 1002),
    "7.3.6 close of 126 bytes": (frame(CLOSE, b"\x03\xe8" + b"x" * 124), 1002),
    "7.5.1 reason that is invalid UTF-8": (close_frame(1000, b"\xce\xba\xe1"), 1007),
    **{
        f"7.9 code {code}": (close_frame(code), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize("case", BAD)
def test_protocol_error_sends_a_close_code_and_prints_one_line(case: str) -> None:
    sent, code = BAD[case]
    with FrameServer(frame(TEXT, "before"), sent) as server:
        result = run("GET", server.websocket_url)
    assert (result.text, result.status) == ("before\n", 13)
    assert "invalid WebSocket data: " in result.err
    assert len(result.err.splitlines()) == 1
    assert server.frames[-1].opcode == CLOSE
    assert int.from_bytes(server.frames[-1].payload[:2], "big") == code


@pytest.mark.parametrize("code", [1003, 1007, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
def test_valid_close_code_is_printed_and_returned(code: int) -> None:
    with FrameServer(close_frame(code, "why")) as server:
        result = run("GET", server.websocket_url)
    assert result.status == 13
    assert str(code) in result.err
    assert server.frames[-1].payload == code.to_bytes(2, "big")


def test_frames_after_a_close_are_ignored() -> None:
    with FrameServer(close_frame() + frame(TEXT, "after") + frame(PING) + frame(3)) as server:
        assert run("GET", server.websocket_url).out == b""


@pytest.mark.parametrize(
    ("sent", "accepted"),
    [
        (frame(TEXT, "x" * 100), True),
        (frame(TEXT, "x" * 101), False),
        (fragments(TEXT, "x" * 60, "x" * 40), True),
        (fragments(TEXT, "x" * 60, "x" * 41), False),
        (frame(BINARY, "x" * 100_000)[:20], False),
        (b"\x82\x7f\x7f" + b"\xff" * 7, False),
    ],
)
def test_ws_max_size_limits_the_length_of_a_message(sent: bytes, accepted: bool) -> None:
    with FrameServer(sent, *([close_frame()] if accepted else [])) as server:
        result = run("GET", server.websocket_url, "--ws-max-size=100")
    assert result.status == (0 if accepted else 13)
    assert ("a message is larger than 100 bytes" in result.err) is not accepted
    assert int.from_bytes(server.frames[-1].payload[:2], "big") == (1000 if accepted else 1009)


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
    with FrameServer(sent, close_frame(), response_headers=DEFLATE) as server:
        result = run("GET", server.websocket_url, "--ws-compress")
    assert (result.out, result.err) == (shown, "")


@pytest.mark.parametrize(
    "sent",
    [
        frame(TEXT, b"\xff\xff\xff", rsv=4),
        frame(TEXT, "a", fin=False) + frame(CONTINUATION, "b", rsv=4),
        frame(TEXT, deflated(b"\xff"), rsv=4),
    ],
)
def test_invalid_compression_is_an_error(sent: bytes) -> None:
    with FrameServer(sent, response_headers=DEFLATE) as server:
        result = run("GET", server.websocket_url, "--ws-compress")
    assert result.status == 13
    assert len(result.err.splitlines()) == 1


def test_decompression_bomb_is_rejected() -> None:
    bomb = frame(TEXT, deflated(b"x" * 50_000_000), rsv=4)
    assert len(bomb) < 100_000
    with FrameServer(bomb, response_headers=DEFLATE) as server:
        result = run("GET", server.websocket_url, "--ws-compress")
    assert result.status == 13
    assert "a message is larger than 16777216 bytes" in result.err


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
def test_messages_do_not_depend_on_how_the_frames_are_split(
    messages: list[str], cuts: list[int]
) -> None:
    whole = b"".join(fragments(TEXT, *_pieces(text.encode(), [1, 2])) for text in messages)
    with FrameServer(*_pieces(whole + close_frame(), cuts)) as server:
        result = run("GET", server.websocket_url)
    assert result.out == b"".join(text.encode() + b"\n" for text in messages)
