"""Charsets and binary bodies, on a terminal and in a pipe."""

from __future__ import annotations

import codecs
import threading

import pytest

from tests.support.http_connection import (
    chunk,
    close,
    response,
    stall,
    wait_for_event,
)
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

pytestmark = pytest.mark.wide

PLAIN = {"NO_COLOR": "1"}
CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: {}\r\n\r\n"
WESTERN = "Le café de la gare était fermé à cause de la grève. Les élèves sont à l'école."
RUSSIAN = "Привет, мир! Это обычный русский текст без указания кодировки."
JAPANESE = "こんにちは世界。これは文字コードの宣言がない日本語の文章です。"
CHINESE = "你好世界。这是一段没有声明编码的中文文本。我们应该能够正确地读取它。"


def shown_on_terminal(server: RawServer, *argv: str, env: dict[str, str] | None = None) -> str:
    with Terminal("-b", *argv, server.url, env=env or PLAIN) as screen:
        assert screen.wait() == 0
    return screen.text


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-8859-1", WESTERN),
        ("windows-1251", RUSSIAN),
        ("Shift_JIS", JAPANESE),
        ("GB18030", CHINESE),
    ],
    ids=["latin-1", "cyrillic", "japanese", "chinese"],
)
class TestText:
    def test_in_a_declared_charset_is_decoded(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        server.answer(
            response(text.encode(charset), f"Content-Type: text/plain;charset={charset}")
        )
        assert shown_on_terminal(server) == f"{text}\n\n"

    def test_without_a_declared_charset_is_decoded(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        server.answer(response(text.encode(charset), "Content-Type: text/plain"))
        assert shown_on_terminal(server) == f"{text}\n\n"

    def test_in_the_charset_of_a_meta_tag_is_decoded_and_coloured(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        page = f"<html><meta charset={charset}><p>{text}"
        server.answer(response(page.encode(charset), "Content-Type: text/html"))
        assert shown_on_terminal(server, env={"TERM": "xterm"}) == f"{page}\n\n\n"

    def test_formatted_for_a_pipe_keeps_its_charset(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        server.answer(response(f'["{text}"]'.encode(charset), "Content-Type: application/json"))
        result = run("--pretty=format", f"--response-charset={charset}", server.url)
        assert result.out == f'[\n    "{text}"\n]'.encode(charset)


class TestUtf16AndUtf32:
    @pytest.mark.parametrize(
        ("media", "content"),
        [
            ("text/plain", codecs.BOM_UTF16_LE + RUSSIAN.encode("utf-16-le")),
            ("text/plain", codecs.BOM_UTF16_BE + RUSSIAN.encode("utf-16-be")),
            ("text/plain; charset=utf-16", RUSSIAN.encode("utf-16-le")),
            ("text/plain; charset=utf-16be", RUSSIAN.encode("utf-16-be")),
            ("text/plain; charset=utf-16", RUSSIAN.encode("utf-16")),
        ],
        ids=["bom", "big-endian bom", "declared", "declared with byte order", "declared and bom"],
    )
    def test_text_is_decoded(self, server: RawServer, media: str, content: bytes) -> None:
        server.answer(response(content, f"Content-Type: {media}"))
        assert shown_on_terminal(server) == f"{RUSSIAN}\n\n"

    @pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32-le"])
    def test_json_without_a_declared_charset_is_decoded(
        self, server: RawServer, charset: str
    ) -> None:
        server.answer(response('{"日":1}'.encode(charset), "Content-Type: application/json"))
        assert shown_on_terminal(server) == '{\n    "日": 1\n}\n\n'


class TestResponseCharset:
    def test_option_overrides_the_content_type(self, server: RawServer) -> None:
        server.answer(response(RUSSIAN.encode("koi8-r"), "Content-Type: text/plain;charset=utf-8"))
        assert shown_on_terminal(server, "--response-charset=KOI8-R") == f"{RUSSIAN}\n\n"

    @pytest.mark.parametrize("name", ["foobar", "", "zlib", "idna"])
    def test_unknown_charset_is_a_usage_error(self, server: RawServer, name: str) -> None:
        server.assert_not_called()
        result = run(f"--response-charset={name}", server.url)
        assert result.status == 10
        assert f"--response-charset={name}: unknown charset" in result.err


class TestResponseMime:
    def test_option_selects_the_formatter(self, server: RawServer) -> None:
        server.answer(response("[1]", "Content-Type: application/octet-stream"))
        assert shown_on_terminal(server, "--response-mime=application/json") == "[\n    1\n]\n\n"

    @pytest.mark.parametrize("value", ["json", "", "a/b/c", "/", "a/"])
    def test_invalid_media_type_is_a_usage_error(self, server: RawServer, value: str) -> None:
        server.assert_not_called()
        result = run(f"--response-mime={value}", server.url)
        assert result.status == 10
        assert f"--response-mime={value}: not a media type" in result.err


class TestBinary:
    def test_body_labelled_as_text_is_not_shown(self, server: RawServer) -> None:
        server.answer(response(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Content-Type: text/plain"))
        assert shown_on_terminal(server).startswith(
            "(binary body: text/plain, 16 bytes; save it with -o"
        )

    def test_text_labelled_as_binary_is_shown(self, server: RawServer) -> None:
        server.answer(response("just text", "Content-Type: application/octet-stream"))
        assert shown_on_terminal(server) == "just text\n\n"

    def test_binary_data_after_text_ends_the_output(self, server: RawServer) -> None:
        head = CHUNKED.format("text/plain").encode()
        send_binary = threading.Event()
        binary = chunk(b"\0" * 1000) * 999 + chunk("")
        server.answer(head + chunk(b"a beginning of text\n"), wait_for_event(send_binary), binary)
        with Terminal("-b", server.url, env=PLAIN) as screen:
            screen.read_until("a beginning of text")
            send_binary.set()
            assert screen.wait() == 0
        assert screen.text == (
            "a beginning of text\n(binary body: text/plain; save it with -o FILE, or pipe it)\n\n"
        )

    def test_body_is_shown_on_a_raw_terminal(self, server: RawServer) -> None:
        server.answer(response(b"\x89PNG\0\x1b[2J", "Content-Type: image/png"))
        with Terminal("-b", "--terminal=raw", server.url) as screen:
            assert screen.wait() == 0
        assert b"\x89PNG\0\x1b[2J" in screen.raw

    def test_body_is_unchanged_in_a_pipe_with_pretty(self, server: RawServer) -> None:
        content = bytes(range(256)) * 99
        server.answer(response(content, "Content-Type: application/json"))
        assert run("--pretty=all", server.url).out == content


def test_few_bytes_are_shown_at_once(server: RawServer) -> None:
    head = CHUNKED.format("text/html").encode()
    server.answer(head + chunk("<p>"), stall)
    with Terminal("-b", server.url, env=PLAIN) as screen:
        screen.read_until("<p>")
        screen.interrupt()
        assert screen.wait() == 130


def test_text_of_unknown_charset_is_shown_when_the_server_pauses(server: RawServer) -> None:
    head = CHUNKED.format("text/plain").encode()
    server.answer(head + chunk("a résumé\n".encode("latin-1")), stall)
    with Terminal("-b", server.url, env=PLAIN) as screen:
        screen.read_until("a résumé")
        screen.interrupt()
        assert screen.wait() == 130


def test_text_of_unknown_charset_is_shown_when_the_body_is_cut(server: RawServer) -> None:
    body = response("a résumé".encode("latin-1"), "Content-Length: 99", "Content-Type: text/plain")
    server.answer(body, close)
    with Terminal("-b", server.url, env=PLAIN) as screen:
        assert screen.wait() == 13
    assert "a résumé" in screen.text
