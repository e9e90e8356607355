"""Bodies in every charset, and bodies that are no text, before a person and in a pipe."""

from __future__ import annotations

import codecs
import threading

import pytest

from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.terminal import Terminal
from tests.support.wire import after, chunk, close, for_ever, response, stall

pytestmark = pytest.mark.wide

PLAIN = {"NO_COLOR": "1"}
CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: {}\r\n\r\n"
WESTERN = "Le café de la gare était fermé à cause de la grève. Les élèves sont à l'école."
RUSSIAN = "Привет, мир! Это обычный русский текст без указания кодировки."
JAPANESE = "こんにちは世界。これは文字コードの宣言がない日本語の文章です。"
CHINESE = "你好世界。这是一段没有声明编码的中文文本。我们应该能够正确地读取它。"


def seen(server: RawServer, *argv: str, env: dict[str, str] | None = None) -> str:
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
    def test_in_a_charset_that_is_told_is_read(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        server.answer(
            response(text.encode(charset), f"Content-Type: text/plain;charset={charset}")
        )
        assert seen(server) == f"{text}\n\n"

    def test_in_a_charset_that_nobody_tells_is_read(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        server.answer(response(text.encode(charset), "Content-Type: text/plain"))
        assert seen(server) == f"{text}\n\n"

    def test_in_a_charset_that_the_page_declares_is_read_and_coloured(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        page = f"<html><meta charset={charset}><p>{text}"
        server.answer(response(page.encode(charset), "Content-Type: text/html"))
        assert seen(server, env={"TERM": "xterm"}) == f"{page}\n\n\n"

    def test_formatted_into_a_pipe_stays_in_its_charset(
        self, server: RawServer, charset: str, text: str
    ) -> None:
        server.answer(response(f'["{text}"]'.encode(charset), "Content-Type: application/json"))
        result = run("--pretty=format", f"--response-charset={charset}", server.url)
        assert result.out == f'[\n    "{text}"\n]'.encode(charset)


class TestWideText:
    @pytest.mark.parametrize(
        ("media", "content"),
        [
            ("text/plain", codecs.BOM_UTF16_LE + RUSSIAN.encode("utf-16-le")),
            ("text/plain", codecs.BOM_UTF16_BE + RUSSIAN.encode("utf-16-be")),
            ("text/plain; charset=utf-16", RUSSIAN.encode("utf-16-le")),
            ("text/plain; charset=utf-16be", RUSSIAN.encode("utf-16-be")),
            ("text/plain; charset=utf-16", RUSSIAN.encode("utf-16")),
        ],
        ids=["mark", "big-endian mark", "told", "told with its order", "told and marked"],
    )
    def test_is_read(self, server: RawServer, media: str, content: bytes) -> None:
        server.answer(response(content, f"Content-Type: {media}"))
        assert seen(server) == f"{RUSSIAN}\n\n"

    @pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-32-le"])
    def test_is_read_where_json_does_not_tell_it(self, server: RawServer, charset: str) -> None:
        server.answer(response('{"日":1}'.encode(charset), "Content-Type: application/json"))
        assert seen(server) == '{\n    "日": 1\n}\n\n'


class TestResponseCharset:
    def test_wins(self, server: RawServer) -> None:
        server.answer(response(RUSSIAN.encode("koi8-r"), "Content-Type: text/plain;charset=utf-8"))
        assert seen(server, "--response-charset=KOI8-R") == f"{RUSSIAN}\n\n"

    @pytest.mark.parametrize("name", ["foobar", "", "zlib", "idna"])
    def test_that_nobody_knows_is_a_usage_error(self, server: RawServer, name: str) -> None:
        server.must_be_idle()
        result = run(f"--response-charset={name}", server.url)
        assert result.status == 10
        assert f"--response-charset={name}: unknown charset" in result.err


class TestResponseMime:
    def test_says_what_to_format(self, server: RawServer) -> None:
        server.answer(response("[1]", "Content-Type: application/octet-stream"))
        assert seen(server, "--response-mime=application/json") == "[\n    1\n]\n\n"

    @pytest.mark.parametrize("typed", ["json", "", "a/b/c", "/", "a/"])
    def test_that_is_no_media_type_is_a_usage_error(self, server: RawServer, typed: str) -> None:
        server.must_be_idle()
        result = run(f"--response-mime={typed}", server.url)
        assert result.status == 10
        assert f"--response-mime={typed}: not a media type" in result.err


class TestBinary:
    def test_that_calls_itself_text_is_not_shown(self, server: RawServer) -> None:
        server.answer(response(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Content-Type: text/plain"))
        assert seen(server).startswith("(binary content: text/plain, 16 bytes; save it with -o")

    def test_is_not_what_can_be_read(self, server: RawServer) -> None:
        server.answer(response("just text", "Content-Type: application/octet-stream"))
        assert seen(server) == "just text\n\n"

    def test_that_begins_later_ends_the_download(self, server: RawServer) -> None:
        head = CHUNKED.format("text/plain").encode()
        more = threading.Event()
        junk = for_ever(chunk(b"\0" * 1000))
        server.answer(head + chunk(b"a beginning of text\n"), after(more), junk)
        with Terminal("-b", server.url, env=PLAIN) as screen:
            screen.read_until("a beginning of text")
            more.set()
            assert screen.wait() == 0
        assert screen.text == (
            "a beginning of text\n"
            "(binary content: text/plain; save it with -o FILE, or pipe it)\n\n"
        )

    def test_is_shown_where_the_terminal_is_raw(self, server: RawServer) -> None:
        server.answer(response(b"\x89PNG\0\x1b[2J", "Content-Type: image/png"))
        with Terminal("-b", "--terminal=raw", server.url) as screen:
            assert screen.wait() == 0
        assert b"\x89PNG\0\x1b[2J" in screen.raw

    def test_goes_through_a_pipe_that_wants_it_pretty(self, server: RawServer) -> None:
        content = bytes(range(256)) * 99
        server.answer(response(content, "Content-Type: application/json"))
        assert run("--pretty=all", server.url).out == content


def test_a_few_bytes_are_shown_at_once(server: RawServer) -> None:
    head = CHUNKED.format("text/html").encode()
    server.answer(head + chunk("<p>"), stall)
    with Terminal("-b", server.url, env=PLAIN) as screen:
        screen.read_until("<p>")
        screen.interrupt()
        assert screen.wait() == 130


def test_what_is_to_be_judged_is_shown_when_nothing_more_comes(server: RawServer) -> None:
    head = CHUNKED.format("text/plain").encode()
    server.answer(head + chunk("a résumé\n".encode("latin-1")), stall)
    with Terminal("-b", server.url, env=PLAIN) as screen:
        screen.read_until("a résumé")
        screen.interrupt()
        assert screen.wait() == 130


def test_what_is_to_be_judged_is_shown_when_the_body_is_cut(server: RawServer) -> None:
    body = response("a résumé".encode("latin-1"), "Content-Length: 99", "Content-Type: text/plain")
    server.answer(body, close)
    with Terminal("-b", server.url, env=PLAIN) as screen:
        assert screen.wait() == 13
    assert "a résumé" in screen.text
