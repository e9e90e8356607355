"""Mistyped schemes of URLs, and URLs without one."""

from __future__ import annotations

import pytest

from httpcli.core.errors import UsageError
from httpcli.syntax.urls import parse_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("//host/x", "http://host/x"),
        ("http:8080/x", "http://http:8080/x"),
        ("example.org//a", "http://example.org//a"),
        ("example.org:/a", "http://example.org/a"),
        ("http://host//a", "http://host//a"),
    ],
)
def test_a_url_may_have_no_scheme(text: str, url: str) -> None:
    assert str(parse_url(text).url) == url


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "https;//host",
            "invalid URL: expected https:// before the host",
            "did you mean https://host?",
        ),
        (
            "http.//host",
            "invalid URL: expected http:// before the host",
            "did you mean http://host?",
        ),
        ("htp://x", "htp:// is not supported", "did you mean http://x?"),
        ("ttps://x/y", "ttps:// is not supported", "did you mean https://x/y?"),
        ("http://https://x/y", "the URL has two schemes", "did you mean https://x/y?"),
        ("file:/etc/x", "file: is not supported", "supported: http, https, ws, wss"),
        ("mailto:me@x.test", "mailto: is not supported", "supported: http, https, ws, wss"),
    ],
)
def test_a_mistyped_scheme_is_explained(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(text)
    assert (caught.value.message, caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    "prefix", ["http:", "http//", "htp://", "http:///", "http://https://", "http:://", "data:"]
)
@pytest.mark.parametrize("rest", ["me:hunter2@host/x", "host/x?token=hunter2"])
def test_the_error_of_a_mistyped_scheme_shows_no_secret(prefix: str, rest: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_url(prefix + rest)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.fault}"
