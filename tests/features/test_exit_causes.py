"""Causes of each exit status, and the error message that the user sees.

A number at the start of a test name is the expected exit status.
"""

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
from tests.support.certificates import CertificateAuthority
from tests.support.http_connection import (
    ClientConnection,
    chunk,
    close,
    repeat_until_closed,
    reset,
    response,
    stall,
    wait_for_event,
)
from tests.support.proxy import ProxyServer
from tests.support.run import run, run_process, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import LoopbackServer, PlainHttpServer, RawServer, refused_port
from tests.support.terminal import Terminal


def test_0_any_response_without_check_status(server: RawServer) -> None:
    server.answer(response("no", status="500 Oh No"))
    assert run(server.url).status == 0


@pytest.mark.parametrize(
    ("http", "status"), [("304", 3), ("302", 3), ("404", 4), ("503", 5), ("200", 0), ("600", 0)]
)
def test_3_4_5_error_class_with_check_status(server: RawServer, http: str, status: int) -> None:
    body = b"" if http == "304" else b"body"
    server.answer(response(body, status=f"{http} Reason"))
    result = run("--check-status", server.url)
    assert (result.status, result.out) == (status, body)
    assert (f"HTTP {http} Reason" in result.err) == (status != 0)


@pytest.mark.wide
def test_4_warning_is_printed_unless_the_terminal_shows_the_head(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response("no", status="404 Not Found"))
    with Terminal("--check-status", server.url) as screen:
        assert screen.wait() == 4
        assert "warning" not in screen.text
    with (
        open(tmp_path / "out", "wb") as out,
        Terminal("--check-status", server.url, stdout=out.fileno()) as screen,
    ):
        assert screen.wait() == 4
        assert "HTTP 404 Not Found" in screen.text


def test_0_status_304_with_follow(server: RawServer) -> None:
    server.answer(response(status="304 Not Modified"))
    assert run("--check-status", "--follow", server.url).status == 0


def test_2_no_response_within_the_timeout(server: RawServer) -> None:
    server.answer(stall)
    result = run("--timeout=0.2", server.url)
    assert result.status == 2
    assert "timed out" in result.err
    assert "--timeout" in result.err


@pytest.mark.wide
def test_2_body_stalls(server: RawServer) -> None:
    server.answer(response("some", "Content-Length: 9"), stall)
    result = run("--timeout=3", server.url)
    assert result.status == 2
    assert result.out == b"some"


@pytest.mark.wide
def test_2_max_time_ends_an_endless_body(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, repeat_until_closed(chunk("more\n")))
    assert run("--max-time=0.3", server.url, "-o", "/dev/null").status == 2


def test_6_too_many_redirects(server: RawServer) -> None:
    server.answer_always(response("", "Location: /again", status="302 Found"))
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
def test_10_invalid_command_line_sends_nothing(server: RawServer, argv: list[str]) -> None:
    server.assert_not_called()
    result = run(*(word.replace("{url}", server.url) for word in argv))
    assert result.status == 10
    assert result.out == b""
    assert result.err.startswith("httpcli: error: ")


def test_10_syntax_error_shows_its_position() -> None:
    result = run("example.org", "a[b=1")
    assert result.status == 10
    assert "\n  a[b\n     ^\n" in result.err


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["-d", '{"a":1}', "h"], "--raw"),
        (["-F", "a=b", "h"], "-F follows redirects"),
        (["-x", "http://p", "h"], "--proxy"),
        (["-s", "http://h"], "-q"),
        (["-fsSL", "http://h"], "-q"),
        (["-c", "jar", "h"], "--cookie"),
        (["-m", "10", "http://h"], "--max-time"),
        (["-E", "me.pem", "http://h"], "--cert"),
        (["--pinnedpubkey", "sha256//x", "http://h"], "--pin"),
        (["--sni", "x", "http://h"], "--server-name"),
        (["--tlsv1.2", "http://h"], "--ssl=tls1.2.."),
    ],
)
def test_10_curl_option_gets_a_hint(argv: list[str], hint: str) -> None:
    result = run(*argv)
    assert result.status == 10
    assert hint in result.err


def test_11_host_name_is_not_resolved() -> None:
    result = run("http://no-such-host.invalid/")
    assert result.status == 11
    assert "no-such-host.invalid" in result.err


def test_12_connection_is_refused() -> None:
    port = refused_port()
    result = run(f"http://127.0.0.1:{port}/")
    assert result.status == 12
    assert result.err == f"httpcli: error: 127.0.0.1:{port}: connection refused\n"


def test_12_connection_is_closed_without_a_response(server: RawServer) -> None:
    server.answer_always(close)
    result = run("POST", server.url)
    assert result.status == 12
    assert ": the server closed the connection without a response" in result.err


def test_12_connection_is_reset_before_a_response(server: RawServer) -> None:
    server.answer_always(reset)
    assert run("POST", server.url).status == 12


def test_13_body_is_shorter_than_content_length(server: RawServer) -> None:
    server.answer(response("half", "Content-Length: 8"), close)
    result = run(server.url)
    assert result.status == 13
    assert result.out == b"half"
    assert "incomplete" in result.err


def test_13_last_chunk_is_missing(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("half"), close)
    result = run(server.url)
    assert (result.status, result.out) == (13, b"half")


def test_13_response_is_not_http(server: RawServer) -> None:
    server.answer(b"SSH-2.0-OpenSSH\r\n", close)
    result = run(server.url)
    assert result.status == 13
    assert "not valid HTTP" in result.err
    assert result.err.splitlines()[1:] == [f"  ssh -p {server.port} 127.0.0.1"]


def test_14_certificate_authority_is_unknown(tls_server: RawServer) -> None:
    tls_server.assert_not_called()
    result = run(tls_server.url)
    assert result.status == 14
    assert "--verify" in result.err


def test_14_certificate_is_expired(ca: CertificateAuthority, ca_file: str) -> None:
    with RawServer(ca.expired()) as server:
        server.assert_not_called()
        result = run(f"--verify={ca_file}", server.url)
    assert result.status == 14
    assert "expired" in result.err


def test_14_certificate_has_another_name(ca: CertificateAuthority, ca_file: str) -> None:
    with RawServer(ca.wrong_host()) as server:
        server.assert_not_called()
        result = run(f"--verify={ca_file}", server.url)
    assert result.status == 14
    assert "127.0.0.1" in result.err


def test_14_server_answers_in_plain_http() -> None:
    with PlainHttpServer() as server:
        server.may_be_idle()
        result = run(server.url.replace("http:", "https:"))
    assert result.status == 14
    assert "plain http" in result.err


def test_15_proxy_refuses(proxy: ProxyServer) -> None:
    proxy.refusal = "403 Forbidden"
    result = run("--proxy", proxy.url, "https://example.org")
    assert result.status == 15
    assert "403" in result.err


def test_15_proxy_is_unreachable() -> None:
    result = run("--proxy", f"http://127.0.0.1:{refused_port()}", "http://example.org")
    assert result.status == 15
    assert "proxy" in result.err


def test_17_disk_is_full(server: RawServer) -> None:
    with open("/dev/full", "wb") as full, start_process(server.url, stdout=full) as child:
        _, err = child.communicate()
    assert child.returncode == 17
    assert b"no space left" in err


@pytest.mark.wide
def test_17_stdout_is_closed(server: RawServer) -> None:
    result = run_process(
        "-c", f"exec {sys.executable} -m httpcli {server.url} >&-", program=["/bin/sh"]
    )
    assert result.status == 17


def test_130_ctrl_c_while_the_server_is_silent(server: RawServer) -> None:
    server.answer(stall)
    with start_process(server.url) as child:
        server.wait_for_requests()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    assert (child.returncode, out, err) == (130, b"", b"")


SIGNAL_IN_PARSER = """
import os, sys
from httpcli.__main__ import main

def watch(frame, event, _argument):
    if frame.f_code.co_name == "feed_data" and event == "call":
        sys.setprofile(None)
        os.kill(os.getpid(), {signum})

sys.setprofile(watch)
main()
"""
"""Runs httpcli and sends it a signal while aiohttp's parser reads the first response bytes."""


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.wide)],
)
def test_signal_during_parsing_ends_the_run(
    server: RawServer, signum: signal.Signals, status: int
) -> None:
    # The parser treats any exception as the end of the body, which led to a retry.
    server.answer_always(response("whole"))
    program = [sys.executable, "-c", SIGNAL_IN_PARSER.format(signum=int(signum))]
    result = run_process("-d", server.url, "-o", "f", program=program)
    assert (result.returncode, len(server.requests)) == (status, 1), result


SIGNAL_IN_WRITE = """
import os
from httpcli.__main__ import main

pwritev = os.pwritev

def write_and_signal(*arguments):
    count = pwritev(*arguments)
    os.pwritev = pwritev
    os.kill(os.getpid(), {signum})
    return count

os.pwritev = write_and_signal
main()
"""
"""Runs httpcli and sends it a signal after a write, before the result is stored."""


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.wide)],
)
def test_signal_during_a_write_counts_the_written_bytes(
    server: RawServer, signum: signal.Signals, status: int
) -> None:
    head = response("", 'ETag: "1"', "Accept-Ranges: bytes", "Content-Length: 3000000")
    server.answer(head + b"x" * 100_000, stall)
    program = [sys.executable, "-c", SIGNAL_IN_WRITE.format(signum=int(signum))]
    result = run_process("-d", server.url, "-o", "f", program=program)
    assert result.returncode == status, result
    assert "to resume: --download --continue" in result.err
    assert Path("f.part").stat().st_size > 0


SIGNAL_IN_IMPORT = """
import os, sys
from httpcli.__main__ import main

def watch(frame, event, _argument):
    if frame.f_globals.get("__name__") == "aiohttp.web" and event == "call":
        sys.setprofile(None)
        os.kill(os.getpid(), {signum})

sys.setprofile(watch)
main()
"""
"""Runs httpcli and sends it a signal while aiohttp is imported, before a loop runs."""


@pytest.mark.parametrize(
    ("signum", "status"),
    [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.wide)],
)
def test_signal_during_the_aiohttp_import_ends_the_run(
    signum: signal.Signals, status: int
) -> None:
    program = [sys.executable, "-c", SIGNAL_IN_IMPORT.format(signum=int(signum))]
    result = run_process("echo", "--port=0", program=program)
    assert (result.returncode, result.err) == (status, "")


@pytest.mark.wide
def test_130_ctrl_c_while_stdin_is_open_and_silent() -> None:
    with start_process("POST", "echo:", stdin=subprocess.PIPE) as child:
        assert child.stderr is not None
        assert b"waiting for the body" in child.stderr.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait() == 130


@pytest.mark.wide
def test_130_ctrl_c_while_the_pipe_is_not_read(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, repeat_until_closed(chunk("x" * 60_000)))
    with start_process(server.url) as child:
        assert child.stdout is not None
        os.read(child.stdout.fileno(), 10)
        child.send_signal(signal.SIGINT)
        assert child.wait() == 130


@pytest.mark.wide
def test_141_output_pipe_closes_during_the_body(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head, repeat_until_closed(chunk("line\n")))
    with start_process(server.url) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"line\n"
        child.stdout.close()
        assert child.wait() == 141
        assert child.stderr is not None
        assert child.stderr.read() == b""


@pytest.mark.wide
def test_141_output_pipe_closes_while_the_server_is_silent(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer(head + chunk("line\n"), stall)
    with start_process(server.url) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"line\n"
        child.stdout.close()
        assert child.wait() == 141


def test_1_bug_prints_one_line_and_debug_prints_the_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> object:
        raise ZeroDivisionError("here")

    monkeypatch.setattr("httpcli.planning.planner.make_plan", fail)
    result = run("echo:")
    assert result.status == 1
    assert result.err.startswith("httpcli: error: internal error: ZeroDivisionError: here\n")
    assert "in fail" not in result.err
    result = run("--debug", "echo:")
    assert result.status == 1
    assert "in fail" in result.err


def test_every_status_is_in_the_help_and_the_readme() -> None:
    shown = run("--help").text
    readme = Path(__file__).parents[2].joinpath("README.md").read_text()
    for status in ExitStatus:
        assert f"  {int(status)} " in shown
    rows = [f"| {int(status)} | {status.meaning} |" for status in ExitStatus]
    assert "\n".join(["| --- | --- |", *rows, ""]) in readme


def test_10_no_arguments_are_an_error() -> None:
    result = run()
    assert (result.status, result.out) == (10, b"")
    assert "--help" in result.err


def test_0_h_option_alone_prints_a_short_usage() -> None:
    result = run("-h")
    assert (result.status, result.err) == (0, "")
    assert "httpcli --help" in result.text


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["-XPOST", "echo:/anything", "n:=x"], "to send a string, use = instead of :="),
        (
            ["-s", "monokai", "--timeout=x", "echo:"],
            "use seconds, or a number with ms, s, m or h: 10, 0.5, 500ms, 2m",
        ),
        (["--mission=x", "echo:"], "see httpcli --help"),
        (["echo:", "--", "-fsSL"], "use Name:value"),
    ],
)
def test_10_error_has_a_matching_hint(argv: list[str], hint: str) -> None:
    assert hint in run(*argv).err


@pytest.mark.wide
def test_17_stdin_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")  # 0>> opens it for writing only, so it cannot be read
    command = f"exec {sys.executable} -m httpcli POST echo:/anything 0>>file"
    result = run_process("-c", command, program=["/bin/sh"])
    assert result.status == 17
    assert "standard input" in result.err


def test_13_reset_does_not_end_a_body_without_a_length(server: RawServer, tmp_path: Path) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\n\r\nabc", reset)
    result = run(server.url, "-o", "f")
    assert result.status == 13
    assert not (tmp_path / "f").exists()


def test_0_close_ends_a_body_without_a_length(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\n\r\nabc", close)
    result = run(server.url)
    assert (result.status, result.out) == (0, b"abc")


def test_13_transfer_coding_is_unknown(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: bogus, chunked\r\n\r\n"
    server.answer(head + chunk("x") + chunk(""))
    result = run(server.url)
    assert (result.status, result.out) == (13, b"")


def test_0_transfer_coding_is_decoded(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    server.answer(head + chunk(gzip.compress(b"plain")) + chunk(""))
    assert run(server.url).out == b"plain"


@pytest.mark.wide
def test_2_server_stops_reading_after_the_head(server: RawServer) -> None:
    server.may_be_idle()
    server.continue_steps = [stall]
    body = b"x" * 30_000_000
    result = run("--timeout=0.3", "--expect-continue", server.url, stdin=body)
    assert result.status == 2


@pytest.mark.wide
def test_2_server_does_not_read_a_long_body() -> None:
    class NeverReads(LoopbackServer):
        def serve(self, connection: ClientConnection) -> None:
            stall(connection)

    with NeverReads() as server:
        server.may_be_idle()
        # A separate process, because the unsent bytes stay in its socket until it exits.
        result = run_process("--timeout=0.3", server.url, stdin=b"x" * 30_000_000)
    assert result.status == 2
    assert ": timed out: the server does not read the body" in result.err


def test_15_proxy_name_is_not_resolved() -> None:
    result = run("--proxy", "http://no-proxy.invalid:1", "http://localhost:1/")
    assert result.status == 15
    assert "no-proxy.invalid" in result.err


def test_12_or_14_proxy_tunnel_is_closed_at_once(proxy: ProxyServer) -> None:
    class ClosesAtOnce(LoopbackServer):
        def serve(self, connection: ClientConnection) -> None:
            connection.close()

    with ClosesAtOnce() as server:
        server.may_be_idle()
        result = run("--proxy", proxy.url, server.url.replace("http:", "https:"))
    assert result.status in (12, 14)
    assert "object at" not in result.err


@pytest.mark.parametrize(
    "signum", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.wide)]
)
def test_terminated_run_keeps_the_old_file_and_a_partial_file(
    server: RawServer, tmp_path: Path, signum: signal.Signals
) -> None:
    part = tmp_path / "f.part"
    written = threading.Event()

    def wait_for_partial_file(connection: ClientConnection) -> None:
        while not (part.exists() and part.stat().st_size):
            if connection.stopping.wait(0.01):
                return
        written.set()

    (tmp_path / "f").write_text("old")
    body = response("x" * 1_000_000, "Content-Length: 2000000")
    server.answer(body, wait_for_partial_file, stall)
    with start_process(server.url, "-o", "f", cwd=tmp_path) as child:
        assert written.wait(TIMEOUT)
        child.send_signal(signum)
        assert child.wait() == 128 + signum
    assert (tmp_path / "f").read_text() == "old"
    assert 0 < part.stat().st_size <= 1_000_000
    assert (tmp_path / "f.part.json").exists()


def test_terminated_run_without_a_response_leaves_no_partial_file(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(stall)
    with start_process(server.url, "-o", "f", cwd=tmp_path) as child:
        server.wait_for_requests()
        child.send_signal(signal.SIGTERM)
        assert child.wait() == 128 + signal.SIGTERM
    assert not list(tmp_path.glob("f*"))


def test_10_invalid_address_method_or_header() -> None:
    for argv in (
        ["127.0.0.256"],
        ["-X", "", "h.x"],
        ["h.x", "Host:a", "Host:b"],
        ["-A", "bearer", "-a", "t\r\nX: 1", "--offline", "h.x"],
    ):
        result = run(*argv)
        assert (result.status, result.out) == (10, b""), argv


@pytest.mark.parametrize("option", [["-o", "f"], pytest.param(["-q"], marks=pytest.mark.wide)])
def test_0_unused_output_pipe_can_close(
    server: RawServer, tmp_path: Path, option: list[str]
) -> None:
    respond = threading.Event()
    server.answer(wait_for_event(respond), response("content"))
    with start_process(server.url, *option, cwd=tmp_path) as child:
        server.wait_for_requests()
        assert child.stdout is not None
        child.stdout.close()
        respond.set()
        assert child.wait() == 0
    assert (tmp_path / "f").exists() == (option[0] == "-o")
