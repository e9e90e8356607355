"""Proxies: environment variables, proxy URLs, and hosts that bypass the proxy."""

from __future__ import annotations

import pytest

from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.protocol.proxies import (
    matches_no_proxy,
    no_proxy_from_environment,
    parse_proxy,
    proxies_from_environment,
    proxy_for,
)

A = Proxy("http://a:1")
B = Proxy("http://b:2")


@pytest.mark.parametrize(
    ("env", "proxies"),
    [
        ({}, {}),
        ({"http_proxy": "http://a:1"}, {"http": A}),
        ({"HTTP_PROXY": "a:1"}, {"http": A}),
        ({"HTTPS_PROXY": "a:1"}, {"https": A}),
        ({"http_proxy": "a:1", "HTTP_PROXY": "b:2"}, {"http": A}),
        ({"http_proxy": "", "HTTP_PROXY": "b:2"}, {}),
        ({"all_proxy": "a:1"}, {"http": A, "https": A}),
        ({"ALL_PROXY": "a:1", "https_proxy": "b:2"}, {"http": A, "https": B}),
        ({"ALL_PROXY": "a:1", "https_proxy": ""}, {"http": A}),
        ({"HTTP_PROXY": "a:1", "REQUEST_METHOD": "GET"}, {}),
        ({"http_proxy": "a:1", "REQUEST_METHOD": "GET"}, {"http": A}),
        ({"HTTPS_PROXY": "a:1", "REQUEST_METHOD": "GET"}, {"https": A}),
        (
            {"ALL_PROXY": "ftp://s:1", "http_proxy": "a:1", "https_proxy": "b:2"},
            {"http": A, "https": B},
        ),
    ],
)
def test_proxies_are_read_from_the_environment(
    env: dict[str, str], proxies: dict[str, Proxy]
) -> None:
    assert proxies_from_environment(env) == proxies


def test_invalid_proxy_variable_fails_only_when_needed() -> None:
    proxies = proxies_from_environment({"https_proxy": "ftp://a:1"})
    assert proxy_for(Url("http", "h"), proxies, ()) is None
    assert proxy_for(Url("https", "h"), proxies, ("h",)) is None
    with pytest.raises(HttpcliError, match="https_proxy: ftp proxies") as caught:
        proxy_for(Url("https", "h"), proxies, ())
    assert caught.value.status is ExitStatus.PROXY


@pytest.mark.parametrize(
    ("env", "entries"),
    [
        ({}, ()),
        ({"no_proxy": ""}, ()),
        ({"NO_PROXY": "a, .b  c,,d:80 "}, ("a", ".b", "c", "d:80")),
        ({"no_proxy": "a", "NO_PROXY": "b"}, ("a",)),
    ],
)
def test_no_proxy_entries_are_read_from_the_environment(
    env: dict[str, str], entries: tuple[str, ...]
) -> None:
    assert no_proxy_from_environment(env) == entries


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://p.test:3128", Proxy("http://p.test:3128")),
        ("http://p.test:3128/", Proxy("http://p.test:3128")),
        ("p.test:3128", Proxy("http://p.test:3128")),
        ("P.test", Proxy("http://p.test")),
        ("https://p.test", Proxy("https://p.test")),
        ("[::1]:3128", Proxy("http://[::1]:3128")),
        ("http://me:pw@p.test:1", Proxy("http://p.test:1", "me", "pw")),
        ("me@p.test:1", Proxy("http://p.test:1", "me", "")),
        ("http://d%40me:a%3Ab%2F%C3%A9:c@p:1", Proxy("http://p:1", "d@me", "a:b/\u00e9:c")),
        ("http://me:a@b%zz@p:1", Proxy("http://p:1", "me", "a@b%zz")),
        ("http://p.test:80", Proxy("http://p.test")),
        ("https://p.test:80", Proxy("https://p.test:80")),
        ("socks5://p.test", Proxy("socks5://p.test:1080")),
        ("SOCKS5H://me:pw@[::1]:9", Proxy("socks5h://[::1]:9", "me", "pw")),
        ("socks4://p.test:1080", Proxy("socks4://p.test:1080")),
        ("socks4a://me@p.test", Proxy("socks4a://p.test:1080", "me")),
    ],
)
def test_proxy_url_is_parsed(text: str, proxy: Proxy) -> None:
    assert parse_proxy(text) == proxy


@pytest.mark.parametrize("scheme", ["ftp", "socks6"])
def test_unknown_proxy_scheme_is_named(scheme: str) -> None:
    with pytest.raises(UsageError, match=f"{scheme} proxies are not supported") as caught:
        parse_proxy(f"{scheme}://p:1")
    assert "http, https, socks4, socks4a, socks5, socks5h" in caught.value.message


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("socks://p", "socks5://p:1080"),
        ("SOCKS://p:1", "socks5://p:1"),
        ("socks4a://p", "socks4a://p:1080"),
        ("socks5h://p", "socks5h://p:1080"),
        ("http://127.1:3128", "http://127.0.0.1:3128"),
        ("http://b\xfccher.test:3128", "http://xn--bcher-kva.test:3128"),
        ("http://[::1]:3128", "http://[::1]:3128"),
    ],
)
def test_the_scheme_and_host_of_a_proxy_have_one_spelling(text: str, url: str) -> None:
    assert parse_proxy(text).url == url


@pytest.mark.parametrize("text", ["", " "])
def test_empty_proxy_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="empty") as caught:
        parse_proxy(text)
    assert "--noproxy='*'" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["http://", "p:port", "p:0", "p:65536", "p q:1", "http://me:pw@/", "p:1/path"]
)
def test_invalid_proxy_is_rejected_without_showing_the_password(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_proxy(text)
    assert "pw" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "port", "entry", "expected"),
    [
        ("h.test", None, "*", True),
        ("h.test", None, "h.test", True),
        ("h.test", None, "H.TEST", True),
        ("h.test.", None, "h.test", True),
        ("a.h.test", None, "h.test", True),
        ("a.h.test", None, ".h.test", True),
        ("h.test", None, ".h.test", True),
        ("a.h.test", None, "*.h.test", True),
        ("oh.test", None, "h.test", False),
        ("h.test", None, "a.h.test", False),
        ("h.test", None, "", False),
        ("h.test", None, ".", False),
        ("h.test", 8080, "h.test:8080", True),
        ("h.test", None, "h.test:80", True),
        ("h.test", None, "h.test:8080", False),
        ("127.0.0.1", None, "127.0.0.1", True),
        ("127.0.0.1", None, "0.0.1", False),
        ("127.0.0.1", 81, "127.0.0.1:81", True),
        ("10.1.2.3", None, "10.0.0.0/8", True),
        ("10.1.2.3", None, "10.1.2.9/8", True),
        ("11.1.2.3", None, "10.0.0.0/8", False),
        ("10.h.test", None, "10.0.0.0/8", False),
        ("::1", None, "::1", True),
        ("::1", None, "0:0:0:0:0:0:0:1", True),
        ("::1", 81, "[::1]:81", True),
        ("::1", 81, "[::1]:82", False),
        ("fd00::1", None, "fd00::/8", True),
        ("fd00::1", None, "10.0.0.0/8", False),
        ("10.1.2.3", None, "10.0.0.0/99", False),
        ("10.1.2.3", None, "h/x", False),
    ],
)
def test_no_proxy_entry_bypasses_the_proxy_for_matching_hosts(
    host: str, port: int | None, entry: str, expected: bool
) -> None:
    assert matches_no_proxy(Url("http", host, port), [entry]) is expected
    assert matches_no_proxy(Url("http", host, port), ["other.test", entry]) is expected


def test_no_host_bypasses_the_proxy_without_entries() -> None:
    assert not matches_no_proxy(Url("http", "h.test"), [])
