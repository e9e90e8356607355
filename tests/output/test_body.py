from __future__ import annotations

import codecs

import pytest

from httpcli.core.events import ResponseChunk
from httpcli.core.plan import Colours, Display
from httpcli.output.screen import Screen
from tests.output.exchanges import body, request, response, shown

TERMINAL = Display(to_terminal=True, guard_terminal=True)
PRETTY = TERMINAL._replace(format=True)
PIPED = Display(format=True, colours=Colours.SIXTEEN)

JSON = "application/json"


class TestBinaryContent:
    @pytest.mark.parametrize(
        ("media", "content", "notice"),
        [
            ("image/png", b"x", "image/png"),
            ("application/pdf; a=b", b"%PDF", "application/pdf"),
            ("application/octet-stream", b"\x1f\x8b\x08text", "application/octet-stream"),
            ("text/plain", b"\x89PNG\r\n", "text/plain"),
            ("text/plain", b"a\0b", "text/plain"),
            ("", b"\0", "unknown type"),
        ],
    )
    def test_is_replaced_by_a_notice(self, media: str, content: bytes, notice: str) -> None:
        seen = body(TERMINAL, content, b"more", media=media).decode()
        assert seen == f"(binary body: {notice}; save it with -o FILE, or pipe it)\n\n\n"

    @pytest.mark.parametrize(
        ("length", "size"),
        [
            ("1", "1 byte"),
            ("999", "999 bytes"),
            ("12345", "12.3 kB"),
            ("999999", "1.0 MB"),
            ("5000000000000000", "5000.0 TB"),
        ],
    )
    def test_notice_has_the_size_if_known(self, length: str, size: str) -> None:
        lines = ["Content-Type: image/png", f"Content-Length: {length}"]
        seen = shown(TERMINAL, request() + response(b"x", lines=lines)).decode()
        assert f"image/png, {size}; save" in seen

    def test_notice_has_no_size_if_the_body_is_encoded(self) -> None:
        lines = ["Content-Type: image/png", "Content-Length: 9", "Content-Encoding: gzip"]
        seen = shown(TERMINAL, request() + response(b"x", lines=lines)).decode()
        assert "image/png; save" in seen

    def test_notice_for_a_request_body_has_no_save_hint(self) -> None:
        display = TERMINAL._replace(parts=frozenset("B"))
        seen = shown(display, request(b"\0\1", lines=["Content-Type: image/png"]))
        assert seen == b"(binary body: image/png)\n\n\n"

    def test_empty_body_gets_no_notice(self) -> None:
        assert body(TERMINAL, media="image/png") == b"\n\n"

    def test_passes_through_without_the_guard(self) -> None:
        assert body(Display(to_terminal=True), b"\0\n", media="image/png") == b"\0\n\n\n"

    @pytest.mark.parametrize("media", ["image/svg+xml", "application/vnd.ms-x+json"])
    def test_text_based_media_types_are_not_binary(self, media: str) -> None:
        assert body(PRETTY, b"1", media=media) == b"1\n\n"

    def test_utf_16_text_is_not_binary(self) -> None:
        assert (
            body(PRETTY, "hé".encode("utf-16-le"), media="text/x; charset=utf-16-le")
            == "hé\n\n".encode()
        )


class TestCharset:
    @pytest.mark.parametrize(
        ("media", "content", "seen"),
        [
            ("text/plain", "é".encode(), "é"),
            ("text/plain; charset=iso-8859-1", b"\xe9", "é"),
            ("text/plain; charset=shift_jis", "日本".encode("shift_jis"), "日本"),
            ("text/plain; charset=utf-8", b"a\xe9b", "a\ufffdb"),
            ("text/plain; charset=no-such-charset", "é".encode(), "é"),
            ("text/plain; charset=zlib", "é".encode(), "é"),
            ("text/plain; charset=idna", b"xn--a", "xn--a"),
            ("text/plain; charset=unicode_escape", b"\\x41", "\\x41"),
            ('text/plain; charset="a\\\0b"', b"a", "a"),
            ("text/plain", codecs.BOM_UTF16_LE + "é".encode("utf-16-le"), "é"),
            ("text/plain", codecs.BOM_UTF32_BE + "é".encode("utf-32-be"), "é"),
            ("text/plain", "né".encode() + b"\xc3", "né\ufffd"),
            ("text/plain; charset=us-ascii", "é".encode(), "é"),
            ("text/plain; charset=iso-8859-1", b"\x93a\x94", "\u201ca\u201d"),
            ("text/plain; charset=gb2312", "\u9555".encode("gbk"), "\u9555"),
        ],
    )
    def test_text_is_decoded_for_a_terminal(self, media: str, content: bytes, seen: str) -> None:
        pieces = [content[i : i + 1] for i in range(len(content))]
        assert body(PRETTY, content, media=media).decode() == f"{seen}\n\n"
        assert body(PRETTY, *pieces, media=media).decode() == f"{seen}\n\n"

    @pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "utf-8", "shift_jis"])
    def test_formatted_text_in_a_pipe_keeps_its_charset(self, charset: str) -> None:
        display = Display(format=True)
        word = "日本" if charset == "shift_jis" else "é"
        content = f'["{word}"]'.encode(charset)
        seen = body(display, content, media=f"{JSON}; charset={charset}")
        assert seen == f'[\n    "{word}"\n]'.encode(charset)

    def test_undecodable_bytes_stay_unchanged_in_a_pipe(self) -> None:
        assert body(Display(format=True), b'["\xff\xfe"]', media=JSON) == b'[\n    "\xff\xfe"\n]'


class TestFormat:
    @pytest.mark.parametrize(
        "media",
        [
            JSON,
            "application/problem+json; charset=utf-8",
            "application/x-ndjson",
            "application/json-seq",
            "text/plain",
            "application/javascript",
        ],
    )
    def test_json_is_recognised_by_media_type_or_content(self, media: str) -> None:
        assert body(PRETTY, b' {"a" :1}', media=media) == b'{\n    "a": 1\n}\n\n'

    @pytest.mark.parametrize(
        ("media", "text"),
        [
            ("text/plain", "[1, 2]"),
            ("text/x-log", "[2024-01-01] {x"),
            ("", '{"a":1}'),
            ("text/css", "{a:b}"),
        ],
    )
    def test_other_text_is_unchanged(self, media: str, text: str) -> None:
        assert body(PRETTY, text.encode(), media=media).decode() == f"{text}\n\n"

    def test_json_is_unchanged_without_formatting(self) -> None:
        assert body(TERMINAL, b'{"a":1}', media=JSON) == b'{"a":1}\n\n\n'

    def test_colours_from_the_server_pass_in_text(self) -> None:
        display = PRETTY._replace(colours=Colours.SIXTEEN)
        assert body(display, b"\x1b[31mred\n") == b"\x1b[31mred\n\x1b[0m\n\n"

    def test_html_is_coloured(self) -> None:
        assert b"<\x1b[94mb\x1b[0m>x" in body(PIPED, b"<b>x</b>", media="text/html")

    def test_large_output_is_written_in_bounded_pieces(self) -> None:
        sizes: list[int] = []
        screen = Screen(Display(format=True), lambda data: sizes.append(len(data)))
        head, *_ = response(lines=[f"Content-Type: {JSON}"])
        screen.observe(head)
        screen.observe(ResponseChunk(b"[" + b"1," * 200_000 + b"1]"))
        screen.finish()
        assert sum(sizes) == 200_001 * len("\n    1,") + len("[\n]") - 1
        assert max(sizes) < 1 << 19
        assert len(sizes) < 10
