from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.events import ResponseChunk
from httpcli.core.plan import Colours, Display
from httpcli.output.binary import expects_binary, is_binary
from httpcli.output.screen import Screen
from httpcli.protocol.media_types import parse_media_type
from tests.output.exchanges import body, request, response, shown

TERMINAL = Display(parts=frozenset("b"), to_terminal=True, guard_terminal=True)
PRETTY = TERMINAL._replace(format=True)
NOTICE = "(binary body: {}; save it with -o FILE, or pipe it)"
TEXT = b"some text that compresses, compresses and compresses"


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a", TEXT)
    return archive.getvalue()


class TestIsBinary:
    @pytest.mark.parametrize(
        "start",
        [
            pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", id="png"),
            pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF", id="jpeg"),
            pytest.param(b"\xff\xd8\xff\xe1\x1f\xfeExif", id="jpeg with exif"),
            pytest.param(b"GIF89a\x20\x03\x58\x02", id="gif"),
            pytest.param(b"RIFF\x24\x11\x22\x33WEBPVP8 ", id="webp"),
            pytest.param(b"RIFF\x24\x11\x22\x33WAVEfmt ", id="wav"),
            pytest.param(b"%PDF-1.7\n%", id="pdf"),
            pytest.param(zipped(), id="zip"),
            pytest.param(gzip.compress(TEXT), id="gzip"),
            pytest.param(bz2.compress(TEXT), id="bzip2"),
            pytest.param(lzma.compress(TEXT), id="xz"),
            pytest.param(b"\x28\xb5\x2f\xfd\x20\x34", id="zstd"),
            pytest.param(b"7z\xbc\xaf\x27\x1c\x00\x04", id="7z"),
            pytest.param(b"Rar!\x1a\x07\x01", id="rar"),
            pytest.param(b"\x7fELF\x02\x01\x01", id="elf"),
            pytest.param(b"\xca\xfe\xba\xbe\0\0\0\x3d", id="class file"),
            pytest.param(b"\0asm\1\0\0\0", id="wasm"),
            pytest.param(b"SQLite format 3\0", id="sqlite"),
            pytest.param(b"ID3\x04\x01", id="mp3"),
            pytest.param(b"OggS\0\2", id="ogg"),
            pytest.param(b"\0\0\0\x20ftypisom", id="mp4"),
            pytest.param(b"\x1a\x45\xdf\xa3\x9f", id="webm"),
            pytest.param(b"\0\1\0\0\0\x0f", id="truetype"),
        ],
    )
    def test_recognises_known_magic_numbers(self, start: bytes) -> None:
        assert is_binary(start, declared=False)
        assert is_binary(start, declared=True)

    @pytest.mark.parametrize("size", [99, 300, 5000])
    def test_recognises_random_bytes(self, size: int) -> None:
        chance = random.Random(1)
        told = [is_binary(chance.randbytes(size), declared=False) for _ in range(100)]
        assert sum(told) > 90

    @pytest.mark.parametrize(
        "start",
        [
            b"",
            b"text",
            "é日".encode() * 4000,
            "日本語".encode()[:-1],
            "Grüße".encode("latin-1"),
            "привет".encode("koi8-r"),
            "日本語".encode("shift_jis"),
            b"8=FIX.4.2\x019=65\x0135=A\x0149=SERVER\x01",
            b"\x1b[31mred\x1b[0m\b\b\f\r\n",
            b"\x1e{}\n",
            b"GIF is a format",
            b"ID3 is one too",
            b"BZh",
            b"RIFF and RAFF, WAVE",
            b"PKZIP",
        ],
    )
    def test_text_is_not_binary(self, start: bytes) -> None:
        assert not is_binary(start, declared=False)

    def test_declared_charset_allows_odd_bytes_but_not_nul(self) -> None:
        damaged = b"\xe9\1" + b"a" * 10
        assert is_binary(damaged, declared=False)
        assert not is_binary(damaged, declared=True)
        assert is_binary(b"a\0", declared=True)
        assert not is_binary(b"a\0", declared=True, wide=True)

    @pytest.mark.parametrize(
        ("start", "binary"),
        [
            (b"abc", True),
            (b"<html>no such picture", False),
            (b"\xe9" * 20, True),
            (b"\n\x05hello\x12\x05world\x18\x01 more of it", True),
        ],
    )
    def test_media_type_decides_ambiguous_bytes(self, start: bytes, binary: bool) -> None:
        assert is_binary(start, declared=False, expected=True) == binary
        assert not is_binary(start, declared=False)


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("image/png", True),
        ("audio/mpeg", True),
        ("image/svg+xml", False),
        ("model/gltf+json", False),
        ("application/pdf", True),
        ("application/x-protobuf", True),
        ("application/epub+zip", True),
        ("application/vnd.apache.parquet", True),
        ("application/grpc", True),
        ("application/octet-stream", False),
        ("application/json", False),
        ("text/plain", False),
        ("", False),
    ],
)
def test_binary_is_expected_of_some_media_types(media: str, expected: bool) -> None:
    assert expects_binary(parse_media_type(media)) == expected


class TestShown:
    def test_text_is_shown_for_any_media_type(self) -> None:
        for media in ("application/octet-stream", "application/zip", "image/png"):
            seen = body(TERMINAL, b"no such thing is here\n", media=media)
            assert seen == b"no such thing is here\n\n\n"

    def test_magic_number_is_recognised_across_pieces(self) -> None:
        picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
        pieces = [picture[i : i + 1] for i in range(len(picture))]
        assert body(PRETTY, *pieces).decode() == NOTICE.format("text/plain") + "\n\n"

    @pytest.mark.parametrize("media", ["application/json", "application/x-ndjson"])
    def test_streamed_format_is_judged_the_same_however_it_is_split(self, media: str) -> None:
        content = b"\x01/G\xf1)"
        pieces = [content[i : i + 1] for i in range(len(content))]
        assert body(TERMINAL, content, media=media) == body(TERMINAL, *pieces, media=media)

    def test_short_binary_start_is_not_shown_on_a_pause(self) -> None:
        written = bytearray()
        screen = Screen(TERMINAL, written.extend)
        for event in response(b"\x89P", lines=["Content-Type: image/png"])[:2]:
            screen.observe(event)
        screen.pause()
        assert written.decode() == NOTICE.format("image/png")
        assert not screen.needs_body

    @pytest.mark.parametrize(
        ("text", "whole"),
        [
            ("a beginning of text\n", "a beginning of text\n"),
            ("a beginning of text", "a beginning of text\n"),
        ],
    )
    def test_output_stops_where_text_turns_binary(self, text: str, whole: str) -> None:
        seen = body(PRETTY, text.encode(), b"\x89PNG\0\0", b"never seen")
        assert seen.decode() == f"{whole}{NOTICE.format('text/plain')}\n\n"

    def test_complete_lines_before_the_first_nul_are_shown(self) -> None:
        seen = body(PRETTY, b"a beginning of text\n", b"line\njunk\0junk", b"more")
        assert seen.decode() == f"a beginning of text\nline\n{NOTICE.format('text/plain')}\n\n"

    def test_no_more_body_is_needed_after_binary_is_found(self) -> None:
        screen = Screen(TERMINAL, bytearray().extend)
        screen.observe(response()[0])
        screen.observe(ResponseChunk(b"a beginning of text"))
        assert screen.needs_body
        screen.observe(ResponseChunk(b"\0"))
        assert not screen.needs_body

    def test_colours_are_reset_before_the_binary_notice(self) -> None:
        display = TERMINAL._replace(colours=Colours.SIXTEEN)
        seen = body(display, b"a beginning \x1b[31mof text\n", b"\0")
        assert seen.decode().endswith(f"of text\n\x1b[0m{NOTICE.format('text/plain')}\n\n\n")

    def test_request_body_stops_where_it_turns_binary(self) -> None:
        display = PRETTY._replace(parts=frozenset("B"))
        seen = shown(display, request(b"a beginning of text\n", b"\0\1"))
        assert seen == b"a beginning of text\n(binary body: unknown type)\n\n"

    @given(st.binary(max_size=60), st.integers(1, 30))
    def test_binary_passes_through_a_pipe_unchanged(self, rest: bytes, size: int) -> None:
        content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + rest
        pieces = [content[i : i + size] for i in range(0, len(content), size)]
        display = Display(format=True, colours=Colours.SIXTEEN)
        for media in ("image/png", "text/html; charset=shift_jis", "application/json"):
            assert body(display, *pieces, media=media) == content

    def test_unguarded_terminal_gets_all_bytes(self) -> None:
        content = b"\x89PNG\0\x1b[2J"
        raw = Display(to_terminal=True, format=True, colours=Colours.SIXTEEN)
        assert body(raw, content, b"\0", media="image/png") == content + b"\0\n\n"
