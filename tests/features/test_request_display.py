"""``-v`` and ``--offline`` show the request that the server receives, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.http_connection import ReceivedRequest, response
from tests.support.run import run
from tests.support.run_result import RunResult
from tests.support.servers import RawServer

pytestmark = pytest.mark.wide

UNUSUAL = [
    ["/x", "a=1"],
    ["/x?a=%41&b", "q==1"],
    ["/x", "X:é", "Cookie:a=b c"],
    ["/x", "Host:other", "Accept:"],
    ["/x", "Host:"],
    ["/x", "hOsT:other:80", "ACCEPT:x", "aCCept-ENCODING:y"],
    ["/x", "x-One:1", "X-Two:2", "X-ONE:3", "X-Two:4", "x-one:"],
    ["/x", "A:1", "B:2", "a:3"],
    ["/x", "User-Agent:", "Accept:", "Accept-Encoding:"],
    ["/x", "X-Empty;", "X-Blank:  a  b "],
    ["/x", "X-Tab:a\tb", "X-Latin:\xff\xfe", "X-Wide:日本"],
    ["/x", "--header=X: 1", "Y:2", "--header=X: 3"],
    ["/x", "Cookie:a=1", '--cookie=b=2,"3"', "Cookie:c=é"],
    ["/%7e%41/a//b/?q=%20&&=&x", "a==b c", "é==&"],
    ["/a/../b/./c?"],
    ["/a/../b", "--path-as-is"],
    ["/a/%zz?{x}|'", "--url-encoded"],
    ["?only=query"],
    ["/x#part"],
    ["/x", "-X", "purge"],
    ["/x", "-X", "M-SEARCH"],
    ["/x", "-X", "!#$%&'*+-.^_`|~"],
    ["/x", "-X", "HEAD"],
    ["/x", "-X", "GET", "a=1"],
    ["/x", "-X", "OPTIONS"],
    ["/x", "-X", "PUT"],
    ["/x", "-X", "POST", "Content-Length:"],
    ["/x", "-X", "POST", "Content-Length:0"],
    ["/x", "Content-Length:7", "a=1"],
    ["/x", "a=1", "Content-Type:"],
    ["/x", "--raw", "text", "--chunked"],
    ["/x", "--raw", "text", "Transfer-Encoding:chunked"],
    ["/x", "--raw", "é\r\n\0", "Content-Type:text/plain"],
    ["/x", "--raw", ""],
    ["/x", "-f", "a=b c", "é=&=", "a=2"],
    ["/x", "-f"],
    ["/x", "-j"],
    ["/x", "--multipart", "--boundary=b", "a=1", 'é"=2'],
    ["/x", "-f", "--boundary=b", "a=1", 'f@file.txt;type=x/y;filename=é".txt'],
    ["/x", "-f", "--boundary=b", "--chunked", "f@file.txt"],
    ["/x", "@file.txt"],
    ["/x", "@file.txt", "--chunked"],
    ["/x", "-T", "file.txt"],
    ["/x", "-xx", "a=1"],
    ["/x", "-x", "--chunked", "@file.txt"],
    ["/x", "--expect-continue", "@file.txt"],
    ["/x", "--http1.0", "a=1"],
    ["/x", "--http1.0", "Host:", "@file.txt"],
    ["/x", "-a", "mé:p:w"],
    ["/x", "-A", "bearer", "-a", "t"],
    ["/x", "Connection:close"],
    ["/x", "Expect:", "TE:trailers", "Upgrade:x", "Connection:Upgrade, TE"],
]
"""Requests that a layer below could change before they are sent."""


def send_and_show(
    argv: list[str], url: str, folder: Path, *options: str
) -> tuple[RunResult, RunResult]:
    """Run with sending, then offline. ``argv`` starts with the URL after the origin."""
    (folder / "file.txt").write_bytes(b"one\r\ntwo\xff\0")
    args = [*options, url + argv[0], *argv[1:]]
    return run("-p", "HB", *args, cwd=folder), run("--offline", "-p", "HB", *args, cwd=folder)


def display_form(request: ReceivedRequest) -> bytes:
    """Return a received request as displayed; chunk boundaries are not displayed."""
    return request.head + request.body


@pytest.mark.parametrize("argv", UNUSUAL, ids=" ".join)
def test_displayed_request_matches_the_received_one(
    server: RawServer, argv: list[str], tmp_path: Path
) -> None:
    sent, shown = send_and_show(argv, server.url, tmp_path)
    assert sent.out == display_form(server.request), sent.err
    assert shown.out == sent.out


@pytest.mark.parametrize("argv", UNUSUAL, ids=" ".join)
def test_displayed_request_matches_what_a_proxy_receives(
    server: RawServer, argv: list[str], tmp_path: Path
) -> None:
    options = [f"--proxy={server.url}", "--proxy-header=X-P: é", "--proxy-auth=me:é"]
    sent, shown = send_and_show(
        argv, "http://example.org:81", tmp_path, "--show-secrets", *options
    )
    assert sent.out == display_form(server.request), sent.err
    assert b" http://example.org:81/" in sent.out.partition(b"\r\n")[0]
    assert b"X-P: \xc3\xa9\r\n" in sent.out
    assert shown.out == sent.out


@pytest.mark.parametrize("argv", UNUSUAL[:12], ids=" ".join)
def test_displayed_request_matches_over_tls(
    tls_server: RawServer, ca_file: str, argv: list[str], tmp_path: Path
) -> None:
    sent, shown = send_and_show(argv, tls_server.url, tmp_path, f"--verify={ca_file}")
    assert sent.out == display_form(tls_server.request), sent.err
    assert shown.out == sent.out


@pytest.mark.parametrize("chunked", [(), ("--chunked",)])
def test_displayed_request_matches_with_standard_input(
    server: RawServer, chunked: tuple[str, ...]
) -> None:
    data = b"\0\r\n" * 50_000
    sent = run("-p", "HB", *chunked, "POST", server.url, stdin=data)
    shown = run("--offline", "-p", "HB", *chunked, "POST", server.url, stdin=data)
    assert sent.out == display_form(server.request)
    assert shown.out == sent.out


def test_all_option_displays_every_request(server: RawServer) -> None:
    ask = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    server.answer(response("", "Location: /b?é", "Set-Cookie: a=1", status="307 There"))
    server.answer(response("", ask, status="401 Who"))
    argv = ("-A", "digest", "-a", "me:pw", "X-One:1", "x-one:2", "a=1")
    sent = run("-p", "HB", "--all", "-F", server.url, *argv)
    assert len(server.requests) == 3
    assert sent.out.replace(b"}\nPOST", b"}POST") == b"".join(map(display_form, server.requests))


TOKEN = st.text("!#$%&'*+-.^_`|~AZaz09", min_size=1, max_size=8)
VALUE = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12).map(
    str.strip
)
OURS = ("host", "content-length", "transfer-encoding", "connection", "expect", "cookie", "te")


@given(
    method=TOKEN.filter(lambda text: text.upper() != "CONNECT"),
    fields=st.lists(st.tuples(TOKEN, VALUE), max_size=6),
    path=st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12).filter(
        lambda text: text == text.rstrip()  # a blank at the end is a usage error
    ),
    raw=st.none() | st.text(max_size=12).filter(lambda text: "\0" not in text),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_request_is_displayed_as_received(
    server: RawServer,
    method: str,
    fields: list[tuple[str, str]],
    path: str,
    raw: str | None,
) -> None:
    typed = [(name, value) for name, value in fields if name.lower() not in OURS and value]
    args = [f"--header={name}: {value}" for name, value in typed]
    args += [] if raw is None else [f"--raw={raw}"]
    argv = [f"--method={method}", server.url + "/" + path, *args]
    count = len(server.requests)
    sent, shown = run("-p", "HB", *argv), run("--offline", "-p", "HB", *argv)
    assert sent.status == 0, sent.err
    request = server.wait_for_requests(count + 1)[-1]
    assert sent.out == display_form(request)
    assert shown.out == sent.out
    assert request.method == method
    kept = [(name, value) for name, value in request.headers if (name, value) in typed]
    assert kept == typed
