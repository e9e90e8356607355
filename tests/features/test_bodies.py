"""Bodies: every way to send one."""

from __future__ import annotations

import gzip
import os
import subprocess
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from tests.support.memory import peak
from tests.support.run import run, started
from tests.support.servers import LoopbackServer, RawServer
from tests.support.terminal import Terminal
from tests.support.wire import Connection, close, response

FORM = "application/x-www-form-urlencoded; charset=utf-8"


class TestForm:
    @pytest.mark.parametrize(
        ("items", "body"),
        [
            (["a=1"], "a=1"),
            (["a=b c&d=é", "a=2"], "a=b+c%26d%3D%C3%A9&a=2"),
            (["n:=1.50", "t:=true", 's:="x"'], "n=1.50&t=true&s=x"),
            (["a[b]=1"], "a%5Bb%5D=1"),
            (["--field", "a=1"], "a=1"),
            (["a="], "a="),
        ],
    )
    def test_is_urlencoded_in_the_order_typed(
        self, server: RawServer, items: list[str], body: str
    ) -> None:
        run("-f", server.url, *items)
        received = server.request
        assert received.method == "POST"
        assert received.body.decode() == body
        assert received.field("Content-Type") == FORM
        assert received.field("Accept") == "*/*"

    @pytest.mark.parametrize("literal", ["null", "[1]", "{}"])
    def test_has_no_json_that_is_not_a_text(self, literal: str) -> None:
        result = run("-f", "echo:", f"a:={literal}")
        assert result.status == 10
        assert "a form has no" in result.err

    def test_alone_says_its_type(self, server: RawServer) -> None:
        run("-f", server.url)
        assert (server.request.method, server.request.field("Content-Type")) == ("GET", FORM)

    def test_may_come_from_stdin(self, server: RawServer) -> None:
        run("-f", server.url, stdin=b"a=1")
        assert (server.request.body, server.request.field("Content-Type")) == (b"a=1", FORM)


class TestMultipart:
    def test_is_exactly_this(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "note.txt").write_bytes(b"text\n")
        (tmp_path / "blob").write_bytes(b"\0\xff")
        run("-f", "--boundary=X", server.url, "a=é", "f@note.txt", "n:=1.0", "g@blob")
        received = server.request
        assert received.field("Content-Type") == "multipart/form-data; boundary=X"
        assert received.body == (
            b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n'
            b'--X\r\nContent-Disposition: form-data; name="f"; filename="note.txt"\r\n'
            b"Content-Type: text/plain\r\n\r\ntext\n\r\n"
            b'--X\r\nContent-Disposition: form-data; name="n"\r\n\r\n1.0\r\n'
            b'--X\r\nContent-Disposition: form-data; name="g"; filename="blob"\r\n\r\n\0\xff\r\n'
            b"--X--\r\n"
        )
        assert received.field("Content-Length") == str(len(received.body))

    def test_type_and_name_of_a_file_can_be_said(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "x;y").write_bytes(b"")
        run("-f", server.url, "f@x;y;filename=z.csv;type=text/csv; charset=utf-8")
        assert (
            b'filename="z.csv"\r\nContent-Type: text/csv; charset=utf-8\r\n' in server.request.body
        )

    def test_the_explicit_option_never_reads_escapes(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        (tmp_path / "a\\=b").write_bytes(b"here")
        run("-f", "--file", "f=a\\=b", server.url)
        assert b"here" in server.request.body

    def test_a_boundary_is_never_the_same_twice(self, server: RawServer) -> None:
        run("--multipart", server.url, "a=1")
        run("--multipart", server.url, "a=1")
        first, second = (request.field("Content-Type") for request in server.requests)
        assert first != second

    def test_the_users_own_boundary_is_the_one(self, server: RawServer) -> None:
        run("--multipart", server.url, "a=1", "Content-Type:multipart/mixed; boundary=q")
        assert server.request.body.startswith(b"--q\r\n")

    def test_the_users_own_type_is_told_the_boundary(self, server: RawServer) -> None:
        run("--multipart", "--boundary=X", server.url, "a=1", "Content-Type:multipart/mixed")
        assert server.request.field("Content-Type") == "multipart/mixed; boundary=X"

    def test_what_would_end_a_name_is_escaped_as_browsers_do(self, server: RawServer) -> None:
        run("--multipart", server.url, 'a"b\r\nX=1')
        assert b'name="a%22b%0D%0AX"\r\n' in server.request.body

    @pytest.mark.parametrize("item", ["f@note.txt;type=a/b\nX: y", "f@.", "f@no"])
    def test_what_could_split_a_part_or_is_no_file_is_refused(
        self, server: RawServer, tmp_path: Path, item: str
    ) -> None:
        server.must_be_idle()
        (tmp_path / "note.txt").write_bytes(b"")
        assert run("--multipart", server.url, item).status == 10

    def test_a_text_is_sent_as_a_file_through_stdin(self, server: RawServer) -> None:
        run("-f", server.url, "f@-;filename=a.txt;type=text/plain", stdin=b"a text")
        assert b'filename="a.txt"\r\nContent-Type: text/plain\r\n\r\na text\r\n' in (
            server.request.body
        )

    def test_files_are_sent_again_on_a_307(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"x" * 100_000)
        server.answer(response("", "Location: /b", status="307 Temporary Redirect"))
        run("-F", "-f", server.url, "f@f")
        first, second = server.requests
        assert first.body == second.body


class TestUpload:
    def test_a_file_is_put(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(b"%PDF")
        run("-T", "a.pdf", server.url)
        received = server.request
        assert (received.method, received.body) == ("PUT", b"%PDF")
        assert received.field("Content-Type") == "application/pdf"

    def test_a_typed_method_wins(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"1")
        run("POST", server.url, "-T", "f")
        assert server.request.method == "POST"

    @pytest.mark.parametrize("data", [b"", b"some", b"x" * 2_000_000])
    def test_a_dash_is_stdin_whatever_it_holds(self, server: RawServer, data: bytes) -> None:
        run("-T", "-", server.url, stdin=data)
        assert (server.request.method, server.request.body) == ("PUT", data)

    def test_what_the_kernel_makes_up_has_no_size_but_content(self, server: RawServer) -> None:
        run(server.url, "@/proc/self/status")
        assert server.request.body.startswith(b"Name:")

    def test_a_fifo_is_read_once_to_its_end(self, server: RawServer, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        feeder = threading.Thread(target=(tmp_path / "fifo").write_bytes, args=(b"flow",))
        feeder.start()
        run(server.url, "@fifo")
        feeder.join()
        assert server.request.body == b"flow"
        assert server.request.field("Transfer-Encoding") == "chunked"

    @pytest.mark.parametrize("change", [lambda f: f.truncate(10), lambda f: f.write(b"more")])
    def test_a_file_that_changes_under_way_ends_it(
        self, server: RawServer, tmp_path: Path, change: Callable[..., object]
    ) -> None:
        path = tmp_path / "f"
        path.write_bytes(b"x" * 3_000_000)

        def meddle(_: Connection) -> None:
            with path.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                change(file)

        server.on_head = [meddle, b"HTTP/1.1 100 Continue\r\n\r\n"]
        result = run("--expect-continue", server.url, "-T", "f")
        assert result.status == 17
        assert "while it was sent" in result.err
        server.stop()
        assert not server.request.whole


class TestRelay:
    def test_passes_content_type_and_length_on(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(response("content", "Content-Type: text/x"))
        assert run("-T", server.url, other_server.url, "X-Api-Key:k").status == 0
        assert server.request.field("X-Api-Key") is None
        received = other_server.request
        assert (received.method, received.body) == ("PUT", b"content")
        assert received.field("Content-Type") == "text/x"
        assert received.field("Content-Length") == "7"

    def test_the_sources_credentials_go_to_the_source(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        url = server.url.replace("http://", "http://me:pw@")
        run("-T", url, other_server.url)
        assert server.request.field("Authorization") == "Basic bWU6cHc="
        assert other_server.request.field("Authorization") is None

    def test_offline_there_is_none(self) -> None:
        assert run("--offline", "-T", "http://h.x", "h.y").status == 10

    def test_a_source_that_is_cut_short_aborts_the_upload(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n", close)
        result = run("-T", server.url, other_server.url)
        assert result.status == 13
        assert "the source" in result.err
        other_server.may_be_idle().stop()
        assert not any(request.whole for request in other_server.requests)

    def test_a_source_without_an_answer_that_counts_is_no_success(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.must_be_idle()
        server.answer(response("what", status="600 Odd"))
        assert run("-T", server.url, other_server.url).status == 1

    def test_a_source_that_says_no_sends_nothing(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.must_be_idle()
        server.answer(response("no such file", status="404 Not Found"))
        result = run("-T", server.url, other_server.url)
        assert result.status == 4
        assert "the source answered 404" in result.err


DECODE: dict[str, Callable[[bytes], bytes]] = {
    "deflate": zlib.decompress,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


class TestCompress:
    @pytest.mark.parametrize("coding", DECODE)
    @pytest.mark.parametrize("size", [1_000, 3_000_000])
    def test_a_body_is_compressed(self, server: RawServer, coding: str, size: int) -> None:
        body = b"0123456789" * (size // 10)
        run(f"--compress={coding}", server.url, stdin=body)
        received = server.request
        assert received.field("Content-Encoding") == coding
        assert len(received.body) < size / 2
        assert DECODE[coding](received.body) == body
        assert (received.field("Content-Length") is None) == (size > 1_000_000)

    def test_zstd_goes_through_echo_and_back(self) -> None:
        answer = run("--compress=zstd", "echo:/anything", "a=" + "x" * 500).json
        assert answer["headers"]["Content-Encoding"] == "zstd"

    def test_alone_it_is_deflate(self, server: RawServer) -> None:
        run("-x", server.url, "a=" + "x" * 500)
        assert server.request.field("Content-Encoding") == "deflate"

    def test_what_would_grow_is_left_as_it_is(self, server: RawServer) -> None:
        run("-x", server.url, "a=1")
        assert server.request.field("Content-Encoding") is None
        assert server.request.json == {"a": "1"}

    def test_twice_is_for_whom_it_does_not_matter(self, server: RawServer) -> None:
        run("-xx", server.url, "a=1")
        assert zlib.decompress(server.request.body) == b'{"a": "1"}'

    def test_multipart_and_chunked_are_no_obstacle(self, server: RawServer) -> None:
        run("-xx", "--chunked", "--multipart", "--boundary=X", server.url, "a=1")
        received = server.request
        assert received.field("Transfer-Encoding") == "chunked"
        assert b'name="a"' in zlib.decompress(received.body)

    def test_compressed_content_of_ones_own_goes_untouched(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        coded = gzip.compress(b"mine")
        (tmp_path / "f.gz").write_bytes(coded)
        run(server.url, "@f.gz", "Content-Encoding:gzip")
        assert server.request.body == coded
        assert server.request.every("Content-Encoding") == ["gzip"]

    @pytest.mark.parametrize(
        "argv",
        [
            ["echo:", "a=1", "-x", "Content-Encoding:gzip"],
            ["echo:", "a=1", "--compress=lzw"],
            ["--compress", "gzip", "echo:", "a=1"],
        ],
    )
    def test_what_cannot_be_is_a_usage_error(self, argv: list[str]) -> None:
        assert run(*argv).status == 10


class Listening(LoopbackServer):
    """Says when the first bytes of a body are there, and answers at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()

    def serve(self, connection: Connection) -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.socket.recv(1000)
            if b"first" in data:
                self.heard.set()
        connection.send(response("done"))
        connection.close()


def test_chunked_sends_a_pipe_at_once() -> None:
    with (
        Listening() as server,
        started("--chunked", "POST", server.url, stdin=subprocess.PIPE) as child,
    ):
        server.may_be_idle()
        assert child.stdin is not None
        child.stdin.write(b"first")
        child.stdin.flush()
        assert server.heard.wait(20)
        child.stdin.close()
        assert child.wait() == 0


class TestExpectContinue:
    def test_the_body_follows_the_servers_word(self, server: RawServer) -> None:
        run("--expect-continue", server.url, "a=1")
        assert server.request.field("Expect") == "100-continue"
        assert server.request.json == {"a": "1"}

    def test_a_server_that_refuses_gets_no_body(self, server: RawServer) -> None:
        server.on_head = [response("too large", status="413 Content Too Large"), close]
        result = run("--expect-continue", server.url, "--raw", "x" * 100_000)
        assert (result.status, result.out) == (0, b"too large")
        assert server.request.body == b""


class TestReferences:
    def test_a_secret_comes_from_the_environment_and_is_never_shown(
        self, server: RawServer
    ) -> None:
        result = run(
            "-v",
            "-A",
            "bearer",
            "-a",
            "@env:T",
            server.url,
            "X-Key:@env:T",
            "t=@env:T",
            "q==@env:T",
            env={"T": 'hunter"2'},
        )
        received = server.request
        assert received.field("X-Key") == 'hunter"2'
        assert received.field("Authorization") == 'Bearer hunter"2'
        assert received.json == {"t": 'hunter"2'}
        assert received.target == "/?q=hunter%222"
        assert "hunter" not in result.text
        assert result.text.count("…redacted…") == 4

    @pytest.mark.parametrize(
        ("items", "value"),
        [
            (["x:=@env:T"], '{"k":"hunter2"}'),
            (["x:=@env:T"], " 48151623 "),
            (["-f", "x:=@env:T"], " 48151623 "),
            (["Cookie:@env:T", "--cookie", "a=b"], "s=hunter2"),
            (["-f", "x:=@env:T"], '"hunter2"'),
            (["--multipart", "x:=@env:T"], '"hunter2"'),
            (["x:=@env:T", "x[b]=1"], '{"k": ["hunter2", "é hunter2"]}'),
            (["-xx", "x=@env:T"], "hunter2"),
            (["x=@fill", "y=@env:T"], "hunter2"),
        ],
    )
    def test_no_way_to_write_a_secret_shows_it(
        self, tmp_path: Path, items: list[str], value: str
    ) -> None:
        (tmp_path / "fill").write_text("a" * 262_120)
        result = run("--offline", "h.x", *items, env={"T": value})
        assert result.status == 0
        assert b"hunter2" not in result.out
        assert b"48151623" not in result.out
        assert "…redacted…".encode() in result.out

    def test_what_is_no_json_is_not_shown_either(self) -> None:
        result = run("--offline", "h.x", "x:=@env:T", env={"T": "hunter2"})
        assert result.status == 10
        assert "hunter2" not in result.err

    def test_a_fifo_is_read_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        feeder = threading.Thread(target=(tmp_path / "fifo").write_text, args=("hunter2\n",))
        feeder.start()
        result = run("--offline", "h.x", "X:@file:fifo", "x=@file:fifo")
        feeder.join()
        assert result.status == 0
        assert "hunter2" not in result.text

    def test_show_secrets_shows_them(self) -> None:
        shown = run("--offline", "--show-secrets", "h.x", "X:@env:T", env={"T": "seen"}).text
        assert "X: seen" in shown

    def test_a_secret_file_that_others_can_read_is_warned_of(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("k\n")
        (tmp_path / "key").chmod(0o644)
        assert "others can read" in run("echo:", "X:@file:key").err
        (tmp_path / "key").chmod(0o600)
        result = run("echo:", "X:@file:key")
        assert (result.err, result.json["headers"]["X"]) == ("", "k")

    def test_a_variable_that_is_not_set_is_a_usage_error(self) -> None:
        result = run("echo:", "X:@env:NOPE")
        assert result.status == 10
        assert "NOPE" in result.err

    def test_a_file_with_such_a_name_is_named_by_its_path(self, tmp_path: Path) -> None:
        (tmp_path / "env:X").write_text("from the file")
        assert run("echo:", "a=@./env:X").json["json"] == {"a": "from the file"}


def test_a_long_upload_is_drawn_on_a_terminal_and_erased(server: RawServer) -> None:
    reading, writing = os.pipe()
    stop = threading.Event()

    def feed() -> None:
        with open(writing, "wb", buffering=0) as pipe:
            pipe.write(b"x" * 2_000_000)
            while not stop.wait(0.05):
                pipe.write(b"x" * 1000)

    with Terminal("PUT", server.url, stdin=reading) as screen:
        os.close(reading)
        feeder = threading.Thread(target=feed)
        feeder.start()
        screen.read_until("uploading")
        stop.set()
        assert screen.wait() == 0
        feeder.join()
    assert screen.raw.rindex(b"\x1b[J") < screen.raw.index(b"200")


def test_a_quick_upload_draws_nothing(server: RawServer) -> None:
    with Terminal("PUT", server.url, "a=1") as screen:
        assert screen.wait() == 0
    assert "uploading" not in screen.text


def test_memory_does_not_grow_with_the_body(server: RawServer, tmp_path: Path) -> None:
    with (tmp_path / "f").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    for how in (["-T", "f"], ["-f", "g@f"]):
        assert peak("-q", server.url, *how) < 60 * 1024, how  # KiB
