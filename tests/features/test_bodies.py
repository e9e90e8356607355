"""Request bodies: forms, multipart, uploads, compression, and secret values."""

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

from tests.support.http_connection import ClientConnection, close, response
from tests.support.memory import peak_memory
from tests.support.run import run, start_process
from tests.support.servers import LoopbackServer, RawServer
from tests.support.terminal import Terminal

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
        assert received.header("Content-Type") == FORM
        assert received.header("Accept") == "*/*"

    @pytest.mark.parametrize("literal", ["null", "[1]", "{}"])
    def test_rejects_json_null_arrays_and_objects(self, literal: str) -> None:
        result = run("-f", "echo:", f"a:={literal}")
        assert result.status == 10
        assert ": a form field cannot be" in result.err

    def test_option_without_items_sets_the_content_type(self, server: RawServer) -> None:
        run("-f", server.url)
        assert (server.request.method, server.request.header("Content-Type")) == ("GET", FORM)

    def test_can_come_from_stdin(self, server: RawServer) -> None:
        run("-f", server.url, stdin=b"a=1")
        assert (server.request.body, server.request.header("Content-Type")) == (b"a=1", FORM)


class TestMultipart:
    def test_has_exactly_these_bytes(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "note.txt").write_bytes(b"text\n")
        (tmp_path / "blob").write_bytes(b"\0\xff")
        run("-f", "--boundary=X", server.url, "a=é", "f@note.txt", "n:=1.0", "g@blob")
        received = server.request
        assert received.header("Content-Type") == "multipart/form-data; boundary=X"
        assert received.body == (
            b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\r\n'
            b'--X\r\nContent-Disposition: form-data; name="f"; filename="note.txt"\r\n'
            b"Content-Type: text/plain\r\n\r\ntext\n\r\n"
            b'--X\r\nContent-Disposition: form-data; name="n"\r\n\r\n1.0\r\n'
            b'--X\r\nContent-Disposition: form-data; name="g"; filename="blob"\r\n\r\n\0\xff\r\n'
            b"--X--\r\n"
        )
        assert received.header("Content-Length") == str(len(received.body))

    def test_name_and_type_of_a_file_can_be_set(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "x;y").write_bytes(b"")
        run("-f", server.url, "f@x;y;filename=z.csv;type=text/csv; charset=utf-8")
        assert (
            b'filename="z.csv"\r\nContent-Type: text/csv; charset=utf-8\r\n' in server.request.body
        )

    def test_file_option_takes_the_path_literally(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "a\\=b").write_bytes(b"here")
        run("-f", "--file", "f=a\\=b", server.url)
        assert b"here" in server.request.body

    def test_boundary_differs_in_each_request(self, server: RawServer) -> None:
        run("--multipart", server.url, "a=1")
        run("--multipart", server.url, "a=1")
        first, second = (request.header("Content-Type") for request in server.requests)
        assert first != second

    def test_boundary_in_the_users_content_type_is_used(self, server: RawServer) -> None:
        run("--multipart", server.url, "a=1", "Content-Type:multipart/mixed; boundary=q")
        assert server.request.body.startswith(b"--q\r\n")

    def test_boundary_is_added_to_the_users_content_type(self, server: RawServer) -> None:
        run("--multipart", "--boundary=X", server.url, "a=1", "Content-Type:multipart/mixed")
        assert server.request.header("Content-Type") == "multipart/mixed; boundary=X"

    def test_name_is_escaped_as_in_browsers(self, server: RawServer) -> None:
        run("--multipart", server.url, 'a"b\r\nX=1')
        assert b'name="a%22b%0D%0AX"\r\n' in server.request.body

    @pytest.mark.parametrize("item", ["f@note.txt;type=a/b\nX: y", "f@.", "f@no"])
    def test_line_break_in_the_type_or_missing_file_is_an_error(
        self, server: RawServer, tmp_path: Path, item: str
    ) -> None:
        server.assert_not_called()
        (tmp_path / "note.txt").write_bytes(b"")
        assert run("--multipart", server.url, item).status == 10

    def test_stdin_can_be_sent_as_a_file(self, server: RawServer) -> None:
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
    def test_file_is_sent_with_put(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(b"%PDF")
        run("-T", "a.pdf", server.url)
        received = server.request
        assert (received.method, received.body) == ("PUT", b"%PDF")
        assert received.header("Content-Type") == "application/pdf"

    def test_given_method_overrides_put(self, server: RawServer, tmp_path: Path) -> None:
        (tmp_path / "f").write_bytes(b"1")
        run("POST", server.url, "-T", "f")
        assert server.request.method == "POST"

    @pytest.mark.parametrize("data", [b"", b"some", b"x" * 2_000_000])
    def test_dash_uploads_standard_input(self, server: RawServer, data: bytes) -> None:
        run("-T", "-", server.url, stdin=data)
        assert (server.request.method, server.request.body) == ("PUT", data)

    def test_proc_file_without_a_size_is_uploaded(self, server: RawServer) -> None:
        run(server.url, "@/proc/self/status")
        assert server.request.body.startswith(b"Name:")

    def test_fifo_is_read_once_to_its_end(self, server: RawServer, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        writer = threading.Thread(target=(tmp_path / "fifo").write_bytes, args=(b"flow",))
        writer.start()
        run(server.url, "@fifo")
        writer.join()
        assert server.request.body == b"flow"
        assert server.request.header("Transfer-Encoding") == "chunked"

    @pytest.mark.parametrize("change", [lambda f: f.truncate(10), lambda f: f.write(b"more")])
    def test_file_changed_during_the_upload_is_an_error(
        self, server: RawServer, tmp_path: Path, change: Callable[..., object]
    ) -> None:
        path = tmp_path / "f"
        path.write_bytes(b"x" * 3_000_000)

        def change_file(_: ClientConnection) -> None:
            with path.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                change(file)

        server.continue_steps = [change_file, b"HTTP/1.1 100 Continue\r\n\r\n"]
        result = run("--expect-continue", server.url, "-T", "f")
        assert result.status == 17
        assert "while it was being sent" in result.err
        server.stop()
        assert not server.request.complete


class TestUploadFromUrl:
    def test_content_type_and_length_are_forwarded(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(response("content", "Content-Type: text/x"))
        assert run("-T", server.url, other_server.url, "X-Api-Key:k").status == 0
        assert server.request.header("X-Api-Key") is None
        received = other_server.request
        assert (received.method, received.body) == ("PUT", b"content")
        assert received.header("Content-Type") == "text/x"
        assert received.header("Content-Length") == "7"

    def test_credentials_in_the_source_url_go_only_to_the_source(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        url = server.url.replace("http://", "http://me:pw@")
        run("-T", url, other_server.url)
        assert server.request.header("Authorization") == "Basic bWU6cHc="
        assert other_server.request.header("Authorization") is None

    def test_is_a_usage_error_offline(self) -> None:
        assert run("--offline", "-T", "http://h.x", "h.y").status == 10

    def test_truncated_source_aborts_the_upload(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        server.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n", close)
        result = run("-T", server.url, other_server.url)
        assert result.status == 13
        assert "source: " in result.err
        other_server.may_be_idle().stop()
        assert not any(request.complete for request in other_server.requests)

    def test_source_with_an_unknown_status_is_an_error(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.assert_not_called()
        server.answer(response("what", status="600 Odd"))
        assert run("-T", server.url, other_server.url).status == 1

    def test_source_with_an_error_status_sends_nothing(
        self, server: RawServer, other_server: RawServer
    ) -> None:
        other_server.assert_not_called()
        server.answer(response("no such file", status="404 Not Found"))
        result = run("-T", server.url, other_server.url)
        assert result.status == 4
        assert "HTTP 404" in result.err


DECODE: dict[str, Callable[[bytes], bytes]] = {
    "deflate": zlib.decompress,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


class TestCompress:
    @pytest.mark.parametrize("coding", DECODE)
    @pytest.mark.parametrize("size", [1_000, 3_000_000])
    def test_body_is_compressed(self, server: RawServer, coding: str, size: int) -> None:
        body = b"0123456789" * (size // 10)
        run(f"--compress={coding}", server.url, stdin=body)
        received = server.request
        assert received.header("Content-Encoding") == coding
        assert len(received.body) < size / 2
        assert DECODE[coding](received.body) == body
        assert (received.header("Content-Length") is None) == (size > 1_000_000)

    def test_zstd_body_is_decoded_by_echo(self) -> None:
        answer = run("--compress=zstd", "echo:/anything", "a=" + "x" * 500).json
        assert answer["headers"]["Content-Encoding"] == "zstd"

    def test_default_coding_is_deflate(self, server: RawServer) -> None:
        run("-x", server.url, "a=" + "x" * 500)
        assert server.request.header("Content-Encoding") == "deflate"

    def test_body_that_would_grow_is_not_compressed(self, server: RawServer) -> None:
        run("-x", server.url, "a=1")
        assert server.request.header("Content-Encoding") is None
        assert server.request.json == {"a": "1"}

    def test_double_option_compresses_even_if_the_body_grows(self, server: RawServer) -> None:
        run("-xx", server.url, "a=1")
        assert zlib.decompress(server.request.body) == b'{"a": "1"}'

    def test_multipart_and_chunked_bodies_are_compressed(self, server: RawServer) -> None:
        run("-xx", "--chunked", "--multipart", "--boundary=X", server.url, "a=1")
        received = server.request
        assert received.header("Transfer-Encoding") == "chunked"
        assert b'name="a"' in zlib.decompress(received.body)

    def test_already_compressed_body_is_sent_unchanged(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        coded = gzip.compress(b"mine")
        (tmp_path / "f.gz").write_bytes(coded)
        run(server.url, "@f.gz", "Content-Encoding:gzip")
        assert server.request.body == coded
        assert server.request.header_values("Content-Encoding") == ["gzip"]

    @pytest.mark.parametrize(
        "argv",
        [
            ["echo:", "a=1", "-x", "Content-Encoding:gzip"],
            ["echo:", "a=1", "--compress=lzw"],
            ["--compress", "gzip", "echo:", "a=1"],
        ],
    )
    def test_invalid_combination_is_a_usage_error(self, argv: list[str]) -> None:
        assert run(*argv).status == 10


class FirstBytesServer(LoopbackServer):
    """Sets an event when the first bytes of a body arrive, and responds at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.first_bytes = threading.Event()

    def serve(self, connection: ClientConnection) -> None:
        data = b""
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.socket.recv(1000)
            if b"first" in data:
                self.first_bytes.set()
        connection.send(response("done"))
        connection.close()


def test_chunked_sends_piped_data_at_once() -> None:
    with (
        FirstBytesServer() as server,
        start_process("--chunked", "POST", server.url, stdin=subprocess.PIPE) as child,
    ):
        server.may_be_idle()
        assert child.stdin is not None
        child.stdin.write(b"first")
        child.stdin.flush()
        assert server.first_bytes.wait(20)
        child.stdin.close()
        assert child.wait() == 0


class TestExpectContinue:
    def test_body_is_sent_after_100_continue(self, server: RawServer) -> None:
        run("--expect-continue", server.url, "a=1")
        assert server.request.header("Expect") == "100-continue"
        assert server.request.json == {"a": "1"}

    def test_no_body_is_sent_after_a_refusal(self, server: RawServer) -> None:
        server.continue_steps = [response("too large", status="413 Content Too Large"), close]
        result = run("--expect-continue", server.url, "--raw", "x" * 100_000)
        assert (result.status, result.out) == (0, b"too large")
        assert server.request.body == b""


class TestSecretReferences:
    def test_secret_from_the_environment_is_sent_but_not_shown(self, server: RawServer) -> None:
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
        assert received.header("X-Key") == 'hunter"2'
        assert received.header("Authorization") == 'Bearer hunter"2'
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
    def test_secret_is_redacted_in_every_kind_of_body(
        self, tmp_path: Path, items: list[str], value: str
    ) -> None:
        (tmp_path / "fill").write_text("a" * 262_120)
        result = run("--offline", "h.x", *items, env={"T": value})
        assert result.status == 0
        assert b"hunter2" not in result.out
        assert b"48151623" not in result.out
        assert "…redacted…".encode() in result.out

    def test_secret_that_is_invalid_json_is_not_shown(self) -> None:
        result = run("--offline", "h.x", "x:=@env:T", env={"T": "hunter2"})
        assert result.status == 10
        assert "hunter2" not in result.err

    def test_fifo_is_read_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        writer = threading.Thread(target=(tmp_path / "fifo").write_text, args=("hunter2\n",))
        writer.start()
        result = run("--offline", "h.x", "X:@file:fifo", "x=@file:fifo")
        writer.join()
        assert result.status == 0
        assert "hunter2" not in result.text

    def test_show_secrets_option_shows_them(self) -> None:
        shown = run("--offline", "--show-secrets", "h.x", "X:@env:T", env={"T": "seen"}).text
        assert "X: seen" in shown

    def test_secret_file_readable_by_others_gives_a_warning(self, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("k\n")
        (tmp_path / "key").chmod(0o644)
        assert "other users can read" in run("echo:", "X:@file:key").err
        (tmp_path / "key").chmod(0o600)
        result = run("echo:", "X:@file:key")
        assert (result.err, result.json["headers"]["X"]) == ("", "k")

    def test_unset_variable_is_a_usage_error(self) -> None:
        result = run("echo:", "X:@env:NOPE")
        assert result.status == 10
        assert "NOPE" in result.err

    def test_file_named_like_a_reference_needs_a_path(self, tmp_path: Path) -> None:
        (tmp_path / "env:X").write_text("from the file")
        assert run("echo:", "a=@./env:X").json["json"] == {"a": "from the file"}


@pytest.mark.wide
def test_upload_progress_is_drawn_and_erased_on_a_terminal(server: RawServer) -> None:
    reading, writing = os.pipe()
    stop = threading.Event()

    def write_slowly() -> None:
        with open(writing, "wb", buffering=0) as pipe:
            pipe.write(b"x" * 2_000_000)
            while not stop.wait(0.05):
                pipe.write(b"x" * 1000)

    with Terminal("PUT", server.url, stdin=reading) as screen:
        os.close(reading)
        writer = threading.Thread(target=write_slowly)
        writer.start()
        screen.read_until("uploading")
        stop.set()
        assert screen.wait() == 0
        writer.join()
    assert screen.raw.rindex(b"\x1b[J") < screen.raw.index(b"200")


@pytest.mark.wide
def test_short_upload_draws_no_progress(server: RawServer) -> None:
    with Terminal("PUT", server.url, "a=1") as screen:
        assert screen.wait() == 0
    assert "uploading" not in screen.text


@pytest.mark.wide
def test_memory_does_not_grow_with_the_body(server: RawServer, tmp_path: Path) -> None:
    with (tmp_path / "f").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    for how in (["-T", "f"], ["-f", "g@f"]):
        assert peak_memory("-q", server.url, *how) < 60 * 1024, how  # KiB
