"""Secrets stay with the origin that they were typed for: headers, bodies, credentials, cookies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.proxy import ProxyServer
from tests.support.run import run_process
from tests.support.servers import RawServer

SECRET_HEADERS = [
    "Authentication",
    "X-JWT-Assertion",
    "DPoP",
    "X-Bearer",
    "X-Auth-Pass",
    "X-Authkey",
    "X-Pass",
    "X-Passcode",
    "X-OTP",
    "X-PSK",
    "X-User-Pw",
    "X-Userpass",
    "X-Csrf",
    "X-Pin",
    "X-Sid",
    "X-Key-2",
    "X-SAML",
    "X-Sas",
    "XAuthKey",
]
HARMLESS_HEADERS = ["Idempotency-Key", "Surrogate-Key", "Author", "Keywords", "X-Request-Id"]


def moved(server: RawServer, status: str) -> bytes:
    return response("", f"Location: {server.url}/", status=status)


def test_secret_headers_do_not_follow_a_redirect_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server, "302 Found"))
    names = SECRET_HEADERS + HARMLESS_HEADERS
    result = run_process("--follow", server.url, *(f"{name}:hunter2" for name in names))
    assert result.status == 0
    first, second = server.request, other_server.request
    assert [name for name in names if first.header(name) is None] == []
    assert [name for name in names if second.header(name)] == HARMLESS_HEADERS


MODES = {
    "-o": ["--output", "file", "--follow"],
    "-d": ["--download", "--follow"],
    "retries": ["--retry=2", "--follow"],
    "a session": ["--session=./session.json", "--follow"],
    "a cookie jar": ["--cookie-jar=jar", "--follow"],
    "polling": ["--expect=status == 200", "--retry=2", "--follow"],
}


@pytest.mark.parametrize("mode", MODES)
def test_no_kind_of_run_sends_secrets_to_another_origin(
    server: RawServer, other_server: RawServer, tmp_path: Path, mode: str
) -> None:
    there = other_server.url.replace("127.0.0.1", "localhost") + "/x"
    server.answer_always(response("", f"Location: {there}", status="302 Found"))
    other_server.answer_always(
        response("x" * 5000, "Accept-Ranges: bytes", 'ETag: "1"', "Content-Type: text/plain")
    )
    run_process(
        *MODES[mode],
        *("--auth=me:hunter2", server.url, "X-Authkey:hunter2", "Cookie:a=hunter2"),
        cwd=tmp_path,
    )
    assert b"hunter2" in server.requests[0].head
    assert [name for name, _ in other_server.requests[0].headers if name == "Authorization"] == []
    assert not any(b"hunter2" in request.head for request in other_server.requests)


def test_download_command_sends_no_secrets_to_another_origin(
    server: RawServer, other_server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(moved(other_server, "302 Found"))
    header = ["--header", "X-Authkey: hunter2", "--cookie", "a=hunter2"]
    run_process("download", "--connections=4", server.url + "/f", *header, cwd=tmp_path)
    assert b"hunter2" in server.requests[0].head
    assert not any(b"hunter2" in request.head for request in other_server.requests)


def test_websocket_handshake_sends_no_secrets_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer_always(moved(other_server, "302 Found"))
    url = server.url.replace("http:", "ws:")
    run_process("--follow", url, "X-Authkey:hunter2", "Cookie:a=hunter2", "--auth=me:hunter2")
    assert b"hunter2" in server.requests[0].head
    assert b"hunter2" not in other_server.requests[0].head
    assert other_server.requests[0].header("Authorization") is None


def test_reconnecting_event_stream_sends_no_secrets_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer_always(moved(other_server, "302 Found"))
    events = response("retry: 1\ndata: 1\n\n", "Content-Type: text/event-stream")
    other_server.answer(events).answer(events)
    other_server.answer_always(response("", status="204 No Content"))
    run_process("--follow", "--reconnect", server.url, "X-Authkey:hunter2", "Cookie:a=hunter2")
    assert len(other_server.requests) == 3
    assert not any(b"hunter2" in request.head for request in other_server.requests)


def test_proxy_credentials_do_not_reach_an_origin_without_the_proxy(
    server: RawServer, proxy: ProxyServer
) -> None:
    host = server.url.replace("127.0.0.1", "localhost")
    server.answer(response("", f"Location: {host}/", status="302 Found"))
    user = proxy.url.replace("://", "://me:hunter2@")
    options = ["--follow", f"--proxy={user}", "--proxy-header=X-Authkey:hunter2"]
    result = run_process(*options, "--noproxy=localhost", server.url)
    assert result.status == 0
    assert len(proxy.requests) == 1
    assert not any(b"X-Authkey" in request.head for request in server.requests[1:])
    assert server.requests[-1].header("Proxy-Authorization") is None


@pytest.mark.parametrize("name", ["X-Authkey", "DPoP", "X-User-Pw"])
def test_a_secret_header_is_not_given_to_downloads_from_two_origins(
    server: RawServer, other_server: RawServer, name: str
) -> None:
    urls = [server.url + "/a", other_server.url + "/b"]
    result = run_process("download", *urls, "--header", f"{name}: hunter2")
    assert result.status == 10
    assert f"--header {name} would be sent to several hosts" in result.err
    server.assert_not_called()
    other_server.assert_not_called()


SECRET_VALUES = {
    "X-Upstream": "Bearer hunter2",
    "X-Forward": "basic aHVudGVyMg==",
    "X-Who": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "Referer": "http://here.test/?access_token=hunter2",
    "Origin": "http://me:hunter2@here.test",
    "X-Given": "@env:GIVEN",
}


def test_headers_with_secret_values_do_not_follow_a_redirect_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server, "302 Found"))
    items = [f"{name}:{value}" for name, value in SECRET_VALUES.items()]
    run_process("--follow", server.url, *items, "X-Plain:Basic", env={"GIVEN": "hunter2"})
    names = [*SECRET_VALUES, "X-Plain"]
    assert [name for name in names if server.request.header(name) is None] == []
    assert [name for name in names if other_server.request.header(name)] == ["X-Plain"]


SECRET_BODIES = {
    "referenced JSON member": ["a=@env:GIVEN"],
    "referenced JSON value": ["a:=@env:GIVEN"],
    "referenced form field": ["--form", "a=@env:GIVEN"],
    "referenced part": ["--multipart", "a=@file:given"],
    "JSON member": ["password=hunter2"],
    "nested JSON member": ["user[x_pw]=hunter2"],
    "member of a JSON value": ['user:={"apiKey": ["hunter2"]}'],
    "form field": ["--form", "user[pass]=hunter2"],
    "part": ["--multipart", "X-Authkey=hunter2"],
    "part with a name of forms": ["--multipart", "code=hunter2"],
    "form field with a name of forms": ["--form", "code=hunter2"],
    "file part": ["--multipart", "token@given"],
    "raw JSON": ["--raw", r'{"\u0070assword": "hunter2"}'],
    "raw form": ["--raw", "a=b&pass%77ord=hunter2"],
    "raw XML": ["--raw", '<Envelope><wsse:Password Type="x">hunter2</wsse:Password></Envelope>'],
    "compressed": ["--compress", "password=hunter2", f"a={'x' * 500}"],
    "kept for retries": ["--retry=1", "password=hunter2"],
}


@pytest.mark.parametrize("case", SECRET_BODIES)
@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_body_with_a_secret_is_not_sent_to_another_origin(
    server: RawServer, other_server: RawServer, tmp_path: Path, case: str, status: str
) -> None:
    (tmp_path / "given").write_text('"hunter2"')
    (tmp_path / "given").chmod(0o600)
    server.answer_always(moved(other_server, status))
    result = run_process(
        *("--follow", "POST", server.url, *SECRET_BODIES[case]),
        env={"GIVEN": '"hunter2"'},
        cwd=tmp_path,
    )
    assert result.status == 1
    assert f"to another origin, {other_server.url}, and there is a secret in it" in result.err
    assert "--trust-redirects" in result.err
    assert "hunter2" not in result.err
    other_server.assert_not_called()


def test_put_with_a_secret_body_is_not_repeated_at_another_origin_after_302(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server, "302 Found"))
    assert run_process("--follow", "PUT", server.url, "password=hunter2").status == 1
    other_server.assert_not_called()


@pytest.mark.parametrize("arguments", [["a=1"], ["--form", "a=1"], ["--raw", "just text"]])
def test_another_body_follows_a_redirect_to_another_origin(
    server: RawServer, other_server: RawServer, arguments: list[str]
) -> None:
    server.answer(moved(other_server, "307 Temporary Redirect"))
    assert run_process("--follow", "POST", server.url, *arguments).status == 0
    assert other_server.request.body


def test_a_secret_body_follows_a_redirect_within_its_origin_or_when_redirects_are_trusted(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(server, "307 Temporary Redirect"))
    server.answer(moved(other_server, "307 Temporary Redirect"))
    result = run_process("--follow", "--trust-redirects", "POST", server.url, "password=hunter2")
    assert result.status == 0
    assert len(server.requests) == 2
    assert b"hunter2" in other_server.request.body


def test_the_same_host_with_https_is_another_origin(
    server: RawServer, tls_server: RawServer, ca_file: str
) -> None:
    tls_server.answer(moved(server, "307 Temporary Redirect"))
    options = ["--follow", "--allow-downgrade", f"--verify={ca_file}", "POST"]
    result = run_process(*options, tls_server.url, "password=hunter2")
    assert result.status == 1
    assert "another origin" in result.err
    server.assert_not_called()


def test_secrets_do_not_come_back_after_a_redirect_through_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(moved(other_server, "302 Found"))
    other_server.answer(moved(server, "302 Found"))
    run_process("--follow", server.url, "X-Api-Key:hunter2", "Cookie:a=hunter2")
    assert [request.header("X-Api-Key") for request in server.requests] == ["hunter2", None]
    assert other_server.request.header("Cookie") is None


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--auth", "me:hunter2"], "--auth"),
        (["--header", "X-Authkey: hunter2"], "--header X-Authkey"),
        (["--header", "X-Upstream: Bearer hunter2"], "--header X-Upstream"),
        (["--param", "pw=hunter2"], "--param pw"),
        (["--cookie", "a=hunter2"], "--cookie a"),
        (["--session", "./session.json"], "--session"),
    ],
)
def test_a_secret_beside_a_batch_is_for_one_origin(
    server: RawServer,
    other_server: RawServer,
    tmp_path: Path,
    arguments: list[str],
    named: str,
) -> None:
    lines = f"{server.url}/a\n{other_server.url}/b\n{server.url}/c\n"
    result = run_process(
        *("--batch", "-", "--jobs=1", *arguments),
        stdin=lines.encode(),
        cwd=tmp_path,
    )
    assert result.status == 10
    assert f"{named} would be sent to several hosts" in result.err
    assert [request.target.partition("?")[0] for request in server.requests] == ["/a", "/c"]
    other_server.assert_not_called()


def test_a_secret_in_a_line_of_a_batch_is_for_that_line(
    server: RawServer, other_server: RawServer
) -> None:
    lines = f"{server.url} X-Api-Key:hunter2\n{other_server.url}\n"
    assert run_process("--batch", "-", "--jobs=1", stdin=lines.encode()).status == 0
    assert server.request.header("X-Api-Key") == "hunter2"
    assert other_server.request.header("X-Api-Key") is None


def test_a_secret_value_is_not_given_to_downloads_from_two_origins(
    server: RawServer, other_server: RawServer
) -> None:
    urls = [server.url + "/a", other_server.url + "/b"]
    result = run_process("download", *urls, "--header", "X-Upstream: Bearer hunter2")
    assert result.status == 10
    assert "would be sent to several hosts" in result.err
    server.assert_not_called()
    other_server.assert_not_called()


def test_secret_names_are_redacted_in_reports(server: RawServer, tmp_path: Path) -> None:
    result = run_process(
        *("--report", "json=-", "--output", f"{tmp_path}/body", server.url),
        *(f"{name}:hunter2" for name in SECRET_HEADERS),
        *(f"{name}==hunter2" for name in SECRET_HEADERS),
    )
    assert result.status == 0
    assert "hunter2" not in result.text
