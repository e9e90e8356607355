"""Headers whose names mean a secret stay with the origin that they were typed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import response
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


def test_secret_headers_do_not_follow_a_redirect_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(response("", f"Location: {other_server.url}/", status="302 Found"))
    names = SECRET_HEADERS + HARMLESS_HEADERS
    result = run_process("--follow", server.url, *(f"{name}:hunter2" for name in names))
    assert result.status == 0
    first, second = server.request, other_server.request
    assert [name for name in names if first.header(name) is None] == []
    assert [name for name in names if second.header(name)] == HARMLESS_HEADERS


@pytest.mark.parametrize("name", ["X-Authkey", "DPoP", "X-User-Pw"])
def test_a_secret_header_is_not_given_to_downloads_from_two_origins(
    server: RawServer, other_server: RawServer, name: str
) -> None:
    urls = [server.url + "/a", other_server.url + "/b"]
    result = run_process("download", *urls, "--header", f"{name}: hunter2")
    assert result.status == 10
    assert f"--header {name} is for one origin" in result.err
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
