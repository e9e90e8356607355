"""Each exit status, provoked for real, and the one line that goes with it."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from httpcli.core.exit_status import ExitStatus
from tests.support.certificates import Authority
from tests.support.proxy import Proxy
from tests.support.run import process, run, started
from tests.support.servers import LoopbackServer, RawServer, refused_port
from tests.support.terminal import Terminal
from tests.support.wire import Connection, after, chunk, close, for_ever, reset, response, stall


def test_0_is_a_response_whatever_its_status(server: RawServer) -> None:
    server.answer(response("no", status="500 Oh No"))
    assert run(server.url).status == 0


@pytest.mark.parametrize(
    ("http", "status"), [("304", 3), ("302", 3), ("404", 4), ("503", 5), ("200", 0), ("600", 0)]
)
def test_3_4_5_are_the_class_under_check_status(server: RawServer, http: str, status: int) -> None:
    body = b"" if http == "304" else b"body"
    server.answer(response(body, status=f"{http} Reason"))
    result = run("--check-status", server.url)
    assert (result.status, result.out) == (status, body)
    assert (f"HTTP {http} Reason" in result.err) == (status != 0)


def test_a_status_is_told_on_stderr_where_the_head_is_not_on_the_screen(
    server: RawServer, tmp_path: Path
) -> None:
    server.always(response("no", status="404 Not Found"))
    with Terminal("--check-status", server.url) as screen:
        assert screen.wait() == 4
        assert "warning" not in screen.text
    with (
        open(tmp_path / "out", "wb") as out,
        Terminal("--check-status", server.url, stdout=out.fileno()) as screen,
    ):
        assert screen.wait() == 4
        assert "HTTP 404 Not Found" in screen.text


def test_3_does_not_count_while_following(server: RawServer) -> None:
    server.answer(response(status="304 Not Modified"))
    assert run("--check-status", "--follow", server.url).status == 0


def test_2_no_answer_in_time(server: RawServer) -> None:
    server.answer(stall)
    result = run("--timeout=0.2", server.url)
    assert result.status == 2
    assert "timed out" in result.err
    assert "--timeout" in result.err


def test_2_silence_in_the_body(server: RawServer) -> None:
    server.answer(response("some", "Content-Length: 9"), stall)
    result = run("--timeout=0.2", server.url)
    assert result.status == 2
    assert result.out == b"some"


def test_2_not_done_in_time_though_bytes_come(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, for_ever(chunk("more\n")))
    assert run("--max-time=0.3", server.url, "-o", "/dev/null").status == 2


def test_6_too_many_redirects(server: RawServer) -> None:
    server.always(response("", "Location: /again", status="302 Found"))
    result = run("--follow", "--max-redirects=3", server.url)
    assert result.status == 6
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "argv",
    [
        ["{url}", "item-without-separator"],
        ["{url}", "a:={"],
        ["{url}", "a[b=1"],
        ["{url}", "@missing"],
        ["{url}", "--nonsense"],
        ["{url}", "X:a\nb"],
        ["{url}", "a=1", "--raw=b"],
        ["{url}", "http://other/"],
        ["-F", "a=b", "{url}"],
        ["{url}/a\nb"],
        ["gopher://host"],
    ],
)
def test_10_a_wrong_command_line_sends_nothing(server: RawServer, argv: list[str]) -> None:
    server.must_be_idle()
    result = run(*(word.replace("{url}", server.url) for word in argv))
    assert result.status == 10
    assert result.out == b""
    assert result.err.startswith("httpcli: error: ")


def test_10_shows_where_the_fault_is() -> None:
    result = run("example.org", "a[b=1")
    assert result.status == 10
    assert "\n  a[b\n     ^\n" in result.err


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["-d", '{"a":1}', "h"], "--raw"),
        (["-F", "a=b", "h"], "-F follows redirects"),
        (["-x", "http://p", "h"], "--proxy"),
        (["-s", "http://h"], "--quiet"),
        (["-fsSL", "http://h"], "--quiet"),
        (["-c", "jar", "h"], "--cookie"),
        (["-m", "10", "http://h"], "--max-time"),
        (["-E", "me.pem", "http://h"], "--cert"),
        (["--pinnedpubkey", "sha256//x", "http://h"], "--pin"),
        (["--sni", "x", "http://h"], "--server-name"),
        (["--tlsv1.2", "http://h"], "--ssl=tls1.2.."),
    ],
)
def test_10_knows_the_habits_of_curl(argv: list[str], hint: str) -> None:
    result = run(*argv)
    assert result.status == 10
    assert hint in result.err


def test_11_the_name_is_not_resolved() -> None:
    result = run("http://no-such-host.invalid/")
    assert result.status == 11
    assert "no-such-host.invalid" in result.err


def test_12_refused() -> None:
    port = refused_port()
    result = run(f"http://127.0.0.1:{port}/")
    assert result.status == 12
    assert result.err == f"httpcli: error: 127.0.0.1:{port}: connection refused\n"


def test_12_closed_without_an_answer(server: RawServer) -> None:
    server.always(close)
    result = run("POST", server.url)
    assert result.status == 12
    assert "without an answer" in result.err


def test_12_reset_before_an_answer(server: RawServer) -> None:
    server.always(reset)
    assert run("POST", server.url).status == 12


def test_13_shorter_than_it_says(server: RawServer) -> None:
    server.answer(response("half", "Content-Length: 8"), close)
    result = run(server.url)
    assert result.status == 13
    assert result.out == b"half"
    assert "incomplete" in result.err


def test_13_the_last_chunk_is_missing(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("half"), close)
    result = run(server.url)
    assert (result.status, result.out) == (13, b"half")


def test_13_not_http(server: RawServer) -> None:
    server.answer(b"SSH-2.0-OpenSSH\r\n", close)
    result = run(server.url)
    assert result.status == 13
    assert "not valid HTTP" in result.err
    assert len(result.err.splitlines()) == 1


def test_14_unknown_ca(tls_server: RawServer) -> None:
    tls_server.must_be_idle()
    result = run(tls_server.url)
    assert result.status == 14
    assert "--verify" in result.err


def test_14_expired(ca: Authority, ca_file: str) -> None:
    with RawServer(ca.expired()) as server:
        server.must_be_idle()
        result = run(f"--verify={ca_file}", server.url)
    assert result.status == 14
    assert "expired" in result.err


def test_14_wrong_name(ca: Authority, ca_file: str) -> None:
    with RawServer(ca.misnamed()) as server:
        server.must_be_idle()
        result = run(f"--verify={ca_file}", server.url)
    assert result.status == 14
    assert "127.0.0.1" in result.err


class Blunt(LoopbackServer):
    """Answers whatever is said to it in plain HTTP, as nginx does on a port without TLS."""

    def serve(self, connection: Connection) -> None:
        connection.socket.recv(100)
        connection.send(response(status="400 Bad Request"))
        connection.close()


def test_14_plain_http_on_the_port() -> None:
    with Blunt() as server:
        server.may_be_idle()
        result = run(server.url.replace("http:", "https:"))
    assert result.status == 14
    assert "plain http" in result.err


def test_15_the_proxy_refuses(proxy: Proxy) -> None:
    proxy.refusal = "403 Forbidden"
    result = run("--proxy", proxy.url, "https://example.org")
    assert result.status == 15
    assert "403" in result.err


def test_15_there_is_no_proxy() -> None:
    result = run("--proxy", f"http://127.0.0.1:{refused_port()}", "http://example.org")
    assert result.status == 15
    assert "proxy" in result.err


def test_17_the_disk_is_full(server: RawServer) -> None:
    with open("/dev/full", "wb") as full, started(server.url, stdout=full) as child:
        _, err = child.communicate()
    assert child.returncode == 17
    assert b"no space left" in err


def test_17_stdout_is_closed(server: RawServer) -> None:
    result = process(
        "-c", f"exec {sys.executable} -m httpcli {server.url} >&-", program=["/bin/sh"]
    )
    assert result.status == 17


def test_130_ctrl_c_while_the_server_is_silent(server: RawServer) -> None:
    server.answer(stall)
    with started(server.url) as child:
        server.wait_for_requests()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    assert (child.returncode, out, err) == (130, b"", b"")


IN_THE_PARSER = """
import os, sys
from httpcli.__main__ import main

def watch(frame, event, _argument):
    if frame.f_code.co_name == "feed_data" and event == "call":
        sys.setprofile(None)
        os.kill(os.getpid(), {how})

sys.setprofile(watch)
main()
"""
"""The program, sent a signal while aiohttp's parser hands on the first of the content."""


@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_counts_also_while_content_is_taken_apart(
    server: RawServer, how: signal.Signals, status: int
) -> None:
    # The parser takes whatever is raised in it for the end of the content: it was tried again.
    server.always(response("whole"))
    program = [sys.executable, "-c", IN_THE_PARSER.format(how=int(how))]
    result = process("-d", server.url, "-o", "f", program=program)
    assert (result.returncode, len(server.requests)) == (status, 1), result


IN_THE_IMPORT = """
import os, sys
from httpcli.__main__ import main

def watch(frame, event, _argument):
    if frame.f_globals.get("__name__") == "aiohttp.web" and event == "call":
        sys.setprofile(None)
        os.kill(os.getpid(), {how})

sys.setprofile(watch)
main()
"""
"""The program, sent a signal while aiohttp is being imported, where no loop runs."""


@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_counts_also_while_aiohttp_is_imported(how: signal.Signals, status: int) -> None:
    program = [sys.executable, "-c", IN_THE_IMPORT.format(how=int(how))]
    result = process("echo", "--port=0", program=program)
    assert (result.returncode, result.err) == (status, "")


def test_130_ctrl_c_while_stdin_is_open_and_silent() -> None:
    with started("POST", "echo:", stdin=subprocess.PIPE) as child:
        assert child.stderr is not None
        assert b"waiting for a body" in child.stderr.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait() == 130


def test_130_ctrl_c_while_nobody_reads_the_pipe(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, for_ever(chunk("x" * 60_000)))
    with started(server.url) as child:
        assert child.stdout is not None
        os.read(child.stdout.fileno(), 10)
        child.send_signal(signal.SIGINT)
        assert child.wait() == 130


def test_141_the_reader_leaves_while_bytes_come(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, for_ever(chunk("line\n")))
    with started(server.url) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"line\n"
        child.stdout.close()
        assert child.wait() == 141
        assert child.stderr is not None
        assert child.stderr.read() == b""


def test_141_the_reader_leaves_while_the_server_is_silent(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head + chunk("line\n"), stall)
    with started(server.url) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"line\n"
        child.stdout.close()
        assert child.wait() == 141


def test_a_bug_is_one_line_and_debug_shows_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> object:
        raise ZeroDivisionError("here")

    monkeypatch.setattr("httpcli.planning.planner.make_plan", fail)
    result = run("echo:")
    assert result.status == 1
    assert result.err.startswith("httpcli: error: a bug: ZeroDivisionError: here\n")
    assert capsys.readouterr().err == ""
    assert run("--debug", "echo:").status == 1
    assert "in fail" in capsys.readouterr().err


def test_every_status_is_in_the_help_and_the_readme() -> None:
    shown = run("--help").text
    readme = Path(__file__).parents[2].joinpath("README.md").read_text()
    for status in ExitStatus:
        assert f"  {int(status)} " in shown
    rows = [f"| {int(status)} | {status.meaning} |" for status in ExitStatus]
    assert "\n".join(["| --- | --- |", *rows, ""]) in readme


def test_10_no_words_at_all_are_no_success() -> None:
    result = run()
    assert (result.status, result.out) == (10, b"")
    assert "--help" in result.err


def test_a_bare_h_shows_a_short_usage() -> None:
    result = run("-h")
    assert (result.status, result.err) == (0, "")
    assert "httpcli --help" in result.text


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["-XPOST", "echo:/anything", "n:=x"], "a string is sent by ="),
        (["-s", "monokai", "--timeout=x", "echo:"], "a time is a number"),
        (["--mission=x", "echo:"], "see httpcli --help"),
        (["echo:", "--", "-fsSL"], "an item is"),
    ],
)
def test_10_a_hint_fits_its_error(argv: list[str], hint: str) -> None:
    assert hint in run(*argv).err


def test_17_stdin_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")  # opened for appending only, it stands at its start
    command = f"exec {sys.executable} -m httpcli POST echo:/anything 0>>file"
    result = process("-c", command, program=["/bin/sh"])
    assert result.status == 17
    assert "standard input" in result.err


def test_13_a_reset_is_not_the_end_of_content_without_a_length(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\n\r\nabc", reset)
    result = run(server.url, "-o", "f")
    assert result.status == 13
    assert not (tmp_path / "f").exists()


def test_0_a_close_is_the_end_of_content_without_a_length(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\n\r\nabc", close)
    result = run(server.url)
    assert (result.status, result.out) == (0, b"abc")


def test_13_a_transfer_coding_that_nobody_knows(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: bogus, chunked\r\n\r\n"
    server.answer(head + chunk("x") + chunk(""))
    result = run(server.url)
    assert (result.status, result.out) == (13, b"")


def test_a_transfer_coding_is_undone(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    server.answer(head + chunk(gzip.compress(b"plain")) + chunk(""))
    assert run(server.url).out == b"plain"


def test_2_the_server_stops_reading(server: RawServer) -> None:
    server.may_be_idle()
    server.on_head = [stall]
    body = b"x" * 30_000_000
    result = run("--timeout=0.3", "--expect-continue", server.url, stdin=body)
    assert result.status == 2


def test_2_the_server_takes_no_more_of_a_long_body() -> None:
    class Deaf(LoopbackServer):
        def serve(self, connection: Connection) -> None:
            stall(connection)

    with Deaf() as server:
        server.may_be_idle()
        # A process of its own: the bytes that are not taken stay in its socket to the end.
        result = process("--timeout=0.3", server.url, stdin=b"x" * 30_000_000)
    assert result.status == 2
    assert "does not take the content" in result.err


def test_15_the_proxys_name_is_not_resolved() -> None:
    result = run("--proxy", "http://no-proxy.invalid:1", "http://localhost:1/")
    assert result.status == 15
    assert "no-proxy.invalid" in result.err


def test_15_the_tunnel_is_closed_at_once(proxy: Proxy) -> None:
    class Silent(LoopbackServer):
        def serve(self, connection: Connection) -> None:
            connection.close()

    with Silent() as server:
        server.may_be_idle()
        result = run("--proxy", proxy.url, server.url.replace("http:", "https:"))
    assert result.status in (12, 14)
    assert "object at" not in result.err


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_ended_leaves_no_part_file(
    server: RawServer, tmp_path: Path, how: signal.Signals
) -> None:
    server.answer(response("some", "Content-Length: 9"), stall)
    with started(server.url, "-o", "f", cwd=tmp_path) as child:
        server.wait_for_requests()
        child.send_signal(how)
        assert child.wait() == 128 + how
    assert not (tmp_path / "f.part").exists()


def test_10_what_is_no_address_no_method_or_no_field() -> None:
    for argv in (
        ["127.1"],
        ["0x7f000001"],
        ["-X", "", "h.x"],
        ["h.x", "Host:a", "Host:b"],
        ["-A", "bearer", "-a", "t\r\nX: 1", "--offline", "h.x"],
    ):
        result = run(*argv)
        assert (result.status, result.out) == (10, b""), argv


@pytest.mark.parametrize("option", [["-o", "f"], ["-q"]])
def test_0_a_pipe_that_nothing_is_written_to_may_close(
    server: RawServer, tmp_path: Path, option: list[str]
) -> None:
    go = threading.Event()
    server.answer(after(go), response("content"))
    with started(server.url, *option, cwd=tmp_path) as child:
        server.wait_for_requests()
        assert child.stdout is not None
        child.stdout.close()
        go.set()
        assert child.wait() == 0
    assert (tmp_path / "f").exists() == (option[0] == "-o")
