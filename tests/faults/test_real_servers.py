"""Responses of real servers that are not quite HTTP are read as curl and browsers read them."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, Step, chunk, close, response
from tests.support.proxy import ProxyServer
from tests.support.run import run_process, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer
from tests.support.terminal import Terminal

OK = b"HTTP/1.1 200 OK\r\n"
FIVE = b"Content-Length: 5\r\n"
WHOLE = OK + FIVE + b"\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
EVIL = response("EVIL!")
SURPLUS = "after the end of the response"


def gap(connection: ClientConnection) -> None:
    """Wait so long that the bytes before and after do not arrive together."""
    connection.stopping.wait(0.05)


def sent_apart(*pieces: bytes) -> list[Step]:
    steps: list[Step] = []
    for piece in pieces:
        steps += [piece, gap]
    return steps


# Bytes after the end of a response.

SURPLUSES = {
    "a byte more than Content-Length": (WHOLE, b"X"),
    "an empty line": (WHOLE, b"\r\n"),
    "bytes after the last chunk": (CHUNKED + chunk("hello") + chunk(""), b"more"),
    "bytes after an empty body": (OK + b"Content-Length: 0\r\n\r\n", b"more"),
    "a second response": (WHOLE, EVIL),
    "body of a 204": (b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", b"more"),
    "body of a 304": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", b"more"),
}


@pytest.mark.parametrize("name", SURPLUSES)
def test_bytes_after_the_end_are_ignored_with_a_warning(server: RawServer, name: str) -> None:
    start, surplus = SURPLUSES[name]
    server.answer(start + surplus)
    result = run_process("-p", "hb", server.url)
    assert result.status == 0
    assert f"ignored {len(surplus)} byte" in result.err
    assert SURPLUS in result.err
    assert not result.out.endswith(surplus)


def test_warning_about_surplus_bytes_follows_the_end_of_a_coloured_body() -> None:
    with RawServer() as server:
        server.answer(response("\x1b[31mred", "Content-Type: text/plain") + b"surplus", close)
        with Terminal("-b", server.url) as screen:
            assert screen.wait() == 0
    _, reset, end = screen.raw.partition(b"red\x1b[0m")
    assert reset
    assert SURPLUS.encode() in end
    assert end.startswith(b"\r\n")


@pytest.mark.parametrize("options", [("-I",), ("-d", "-o", "f"), ("-o", "f"), ("-q",)], ids=str)
def test_bytes_after_the_end_fail_no_kind_of_run(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    server.answer_always(WHOLE + b"X")
    result = run_process(*options, server.url)
    assert result.status == 0, result.err
    if "f" in options:
        assert (tmp_path / "f").read_bytes() == b"hello"


def test_downloads_ignore_bytes_after_the_end(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(WHOLE + b"X")
    result = run_process("download", f"{server.url}/a", f"{server.url}/b")
    assert result.status == 0, result.err
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"hello"


def test_body_of_a_head_request_is_ignored(server: RawServer) -> None:
    server.answer_always(WHOLE)
    result = run_process("-h", "HEAD", server.url)
    assert result.status == 0
    assert result.out == OK + FIVE + b"\r\n"


@pytest.mark.wide
def test_timing_of_bytes_after_the_end_changes_nothing(server: RawServer) -> None:
    """The old reader failed in some of these runs, and only if the bytes came at once."""
    for _ in range(12):
        server.answer(WHOLE, b"X")
        server.answer(WHOLE + b"X")
        server.answer(*sent_apart(WHOLE, b"X"))
        for _ in range(3):
            result = run_process(server.url)
            assert (result.status, result.out) == (0, b"hello")


def test_surplus_response_does_not_answer_the_next_request(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(WHOLE + EVIL)
    server.answer(response("right"))
    (tmp_path / "lines").write_text(f"{server.url}/a\n{server.url}/b\n")
    result = run_process("--batch=lines", "--jobs=1")
    assert result.status == 0, result.err
    assert result.out.split() == [b"hello", b"right"] or result.out == b"helloright"
    assert b"EVIL" not in result.out
    assert [request.connection for request in server.requests] == [0, 1]


def test_response_on_an_idle_connection_is_not_used(server: RawServer) -> None:
    """The second line of the batch is given when the surplus response has arrived."""
    surplus_sent = threading.Event()

    def send_surplus(connection: ClientConnection) -> None:
        gap(connection)
        connection.send(EVIL)
        surplus_sent.set()

    server.answer(WHOLE, send_surplus)
    server.answer(response("right"))
    with start_process("--batch=-", "--jobs=1", stdin=-1) as child:
        assert child.stdin is not None
        child.stdin.write(f"{server.url}/a\n".encode())
        child.stdin.flush()
        assert surplus_sent.wait(TIMEOUT)
        out, err = child.communicate(f"{server.url}/b\n".encode(), TIMEOUT)
    assert child.returncode == 0, err
    assert b"EVIL" not in out
    assert b"right" in out


def test_surplus_response_does_not_answer_a_followed_redirect(server: RawServer) -> None:
    server.answer(response("", "Location: /b", status="302 Found") + EVIL)
    server.answer(response("right"))
    result = run_process("--follow", server.url)
    assert (result.status, result.out) == (0, b"right")
    assert [request.connection for request in server.requests] == [0, 1]


def test_surplus_response_does_not_answer_an_authenticated_request(server: RawServer) -> None:
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    server.answer(response("", challenge, status="401 Unauthorized") + EVIL)
    server.answer(response("right"))
    result = run_process("-A", "digest", "-a", "me:pw", server.url)
    assert (result.status, result.out) == (0, b"right")


@pytest.mark.parametrize(("method", "status"), [("GET", 0), ("POST", 13)])
def test_rest_of_the_response_before_is_not_read_as_a_response(
    server: RawServer, tmp_path: Path, method: str, status: int
) -> None:
    """A request that may be sent twice is sent again on a new connection."""
    server.answer(OK + FIVE + b"\r\n")
    server.answer(b"hello", response("left over"))
    server.answer(response("right"))
    (tmp_path / "lines").write_text(f"HEAD {server.url}/a\n{method} {server.url}/b\n")
    result = run_process("--batch=lines", "--jobs=1")
    assert result.status == status
    assert result.out == (b"" if status else b"right")
    connections = [request.connection for request in server.requests]
    assert connections == ([0, 0] if status else [0, 0, 1])


# Lengths and codings that agree in one reading only.

ACCEPTED = {
    "equal lengths": OK + FIVE + FIVE + b"\r\nhello",
    "a list of equal lengths": OK + b"Content-Length: 5, 5\r\n\r\nhello",
    "length beside chunked": OK
    + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunk("hello")
    + chunk(""),
    "bad length beside chunked": OK
    + b"Content-Length: many\r\nTransfer-Encoding: chunked\r\n\r\n"
    + chunk("hello")
    + chunk(""),
    "identity beside a length": OK + FIVE + b"Transfer-Encoding: identity\r\n\r\nhello",
    "chunked, identity": OK
    + b"Transfer-Encoding: chunked, identity\r\n\r\n"
    + chunk("hello")
    + chunk(""),
    "blank before a colon": OK + b"X-Foo : bar\r\n" + FIVE + b"\r\nhello",
    "blank before the colon of Content-Length": OK + b"Content-Length : 5\r\n\r\nhello",
    "chunk lines with bare line feeds": CHUNKED + b"5\nhello\n0\n\n",
    "lower-case status line": b"http/1.1 200 OK\r\n" + FIVE + b"\r\nhello",
    "two blanks in the status line": b"HTTP/1.1  200 OK\r\n" + FIVE + b"\r\nhello",
    "tab in the status line": b"HTTP/1.1\t200 OK\r\n" + FIVE + b"\r\nhello",
    "no blank before the reason": b"HTTP/1.1 200OK\r\n" + FIVE + b"\r\nhello",
    "HTTP/1.2": b"HTTP/1.2 200 OK\r\n" + FIVE + b"\r\nhello",
    "empty header name": OK + b": x\r\n" + FIVE + b"\r\nhello",
    "header name that is not ASCII": OK + "Größe: x\r\n".encode() + FIVE + b"\r\nhello",
    "header name with brackets": OK + b"a@b[]: x\r\n" + FIVE + b"\r\nhello",
    "length of 2^63": OK + b"Content-Length: 9223372036854775808\r\n\r\nhello",
}
REFUSED = {
    "different lengths": (OK + FIVE + b"Content-Length: 6\r\n\r\nhello", "that differ"),
    "list of different lengths": (OK + b"Content-Length: 5, 6\r\n\r\nhello", "that differ"),
    "negative length": (OK + b"Content-Length: -5\r\n\r\nhello", "that is not a number"),
    "line without a colon": (OK + b"colon\r\n" + FIVE + b"\r\nhello", "header without a colon"),
    "NUL": (OK + b"A: \0\r\n" + FIVE + b"\r\nhello", "NUL"),
    "carriage return": (OK + b"A: b\rc\r\n" + FIVE + b"\r\nhello", "carriage return"),
    "coding after chunked": (
        OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + chunk("hello") + chunk(""),
        "coding after chunked",
    ),
    "HTTP/2 in text": (b"HTTP/2 200 OK\r\n" + FIVE + b"\r\nhello", "HTTP/2 is not supported"),
    "code of two digits": (b"HTTP/1.1 20 OK\r\n" + FIVE + b"\r\nhello", "bad status line"),
    "code of 17 hexadecimal digits": (
        CHUNKED + b"00000000000000005\r\nhello\r\n0\r\n\r\n",
        "size of a chunk",
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_response_with_one_possible_meaning_is_accepted(server: RawServer, name: str) -> None:
    server.answer(ACCEPTED[name], close)
    result = run_process(server.url)
    assert (result.status, result.out) == (0, b"hello"), result.err


@pytest.mark.parametrize("name", ACCEPTED)
def test_download_of_such_a_response_is_the_file(
    server: RawServer, tmp_path: Path, name: str
) -> None:
    server.answer(ACCEPTED[name], close)
    result = run_process("-d", "--retry=0", server.url, "-o", "f")
    assert result.status == 0, result.err
    assert (tmp_path / "f").read_bytes() == b"hello"


@pytest.mark.parametrize(
    "name", ["equal lengths", "length beside chunked", "blank before a colon", "HTTP/1.2"]
)
def test_connection_of_a_doubtful_response_is_not_used_again(
    server: RawServer, tmp_path: Path, name: str
) -> None:
    server.answer_always(ACCEPTED[name])
    (tmp_path / "lines").write_text(f"{server.url}/a\n{server.url}/b\n")
    assert run_process("--batch=lines", "--jobs=1").status == 0
    doubtful = name != "HTTP/1.2"
    assert [request.connection for request in server.requests] == [0, int(doubtful)]


@pytest.mark.parametrize("name", REFUSED)
def test_response_with_several_meanings_is_refused(server: RawServer, name: str) -> None:
    data, reason = REFUSED[name]
    server.answer(data, close)
    result = run_process(server.url)
    assert result.status == 13
    assert reason in result.err
    assert "not valid HTTP" in result.err
    assert len(result.err.splitlines()) == 1


def test_headers_are_shown_as_they_were_sent(server: RawServer) -> None:
    server.answer(OK + b"X-A : b\r\n: empty\r\nGr\xf6\xdfe: \xe4\r\n" + FIVE + b"\r\nhello")
    result = run_process("-h", server.url)
    assert result.status == 0
    assert b"X-A: b\r\n: empty\r\nGr\xf6\xdfe: \xe4\r\n" in result.out


def test_content_before_a_bad_chunk_is_kept(server: RawServer) -> None:
    server.answer(CHUNKED + chunk("hello") + b"oops\r\n")
    result = run_process(server.url)
    assert (result.status, result.out) == (13, b"hello")
    assert "size of a chunk is not a number" in result.err


# Servers of other protocols.

GREETINGS: dict[str, tuple[bytes, str, str]] = {
    "TLS alert": (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS", "https://127.0.0.1:{port}"),
    "HTTP/2": (b"\0\0\x12\x04\0\0\0\0\0" + b"\0" * 18, "HTTP/2", "--http2-prior-knowledge"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", "speaks SSH", "ssh -p {port} 127.0.0.1"),
    "SMTP": (b"220 mail.example ESMTP\r\n", "SMTP", "{port}"),
    "MySQL": (b"J\0\0\0\n8.0.36\0" + b"\1" * 60, "MySQL", "mysql -h 127.0.0.1 -P {port}"),
    "POP3": (b"+OK ready\r\n", "POP3", "{port}"),
    "IMAP": (b"* OK ready\r\n", "IMAP", "{port}"),
    "Redis": (b"-ERR unknown command 'GET'\r\n", "Redis", "redis-cli"),
    "VNC": (b"RFB 003.008\n", "VNC", "{port}"),
    "HTTP/0.9": (b"<html>hi</html>", "HTTP/0.9", "curl --http0.9"),
}


@pytest.mark.parametrize("name", GREETINGS)
def test_other_protocol_is_named_with_what_to_type(server: RawServer, name: str) -> None:
    data, words, hint = GREETINGS[name]
    server.answer(data, close)
    result = run_process(server.url)
    assert result.status == 13
    message, typed = result.err.splitlines()
    assert words in message
    assert hint.format(port=server.port) in typed


class TalkingServer(RawServer):
    """A server that speaks first, and reads nothing before that."""

    greeting = b""

    def serve(self, connection: ClientConnection) -> None:
        connection.send(self.greeting)
        super().serve(connection)


def test_greeting_before_the_request_is_named() -> None:
    with TalkingServer() as server:
        server.greeting = b"SSH-2.0-OpenSSH_9.2\r\n"
        server.answer_always(close)
        result = run_process(server.url)
    assert result.status == 13
    assert "speaks SSH" in result.err


# Upgrades and redirects without a target.


@pytest.mark.parametrize("options", [(), ("-h",), ("-q",), ("-d",)], ids=str)
def test_upgrade_that_was_not_requested_is_an_error(
    server: RawServer, options: tuple[str, ...]
) -> None:
    server.answer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\nxxx", close)
    result = run_process(*options, server.url)
    assert result.status == 13
    assert "switched protocols (101), but no upgrade was requested" in result.err


@pytest.mark.parametrize("status", ["300 Multiple Choices", "302 Found", "304 Not Modified"])
@pytest.mark.parametrize("follow", [(), ("--follow",)], ids=["", "follow"])
def test_download_says_why_a_3xx_saved_no_file(
    server: RawServer, tmp_path: Path, status: str, follow: Sequence[str]
) -> None:
    server.answer_always(response("", status=status))
    result = run_process("-d", *follow, f"{server.url}/f")
    assert result.status == 3
    assert f"no file was saved: HTTP {status}" in result.err
    assert not (tmp_path / "f").exists()


# Connections that are cut.

CUT_HEADS = [b"HTTP", b"HTTP/1.1 200", OK, OK + FIVE, OK + FIVE + b"\r"]


@pytest.mark.parametrize("data", CUT_HEADS, ids=str)
def test_response_cut_in_its_head_is_incomplete(server: RawServer, data: bytes) -> None:
    server.answer(data, close)
    result = run_process(server.url)
    assert result.status == 13
    assert "the response is incomplete: the connection was closed within the headers" in result.err


def test_response_cut_in_its_head_can_be_retried(server: RawServer) -> None:
    server.answer(OK + FIVE, close)
    server.answer(WHOLE)
    result = run_process("--retry=1", "--retry-delay=0", "--retry-on=truncated", server.url)
    assert (result.status, result.out) == (0, b"hello")


# Responses of a proxy.

OPENING = {
    "plain": b"HTTP/1.1 200 Connection established\r\n\r\n",
    "1.0": b"HTTP/1.0 200 OK\r\n\r\n",
    "length 0": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "length 5": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "close": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\n\n",
    "two blanks": b"HTTP/1.1  200 OK\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "299": b"HTTP/1.1 299 Odd\r\n\r\n",
    "blank before a colon": b"HTTP/1.1 200 OK\r\nVia : x\r\n\r\n",
    "103 before it": b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("name", OPENING)
def test_tunnel_is_open_after_any_2xx(tls_server: RawServer, ca_file: str, name: str) -> None:
    with ProxyServer() as proxy:
        proxy.tunnel_response = OPENING[name]
        result = run_process(f"--proxy={proxy.url}", f"--verify={ca_file}", tls_server.url)
    assert (result.status, result.out) == (0, b"ok\n"), result.err


CLOSED = {
    "chunked 407": response(
        chunk("who?") + chunk(""), "Transfer-Encoding: chunked", status="407 Proxy Auth"
    ),
    "403 and a byte": response("no", status="403 Forbidden") + b"X",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no colon": OK + b"colon\r\n\r\n",
    "cut": OK,
    "bytes before the tunnel is open": OK + b"\r\nhello",
}


@pytest.mark.parametrize("name", CLOSED)
def test_other_responses_to_connect_are_errors_of_the_proxy(server: RawServer, name: str) -> None:
    server.answer(CLOSED[name], close)
    result = run_process(f"--proxy={server.url}", "https://origin.test/")
    assert result.status == 15
    assert server.url in result.err.splitlines()[0]


def test_proxy_that_speaks_no_http_is_named_for_plain_requests(server: RawServer) -> None:
    server.answer(b"SSH-2.0-OpenSSH_9.2\r\n", close)
    result = run_process(f"--proxy={server.url}", "http://origin.test/")
    assert result.status == 15
    assert f"the response of the proxy {server.url} is not valid HTTP" in result.err


# Heads besides the response's own, and trailers.

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
WITH_TRAILERS = (
    OK + b"Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("hello") + b"0\r\n"
    b"X-Sum: 42\r\n\r\n"
)


def test_very_verbose_output_has_interim_responses_and_trailers(server: RawServer) -> None:
    server.answer_always(HINTS + WITH_TRAILERS)
    out = run_process("-vv", server.url).out
    assert HINTS in out
    assert out.index(b"103 Early Hints") < out.index(b"200 OK") < out.index(b"hello")
    assert out.index(b"hello") < out.index(b"X-Sum: 42\r\n\r\n") < out.index(b"Elapsed time")
    assert b"103" not in run_process("-v", server.url).out


def test_reports_have_interim_responses_and_trailers(server: RawServer, tmp_path: Path) -> None:
    server.answer(HINTS + WITH_TRAILERS)
    reports = ("--report=json=r.json", "--report=har=r.har")
    assert run_process("-q", *reports, server.url).status == 0
    [exchange] = json.loads((tmp_path / "r.json").read_text())["requests"]
    assert exchange["response"]["interim"][0]["status"] == 103
    assert exchange["response"]["trailers"] == [{"name": "X-Sum", "value": "42"}]
    [entry] = json.loads((tmp_path / "r.har").read_text())["log"]["entries"]
    assert entry["response"]["_interim"][0]["headers"] == [{"name": "Link", "value": "</a.css>"}]
    assert entry["response"]["_trailers"] == [{"name": "X-Sum", "value": "42"}]
    head = WITH_TRAILERS.partition(b"\r\n\r\n")[0]
    assert entry["response"]["headersSize"] == len(head) + 4


def test_reports_redact_secrets_in_interim_responses_and_trailers(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer(
        b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=hunter2\r\nX-Echo: s3cret\r\n\r\n"
        + OK
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + chunk("hello")
        + b"0\r\nX-Auth-Token: hunter2\r\nX-Echo: s3cret\r\n\r\n"
    )
    reports = ("--report=json=r.json", "--report=har=r.har")
    env = {"PASSWORD": "s3cret"}
    assert run_process("-q", *reports, server.url, "X-A:@env:PASSWORD", env=env).status == 0
    for name in ("r.json", "r.har"):
        text = (tmp_path / name).read_text()
        assert "Early" in text or "103" in text
        assert "hunter2" not in text
        assert "s3cret" not in text


def test_response_to_connect_is_shown_and_reported(
    tls_server: RawServer, ca_file: str, tmp_path: Path
) -> None:
    with ProxyServer() as proxy:
        proxy.tunnel_response = b"HTTP/1.1 200 Open\r\nVia: x\r\n\r\n"
        options = (f"--proxy={proxy.url}", f"--verify={ca_file}", "--report=json=r.json")
        result = run_process("-vv", *options, tls_server.url)
    assert b"HTTP/1.1 200 Open\r\nVia: x\r\n\r\n" in result.out
    [exchange] = json.loads((tmp_path / "r.json").read_text())["requests"]
    assert exchange["response"]["tunnel"]["reason"] == "Open"
