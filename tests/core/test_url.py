"""Absolute URLs as text: splitting, quoting, and removing dot segments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.url import (
    PATH_CHARACTERS,
    Url,
    UrlParts,
    UrlSyntaxError,
    canonical_host,
    quote,
    quote_all,
    remove_dot_segments,
    split_url,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("http://h", UrlParts("http", None, "h", None, "", None)),
        ("HTTPS://u:p@H:1/a?b#c", UrlParts("https", "u:p", "H", 1, "/a", "b")),
        ("x+y://@h?", UrlParts("x+y", "", "h", None, "", "")),
        ("http://[::1]:2?a?b", UrlParts("http", None, "[::1]", 2, "", "a?b")),
        ("http://h/a@b:c", UrlParts("http", None, "h", None, "/a@b:c", None)),
        ("http://h#a?b", UrlParts("http", None, "h", None, "", None)),
        ("http:///x", UrlParts("http", None, "", None, "/x", None)),
    ],
)
def test_an_absolute_url_is_split(text: str, parts: UrlParts) -> None:
    assert split_url(text) == parts


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("h/x", (0, 0)),
        ("/x", (0, 0)),
        ("http://h:65536", (9, 14)),
        ("http://u:p@h:x/", (13, 14)),
        ("http://a:b:c", (7, 12)),
        ("http://[::1/x", (11, 11)),
    ],
)
def test_invalid_url_error_has_its_position(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(UrlSyntaxError) as caught:
        split_url(text)
    assert (caught.value.start, caught.value.end) == place
    assert isinstance(caught.value, ValueError)


def test_quoting_keeps_escapes_and_allowed_characters() -> None:
    assert quote("a%2f%zz %é/?", PATH_CHARACTERS) == "a%2f%25zz%20%25%C3%A9/%3F"
    assert quote("\udcff", PATH_CHARACTERS) == "%FF"
    assert quote_all("a%2f+ /", " ") == "a%252f%2B %2F"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_quoting_twice_changes_nothing(text: str) -> None:
    once = quote(text, PATH_CHARACTERS)
    assert quote(once, PATH_CHARACTERS) == once


# RFC 3986, 5.2.4 and 5.4.
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/b/c/./../../g", "/a/g"),
        ("/b/c/..", "/b/"),
        ("/b/c/.", "/b/c/"),
        ("/../../../g", "/g"),
        ("/./g", "/g"),
        ("/b/g.", "/b/g."),
        ("/b/..g", "/b/..g"),
        ("/b/./g/.", "/b/g/"),
        ("/b//../c", "/b/c"),
        ("/", "/"),
        ("/..", "/"),
    ],
)
def test_dot_segments_are_resolved(path: str, expected: str) -> None:
    assert remove_dot_segments(path) == expected


@pytest.mark.parametrize(
    ("host", "canonical"),
    [
        ("example.org", "example.org"),
        ("EXAMPLE.org.", "example.org"),
        ("bücher.test", "xn--bcher-kva.test"),
        ("XN--bcher-kva.test.", "xn--bcher-kva.test"),
        ("127.0.0.1.", "127.0.0.1"),
        ("::1", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("[::FFFF:7f00:1]", "127.0.0.1"),
        ("fe80::0:1%Eth0", "fe80::1%Eth0"),
        ("Not a:host", "not a:host"),
        ("ü..x", "ü..x"),
        ("", ""),
        (".", ""),
    ],
)
def test_spellings_of_a_host_have_one_canonical_form(host: str, canonical: str) -> None:
    assert canonical_host(host) == canonical
    assert canonical_host(canonical) == canonical


def test_origins_of_two_spellings_are_equal() -> None:
    assert Url("http", "example.org.").origin == Url("http", "example.org", 80).origin
    assert Url("http", "example.org").origin != Url("https", "example.org").origin
    assert Url("http", "example.org").origin != Url("http", "example.org", 81).origin
