"""Output on a terminal and in a pipe: parts, formatting, colours, decoding and files."""

from __future__ import annotations

import gzip
import json
import signal
import sys
import zlib
from pathlib import Path

import brotli
import pytest

from tests.support.http_connection import chunk, response, stall
from tests.support.run import run, run_process, start_process
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

JSON = b'{"b":1.10,"a":[1e400,{}],"b":"\\u00e9"}'
TYPED = "Content-Type: application/json"


def test_pipe_gets_the_exact_body(server: RawServer) -> None:
    body = bytes(range(256)) * 10
    server.answer(response(body, "Content-Type: text/html"))
    assert run(server.url).out == body


def test_terminal_gets_headers_and_a_formatted_body(server: RawServer) -> None:
    server.answer(response(JSON, TYPED, "X-Y: z"))
    with Terminal(server.url, env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    assert screen.text.replace("\r", "") == (
        "HTTP/1.1 200 OK\n"
        "Content-Type: application/json\n"
        "X-Y: z\n"
        f"Content-Length: {len(JSON)}\n"
        "\n"
        "{\n"
        '    "b": 1.10,\n'
        '    "a": [\n'
        "        1e400,\n"
        "        {}\n"
        "    ],\n"
        '    "b": "é"\n'
        "}\n"
        "\n"
    )


def test_terminal_output_is_coloured(server: RawServer) -> None:
    server.answer(response(JSON, TYPED))
    with Terminal(server.url) as screen:
        assert screen.wait() == 0
    assert b"\x1b[" in screen.raw


@pytest.mark.wide
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_environment_can_disable_colours(server: RawServer, env: dict[str, str]) -> None:
    server.answer(response(JSON, TYPED))
    with Terminal(server.url, env=env) as screen:
        assert screen.wait() == 0
    assert b"\x1b[" not in screen.raw


def test_control_characters_from_the_server_are_escaped(server: RawServer) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x7f"
    server.answer(
        response(
            f'text {evil} "json": "{evil}"', "Content-Type: text/plain", f"X-Evil: {evil[:8]}"
        )
    )
    with Terminal(server.url, env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    shown = screen.raw.replace(b"\r", b"").decode()
    assert not any(c < " " and c != "\n" for c in shown)
    assert not any("\x7f" <= c <= "\x9f" for c in shown)
    assert "\\x1b]0;owned" in shown


def test_binary_body_is_not_shown_on_a_terminal(server: RawServer) -> None:
    server.answer(response(b"\x89PNG\0\0", "Content-Type: image/png"))
    with Terminal(server.url, env={"NO_COLOR": "1"}) as screen:
        assert screen.wait() == 0
    assert "PNG" not in screen.text
    assert "image/png" in screen.text
    assert "-o" in screen.text


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ("-h", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),
        ("-b", b"ok"),
        ("-p=", b""),
        ("-q", b""),
    ],
)
def test_print_options_select_the_parts(server: RawServer, option: str, shown: bytes) -> None:
    server.answer(response("ok"))
    argv = ["--print="] if option == "-p=" else [option]
    assert run(*argv, server.url).out == shown


def test_meta_prints_the_elapsed_time(server: RawServer) -> None:
    result = run("-m", server.url)
    assert result.text.startswith("Elapsed time: ")


def test_pretty_option_formats_output_in_a_pipe(server: RawServer) -> None:
    server.answer(response('{"a":1}', TYPED))
    assert run("--pretty=format", server.url).text == '{\n    "a": 1\n}'


@pytest.mark.wide
def test_json_is_formatted_before_the_body_is_complete(server: RawServer) -> None:
    head = response(b"", TYPED, "Transfer-Encoding: chunked")
    server.answer(head + chunk('[{"a":1.10},' * 5000), stall)
    with start_process("--pretty=all", server.url) as child:
        assert child.stdout is not None
        shown = [child.stdout.readline() for _ in range(3)]
    assert shown == [b"[\n", b"    {\n", b'        \x1b[94m"a"\x1b[0m: \x1b[34m1.10\x1b[0m\n']


def test_sorted_option_sorts_json_keys(server: RawServer) -> None:
    server.answer(response(JSON, TYPED))
    argv = ("--pretty=format", "--sorted", "--format-options=json.indent:1", server.url)
    assert run(*argv).text == ('{\n "a": [\n  1e400,\n  {}\n ],\n "b": 1.10,\n "b": "\\u00e9"\n}')


@pytest.mark.wide
def test_json_too_long_to_sort_prints_a_warning(server: RawServer) -> None:
    server.answer(response(b'{"b":"' + b"x" * (32 << 20) + b'","a":1}', TYPED))
    result = run("--pretty=format", "--sorted", server.url)
    assert result.out.startswith(b'{\n    "b"')
    assert "32 MiB" in result.err


@pytest.mark.wide
def test_html_is_coloured(server: RawServer) -> None:
    server.answer(response("<b>x</b>", "Content-Type: text/html"))
    with Terminal("-b", server.url) as screen:
        assert screen.wait() == 0
    assert b"\x1b[" in screen.raw
    assert screen.text == "<b>x</b>\n\n\n"


@pytest.mark.parametrize("style", ["monokai", "auto"])
def test_style_option_is_accepted(server: RawServer, style: str) -> None:
    server.answer(response("<b>x</b>", "Content-Type: text/html"))
    result = run("--pretty=all", "--style", style, server.url)
    assert result.status == 0
    assert "\x1b[" in result.text


def test_sorted_option_changes_the_displayed_header_order_only(server: RawServer) -> None:
    argv = ("-v", "--pretty=format", "--sorted", server.url, "X-B: 1", "X-A: 2", "x-a: 3")
    shown = run(*argv).text.partition("\r\n\r\n")[0].splitlines()[1:]
    assert shown == sorted(shown, key=lambda line: line.partition(":")[0].lower())
    sent = [name for name, _ in server.request.headers if name.lower().startswith("x-")]
    assert sent == ["X-B", "X-A", "x-a"]


@pytest.mark.parametrize(
    ("typed", "hint"), [("monokia", "monokai"), ("pie_dark", "pie-dark"), ("zzzzz", "choose from")]
)
def test_unknown_style_is_a_usage_error_with_a_hint(typed: str, hint: str) -> None:
    result = run(f"--style={typed}", "echo:")
    assert result.status == 10
    assert hint in result.err


@pytest.mark.parametrize(
    ("env", "terminal", "coloured"),
    [
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "xterm"}, False, False),
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": ""}, True, False),
    ],
)
def test_message_colours_depend_on_terminal_and_environment(
    env: dict[str, str], terminal: bool, coloured: bool
) -> None:
    result = run("--print=z", "echo:", env=env, terminal=terminal)
    assert ("\x1b[" in result.err) == coloured


def test_force_color_does_not_colour_a_piped_body(server: RawServer) -> None:
    server.answer(response(JSON, TYPED))
    assert run(server.url, env={"FORCE_COLOR": "1", "TERM": "xterm"}).out == JSON


class TestContentCodings:
    BODY = b"content " * 1000

    @pytest.mark.parametrize(
        ("coding", "coded"),
        [
            ("gzip", gzip.compress(BODY, mtime=0)),
            ("x-gzip", gzip.compress(BODY, mtime=0)),
            ("deflate", zlib.compress(BODY)),
            ("br", brotli.compress(BODY)),
            ("deflate, gzip", gzip.compress(zlib.compress(BODY), mtime=0)),
        ],
    )
    def test_are_decoded(self, server: RawServer, coding: str, coded: bytes) -> None:
        server.answer(response(coded, f"Content-Encoding: {coding}"))
        assert run(server.url).out == self.BODY

    @pytest.mark.parametrize("options", [(), ("-S",), ("--pretty=all",), ("-dqo-",)])
    def test_are_kept_with_raw_body(self, server: RawServer, options: tuple[str, ...]) -> None:
        coded = gzip.compress(b'{"a": 1}', mtime=0)
        server.answer(response(coded, "Content-Encoding: gzip", "Content-Type: application/json"))
        assert run("--raw-body", *options, server.url).out == coded

    @pytest.mark.wide
    def test_are_not_shown_on_a_terminal_with_raw_body(self, server: RawServer) -> None:
        coded = gzip.compress(b'{"a": 1}', mtime=0)
        server.answer(response(coded, "Content-Encoding: gzip", "Content-Type: application/json"))
        with Terminal("--raw-body", server.url) as screen:
            screen.wait()
            assert "(binary body:" in screen.text

    @pytest.mark.parametrize(
        ("coding", "coded"),
        [
            ("gzip", gzip.compress(BODY, mtime=0)),
            ("x-gzip", gzip.compress(BODY, mtime=0)),
            ("deflate", zlib.compress(BODY)),
            ("br", brotli.compress(BODY)),
            ("deflate, gzip", gzip.compress(zlib.compress(BODY), mtime=0)),
        ],
    )
    def test_truncated_data_is_an_error_despite_a_correct_length(
        self, server: RawServer, coding: str, coded: bytes
    ) -> None:
        server.answer(response(coded[:-5], f"Content-Encoding: {coding}"))
        result = run(server.url)
        assert result.status == 13
        assert "incomplete" in result.err


def test_first_line_is_shown_before_the_second_is_sent(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n"
    server.answer(head + chunk("first\n"), stall)
    with Terminal("-b", server.url, env={"NO_COLOR": "1"}) as screen:
        screen.read_until("first")
        screen.interrupt()
        assert screen.wait() == 130


@pytest.mark.wide
def test_ctrl_c_resets_the_terminal_colours(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + TYPED.encode() + b"\r\n\r\n"
    server.answer(head + chunk('{"key'), stall)
    with Terminal("-b", server.url) as screen:
        screen.read_until("key")
        screen.interrupt()
        assert screen.wait() == 130
    assert screen.raw.rindex(b"\x1b[0m") > screen.raw.index(b"key")


def test_ctrl_c_stops_a_long_output(server: RawServer) -> None:
    numbers = list(range(1_000_000, 1_100_000))
    server.answer(response(json.dumps(numbers).encode(), TYPED))
    with Terminal("-b", server.url) as screen:
        screen.read_until("1000000")
        screen.signal(signal.SIGINT)  # unlike the key, the signal does not flush the terminal
        assert screen.wait() == 130
    end = screen.raw.rpartition(b"\x1b[0m")[2]
    # A write that blocks is interrupted; else the body ends as others do, with a gap.
    assert end in (b"\r\n", b"\r\n" * 4)
    assert json.dumps(numbers, indent=4).startswith(screen.text[: -end.count(b"\n")])


def test_unknown_content_coding_prints_a_warning(server: RawServer) -> None:
    server.answer(response(b"coded", "Content-Encoding: aws"))
    result = run(server.url)
    assert (result.status, result.out) == (0, b"coded")
    assert "aws is not supported" in result.err


class TestOutputFile:
    @pytest.mark.wide
    def test_gets_a_binary_body_when_run_on_a_terminal(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        server.answer(response(b"\x89PNG\0", "Content-Type: image/png"))
        with Terminal(server.url, "-o", "f.png") as screen:
            assert screen.wait() == 0
        assert (tmp_path / "f.png").read_bytes() == b"\x89PNG\0"

    def test_gets_the_body(self, server: RawServer, tmp_path: Path) -> None:
        server.answer(response("content"))
        result = run(server.url, "-o", "file.txt")
        assert (tmp_path / "file.txt").read_text() == "content"
        assert result.out == b""
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["file.txt"]

    def test_is_not_replaced_by_an_incomplete_body(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        (tmp_path / "file.txt").write_text("good")
        server.answer(response("ha", "Content-Length: 4"), lambda c: c.close())
        result = run(server.url, "-o", "file.txt")
        assert result.status == 13
        assert (tmp_path / "file.txt").read_text() == "good"
        assert (tmp_path / "file.txt.part").read_text() == "ha"
        assert "file.txt.part has 2 B" in result.err

    def test_is_not_replaced_when_check_status_fails(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        (tmp_path / "file.txt").write_text("good")
        server.answer(response("no such page", status="404 Not Found"))
        result = run("--check-status", server.url, "-o", "file.txt")
        assert result.status == 4
        assert "no such page" in result.err
        assert (tmp_path / "file.txt").read_text() == "good"

    def test_keeps_its_mode_and_symlink(self, server: RawServer, tmp_path: Path) -> None:
        real = tmp_path / "real.txt"
        real.write_text("old")
        real.chmod(0o600)
        (tmp_path / "link").symlink_to(real)
        run(server.url, "-o", "link")
        assert real.read_text() == "ok\n"
        assert real.stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "link").is_symlink()

    def test_may_be_a_device(self, server: RawServer) -> None:
        assert run(server.url, "-o", "/dev/null").status == 0

    @pytest.mark.wide
    def test_may_be_a_descriptor_shared_with_other_processes(
        self, server: RawServer, tmp_path: Path
    ) -> None:
        server.answer(response("content\n"))
        command = (
            f"(echo first; {sys.executable} -m httpcli {server.url} -o /dev/stdout; echo last)>log"
        )
        run_process("-c", command, program=["/bin/sh"])
        assert (tmp_path / "log").read_text() == "first\ncontent\nlast\n"

    @pytest.mark.wide
    def test_may_be_dev_stdout(self, server: RawServer) -> None:
        server.answer(response("content"))
        assert run_process(server.url, "-o", "/dev/stdout").out == b"content"

    @pytest.mark.parametrize(
        ("target", "reason"),
        [("no/such/folder", "no such file or directory"), (".", "is a directory")],
    )
    def test_unwritable_path_is_an_error_before_sending(
        self, server: RawServer, target: str, reason: str
    ) -> None:
        server.assert_not_called()
        result = run(server.url, "-o", target)
        assert result.status == 17
        assert reason in result.err
