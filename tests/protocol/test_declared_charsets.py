"""Charset detection, and text in any charset on a terminal or in a pipe."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.plan import Colours, Display
from httpcli.output.screen import Screen
from httpcli.protocol.declared_charsets import charset_of, find_codec
from httpcli.protocol.media_types import parse_media_type
from tests.output.exchanges import body, request, response, shown
from tests.output.test_terminal_guard import LIVE, SGR

TERMINAL = Display(parts=frozenset("b"), to_terminal=True, guard_terminal=True)
PIPED = Display(parts=frozenset("b"), format=True)
UTF_8 = "utf-8"
SGR_BYTES = re.compile(SGR.pattern.encode())


def charset(media: str, start: bytes) -> str:
    """Return the charset's name, or an empty string if none is known."""
    name, known = charset_of(parse_media_type(media), start)
    assert known or name == UTF_8
    return name if known else ""


class TestName:
    @pytest.mark.parametrize(
        ("name", "codec"),
        [
            ("UTF8", "utf-8"),
            (" latin1 ", "iso8859-1"),
            ("windows-1251", "cp1251"),
            ("windows-874", "cp874"),
            ("windows-31j", "cp932"),
            ("x-sjis", "shift_jis"),
            ("x-gbk", "gbk"),
            ("ks_c_5601-1987", "euc_kr"),
            ("no-such", ""),
            ("", ""),
            ("a\0b", ""),
            ("é", ""),
            ("zlib", ""),
            ("rot13", ""),
            ("idna", ""),
            ("unicode_escape", ""),
            ("undefined", ""),
        ],
    )
    def test_is_a_text_codec_of_python_or_empty(self, name: str, codec: str) -> None:
        assert find_codec(name) == codec


class TestCharset:
    @pytest.mark.parametrize(
        ("media", "start", "expected"),
        [
            ("text/plain", b"text", ""),
            ("text/plain; charset=us-ascii", b"text", ""),
            ("text/plain; charset=no-such", b"text", ""),
            ("text/plain; charset=koi8-r", codecs.BOM_UTF8 + b"text", "koi8-r"),
            ("text/plain", codecs.BOM_UTF8 + b"text", "utf-8"),
            ("text/plain", codecs.BOM_UTF16_LE + b"t\0", "utf-16"),
            ("text/plain", codecs.BOM_UTF32_LE + b"t\0\0\0", "utf-32"),
            ("text/plain; charset=utf-16", b"t\0e\0", "utf-16-le"),
            ("text/plain; charset=utf-16", codecs.BOM_UTF16_BE + b"\0t", "utf-16"),
            ("text/plain; charset=utf-32", b"t\0\0\0", "utf-32-le"),
            ("text/plain; charset=utf-32", codecs.BOM_UTF16_LE + b"t\0", "utf-32-le"),
        ],
    )
    def test_comes_from_the_media_type_or_a_byte_order_mark(
        self, media: str, start: bytes, expected: str
    ) -> None:
        assert charset(media, start) == expected

    @pytest.mark.parametrize(
        ("media", "start", "expected"),
        [
            ("text/xml", b'<?xml version="1.0" encoding="ISO-8859-2"?>', "iso8859-2"),
            ("image/svg+xml", b"<?xml version='1.0' encoding='euc-jp'?>", "euc_jp"),
            ("text/xml", b'<?xml version="1.0" encoding="utf-16"?>', "utf-8"),
            ("text/xml", b'<?xml version="1.0"?>', ""),
            ("text/xml", b'<?xml version="1.0"?><a encoding="koi8-r">', ""),
            ("text/plain", b'<?xml version="1.0" encoding="koi8-r"?>', ""),
            ("text/xml", "<?xml".encode("utf-16-be"), "utf-16-be"),
            ("text/html", b"<p><meta charset=koi8-r>", "koi8-r"),
            ("text/html", b'<META\nid=a CHARSET = "windows-1251" />', "cp1251"),
            ("text/html", b"<meta charset='utf-16'>", "utf-8"),
            (
                "text/html",
                b'<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">',
                "shift_jis",
            ),
            (
                "application/xhtml+xml",
                b'<meta content="a>b; charset=big5" http-equiv=content-type>',
                "big5",
            ),
            ("text/html", b"<!-- <meta charset=koi8-r> --><meta charset=big5>", "big5"),
            ("text/html", b"<!-- <meta charset=koi8-r>", ""),
            ("text/html", b'<meta name=description content="charset=koi8-r">', ""),
            ("text/html", b"<meta charset=nonsense><p charset=koi8-r>", ""),
            ("text/html", b"<metal charset=koi8-r>", ""),
            ("text/html", b" " * 1010 + b"<meta charset=koi8-r>", ""),
            ("text/plain", b"<meta charset=koi8-r>", ""),
            ("text/css", b'@charset "koi8-r";', "koi8-r"),
            ("text/css", b'/**/@charset "koi8-r";', ""),
        ],
    )
    def test_comes_from_a_declaration_in_markup(
        self, media: str, start: bytes, expected: str
    ) -> None:
        assert charset(media, start) == expected
        assert charset(f"{media}; charset=euc-kr", start) == "euc_kr"

    @pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
    def test_of_json_is_detected_by_its_nul_bytes(self, name: str) -> None:
        assert charset("application/json", '{"日":1}'.encode(name)) == name
        assert charset("text/plain", '{"日":1}'.encode(name)) == ""

    @pytest.mark.parametrize(
        "start", [b"\0\0\0\0", b"\0\0\1\0\1\0", b"\x80\0\x80\0", b"ab\0c", b"\1\0", b""]
    )
    def test_of_json_is_not_detected_in_other_bytes(self, start: bytes) -> None:
        assert charset("application/json", start) == ""

    def test_declared_by_a_page_is_found_in_single_bytes(self) -> None:
        page = b"<html><head><meta charset=windows-1251>" + "<p>привет".encode("cp1251")
        pieces = [page[i : i + 1] for i in range(len(page))]
        assert "привет".encode() in body(TERMINAL, *pieces, media="text/html")

    def test_detection_does_not_delay_a_slow_page(self) -> None:
        written = bytearray()
        screen = Screen(TERMINAL, written.extend)
        for event in response(b"<p>slow", lines=["Content-Type: text/html"])[:2]:
            screen.observe(event)
        assert written == b""
        screen.pause()
        assert written == b"<p>slow"


class TestOverride:
    CONTENT = "привет".encode("cp1251")

    def test_of_the_charset_has_precedence_over_the_response(self) -> None:
        display = TERMINAL._replace(response_charset="cp1251")
        for media in ("text/plain", "text/plain; charset=utf-8", ""):
            assert body(display, self.CONTENT, media=media).decode() == "привет\n\n\n"

    def test_of_the_media_type_keeps_the_charset(self) -> None:
        display = TERMINAL._replace(response_media_type="text/x", format=True)
        seen = body(display, self.CONTENT, media="text/plain; charset=windows-1251")
        assert seen.decode() == "привет\n\n"

    def test_of_the_media_type_chooses_the_format(self) -> None:
        display = Display(format=True, response_media_type="application/json")
        assert body(display, b"[1]", media="image/png") == b"[\n    1\n]"

    def test_of_the_media_type_shows_text_labelled_as_an_image(self) -> None:
        display = TERMINAL._replace(response_media_type="text/plain")
        assert body(display, b"x", media="image/png") == b"x\n\n\n"

    def test_does_not_show_binary_data_as_text(self) -> None:
        display = TERMINAL._replace(response_media_type="text/plain", response_charset=UTF_8)
        assert b"(binary body: image/png;" in body(display, b"\x89PNG\r\n", media="image/png")

    def test_applies_to_the_response_not_to_the_request(self) -> None:
        display = TERMINAL._replace(
            parts=frozenset("B"),
            response_charset="cp1251",
            response_media_type="application/json",
            format=True,
        )
        seen = shown(display, request("é[1]".encode(), lines=["Content-Type: text/plain"]))
        assert seen.decode() == "é[1]\n\n"


CHARSETS = st.sampled_from(sorted({*aliases, *aliases.values(), "no-such", ""}))
MEDIA = st.sampled_from(
    [
        *("text/plain", "text/html", "text/xml", "application/json", "text/css"),
        "image/png",
        "",
        "?",
    ]
)
CONTENT = st.binary(max_size=80) | st.lists(
    st.sampled_from(
        [b"<meta charset=", b"<?xml encoding='", b'{"a":', b"\xff\xfe", b"\x1b$B", b"\0", b"\xe9"]
    )
    | st.sampled_from([b"'?>", b">", b"<!--", b"utf-16", b"\n", b"\x82\xa0", "é日".encode()])
    | st.binary(max_size=6),
    max_size=20,
).map(b"".join)


@given(CONTENT, MEDIA, CHARSETS, st.booleans(), st.booleans(), st.integers(1, 40))
def test_no_bytes_in_any_charset_control_the_terminal(
    content: bytes, media: str, name: str, formatted: bool, override: bool, size: int
) -> None:
    display = TERMINAL._replace(
        format=formatted, colours=Colours.SIXTEEN if formatted else Colours.NONE
    )
    if override:
        display = display._replace(response_charset=find_codec(name))
    else:
        media = f"{media}; charset={name}"
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    seen = body(display, *pieces, media=media).decode()
    assert not LIVE.search(SGR.sub("", seen))


@given(CONTENT, MEDIA, CHARSETS, st.integers(1, 40))
def test_no_bytes_in_any_charset_fail_in_a_pipe(
    content: bytes, media: str, name: str, size: int
) -> None:
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    body(PIPED, *pieces, media=f"{media}; charset={name}")


@given(CONTENT, st.integers(1, 40))
def test_text_bytes_are_unchanged_in_a_pipe(content: bytes, size: int) -> None:
    content = b"<p>" + content
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    display = PIPED._replace(colours=Colours.SIXTEEN)
    seen = body(display, *pieces, media="text/html; charset=utf-8")
    # Colouring ends the last line.
    assert SGR_BYTES.sub(b"", seen).rstrip(b"\n") == SGR_BYTES.sub(b"", content).rstrip(b"\n")


SINGLE = ["latin-1", "windows-1252", "koi8-r", "iso-8859-7", "windows-874", "us-ascii", "utf-8"]


@given(CONTENT, st.sampled_from(SINGLE), st.integers(1, 40))
def test_json_bytes_are_unchanged_in_a_pipe(content: bytes, name: str, size: int) -> None:
    content = b'["' + content.translate(None, b'"\\') + b'"]'
    pieces = [content[i : i + size] for i in range(0, len(content), size)]
    seen = body(PIPED, *pieces, media=f"application/json; charset={name}")
    assert seen in (content, b"[\n    " + content[1:-1] + b"\n]")


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "gb18030", ""]), st.data())
def test_chunk_boundaries_do_not_change_decoded_text(
    text: str, name: str, data: st.DataObject
) -> None:
    content = text.encode(name or UTF_8, "ignore")
    cuts = data.draw(st.lists(st.integers(0, len(content)), max_size=4).map(sorted))
    pieces = [content[i:j] for i, j in zip((0, *cuts), (*cuts, None), strict=True)]
    media = f"text/html; charset={name}" if name else "text/html"
    if "\0" not in text:
        assert body(TERMINAL, *pieces, media=media) == body(TERMINAL, content, media=media)
