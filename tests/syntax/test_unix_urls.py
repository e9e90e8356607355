"""URLs with a Unix socket in place of the host."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.urls import parse_target


@pytest.mark.parametrize(
    ("text", "url", "path"),
    [
        ("http+unix://%2Frun%2Fa.sock/x?y", "http://localhost/x?y", "/run/a.sock"),
        ("http+unix://%2frun%2fa.sock", "http://localhost/", "/run/a.sock"),
        ("HTTP+UNIX://%2Frun%2Fa.sock/", "http://localhost/", "/run/a.sock"),
        ("https+unix://%2Frun%2Fa.sock/", "https://localhost/", "/run/a.sock"),
        ("http+unix://a.sock/", "http://localhost/", "a.sock"),
        ("http+unix://@name/", "http://localhost/", "@name"),
        ("http+unix://%40name/", "http://localhost/", "@name"),
        ("http+unix://%2F%C3%BC/a b", "http://localhost/a%20b", "/ü"),
    ],
)
def test_url_with_a_socket_has_localhost_as_its_host(text: str, url: str, path: str) -> None:
    target = parse_target(text)
    assert (str(target.url), target.unix_socket) == (url, path)


@pytest.mark.parametrize("text", ["http+unix://", "http+unix:///run/a.sock", "ftp+unix://a/"])
def test_a_url_without_a_socket_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_target(text)
