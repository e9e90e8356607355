"""Which cookies are stored, and where they are sent: RFC 6265bis as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.core.session import Cookie
from httpcli.core.url import Url
from httpcli.protocol.cookies import (
    CookieScope,
    Jar,
    cookie_scope,
    default_path,
    domain_matches,
    host_from_authority,
    parse_cookie_field,
    path_matches,
)

NOW = 1_000_000.0
HERE = CookieScope("example.com", "/", True)
INSECURE = HERE._replace(secure=False)


def jar_with(*lines: str, at: CookieScope = HERE) -> Jar:
    jar = Jar()
    jar.receive(lines, at, NOW)
    return jar


def sent(jar: Jar, place: CookieScope, now: float = NOW) -> str:
    return jar.cookie_field([], place, now)


@pytest.mark.parametrize(
    ("host", "domain", "matches"),
    [
        ("example.com", "example.com", True),
        ("www.example.com", "example.com", True),
        ("a.b.example.com", "example.com", True),
        ("example.com", "www.example.com", False),
        ("badexample.com", "example.com", False),
        ("example.com.evil.org", "example.com", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "2.1", False),
        ("192.0.2.1", "0.2.1", False),
        ("::1", "::1", True),
        ("localhost", "localhost", True),
        ("app.localhost", "localhost", True),
    ],
)
def test_domain_matches_itself_and_its_subdomains(host: str, domain: str, matches: bool) -> None:
    assert domain_matches(host, domain) is matches


@pytest.mark.parametrize(
    ("path", "cookie_path", "matches"),
    [
        ("/", "/", True),
        ("/a", "/", True),
        ("/a", "/a", True),
        ("/a/", "/a", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/a", "/a/", False),
        ("/ab", "/a", False),
        ("/A", "/a", False),
        ("/", "/a", False),
    ],
)
def test_path_matches_itself_and_paths_below_it(
    path: str, cookie_path: str, matches: bool
) -> None:
    assert path_matches(path, cookie_path) is matches


@pytest.mark.parametrize(
    ("path", "default"),
    [("/", "/"), ("/a", "/"), ("/a/", "/a"), ("/a/b", "/a"), ("/a/b/c.txt", "/a/b"), ("*", "/")],
)
def test_the_default_path_ends_before_the_last_slash(path: str, default: str) -> None:
    assert default_path(path) == default


@pytest.mark.parametrize(
    ("line", "host", "receivers"),
    [
        ("a=1", "example.com", ["example.com"]),
        ("a=1; Domain=", "example.com", ["example.com"]),
        ("a=1; Domain=example.com", "example.com", ["example.com", "www.example.com"]),
        ("a=1; Domain=.example.com", "example.com", ["example.com", "www.example.com"]),
        ("a=1; Domain=EXAMPLE.com", "www.example.com", ["example.com", "www.example.com"]),
        (
            "a=1; domain=x.org; domain=example.com",
            "example.com",
            ["example.com", "www.example.com"],
        ),
        ("a=1; Domain=www.example.com", "example.com", []),
        ("a=1; Domain=ample.com", "example.com", []),
        ("a=1; Domain=com", "example.com", []),
        ("a=1; Domain=example.com", "com", []),
        ("a=1; Domain=com", "com", ["com"]),
        ("a=1; Domain=exämple.com", "example.com", []),
        ("a=1; Domain=192.0.2.1", "192.0.2.1", ["192.0.2.1"]),
        ("a=1; Domain=2.1", "192.0.2.1", []),
        ("a=1", "::1", ["::1"]),
        ("a=1; Domain=localhost", "localhost", ["localhost"]),
        ("a=1", "localhost", ["localhost"]),
    ],
)
def test_cookie_is_sent_to_its_host_or_domain(line: str, host: str, receivers: list[str]) -> None:
    hosts = ["example.com", "www.example.com", "com", "192.0.2.1", "::1", "localhost", "x.org"]
    hosts.append("app.localhost")
    jar = jar_with(line, at=HERE._replace(host=host))
    assert [each for each in hosts if sent(jar, HERE._replace(host=each))] == receivers


@pytest.mark.parametrize(
    ("line", "at", "expected"),
    [
        ("a=1", "/x/y", ["/x", "/x/z"]),
        ("a=1; Path=", "/x/y", ["/x", "/x/z"]),
        ("a=1; Path=x", "/x/y", ["/x", "/x/z"]),
        ("a=1; Path=/", "/x/y", ["/", "/x", "/xy", "/x/z"]),
        ("a=1; Path=/x/z", "/", ["/x/z"]),
        ("a=1; Path=/x; Path=/", "/", ["/", "/x", "/xy", "/x/z"]),
        ("a=1; Path=/; Path=nothing", "/x/y", ["/x", "/x/z"]),
    ],
)
def test_cookie_is_sent_to_its_path_or_the_default_path(
    line: str, at: str, expected: list[str]
) -> None:
    jar = jar_with(line, at=HERE._replace(path=at))
    paths = ["/", "/x", "/xy", "/x/z"]
    assert [each for each in paths if sent(jar, HERE._replace(path=each))] == expected


@pytest.mark.parametrize(
    ("line", "secure", "kept"),
    [
        ("a=1; Secure", True, True),
        ("a=1; Secure", False, False),
        ("__Secure-a=1; Secure", True, True),
        ("__Secure-a=1", True, False),
        ("__SECURE-a=1", True, False),
        ("__Secure-a=1; Secure", False, False),
        ("__Host-a=1; Secure; Path=/", True, True),
        ("__Host-a=1; Secure", True, False),
        ("__Host-a=1; Path=/", True, False),
        ("__host-a=1; Secure; Path=/x", True, False),
        ("__Host-a=1; Secure; Path=/; Domain=example.com", True, False),
        ("=__Host-a=1; Secure; Path=/", True, False),
        ("__Secure-a; Secure", True, False),
        ("a=1; SameSite=None", True, True),
    ],
)
def test_cookie_with_unmet_security_requirements_is_rejected(
    line: str, secure: bool, kept: bool
) -> None:
    jar = jar_with(line, at=HERE._replace(secure=secure))
    assert bool(sent(jar, HERE)) is kept


def test_secure_cookie_is_not_sent_over_an_insecure_connection() -> None:
    jar = jar_with("a=1; Secure", "b=2")
    assert sent(jar, HERE) == "a=1; b=2"
    assert sent(jar, INSECURE) == "b=2"


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("a=evil", "a=1"),
        ("a=evil; Path=/x", "a=1"),
        ("a=evil; Domain=example.com", "a=1"),
        ("b=2", "a=1; b=2"),
    ],
)
def test_insecure_response_cannot_replace_secure_cookies(line: str, result: str) -> None:
    jar = jar_with("a=1; Secure; Path=/")
    jar.receive([line], INSECURE, NOW)
    assert sent(jar, HERE._replace(path="/x")) == result


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        (Url("https", "example.com"), True),
        (Url("http", "example.com"), False),
        (Url("http", "localhost", 3000), True),
        (Url("http", "app.localhost"), True),
        (Url("http", "notlocalhost"), False),
        (Url("http", "localhost.example.com"), False),
    ],
)
def test_localhost_counts_as_secure(url: Url, secure: bool) -> None:
    assert cookie_scope(Request("GET", url)).secure is secure


def test_typed_host_header_sets_the_host_but_not_secure() -> None:
    fields = Fields([Field("Host", "LOCALHOST:80")])
    place = cookie_scope(Request("GET", Url("http", "192.0.2.1"), fields))
    assert place == CookieScope("localhost", "/", False)


@pytest.mark.parametrize(
    ("authority", "host"),
    [("A.b:80", "a.b"), ("a", "a"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("", ""), (None, "")],
)
def test_host_is_returned_without_its_port(authority: str | None, host: str) -> None:
    assert host_from_authority(authority) == host


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("a=1", None),
        ("a=1; Max-Age=10", 10),
        ("a=1; Expires=Tue, 13 Jan 1970 13:47:00 GMT", 1_086_420 - NOW),
        ("a=1; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 10),
        ("a=1; Max-Age=x; Expires=Tue, 13 Jan 1970 13:47:00 GMT", 1_086_420 - NOW),
        ("a=1; Expires=nonsense", None),
        ("a=1; Max-Age=10; Max-Age=20", 20),
    ],
)
def test_cookie_expires_by_max_age_or_expires(line: str, seconds: float | None) -> None:
    jar = jar_with(line)
    if seconds is None:
        assert sent(jar, HERE, NOW * 1000)
    else:
        assert sent(jar, HERE, NOW + seconds - 1)
        assert not sent(jar, HERE, NOW + seconds)


@pytest.mark.parametrize(
    "line", ["a=; Max-Age=0", "a=; Max-Age=-1", "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
)
def test_expired_cookie_deletes_the_stored_one(line: str) -> None:
    jar = jar_with("a=1", "b=2", line)
    assert sent(jar, HERE) == "b=2"
    assert jar.changes[Cookie("a", "", "example.com").key] is None


def test_longer_paths_come_first_then_older_cookies() -> None:
    jar = jar_with("a=1", "b=2; Path=/x", "c=3", "d=4; Path=/x/y", "a=new")
    assert sent(jar, HERE._replace(path="/x/y")) == "d=4; b=2; a=new; c=3"


def test_cookie_replaces_only_one_with_the_same_name_domain_and_path() -> None:
    jar = jar_with("a=1", "a=2; Path=/x", "a=3; Domain=example.com", "a=4")
    assert sent(jar, HERE._replace(path="/x")) == "a=2; a=4; a=3"


def test_cookie_cannot_cover_a_public_suffix() -> None:
    jar = Jar(is_public_suffix={"co.uk"}.__contains__)
    jar.receive(["a=1; Domain=co.uk"], CookieScope("shop.co.uk", "/", True), NOW)
    jar.receive(["b=1; Domain=co.uk"], CookieScope("co.uk", "/", True), NOW)
    assert sent(jar, CookieScope("shop.co.uk", "/", True)) == ""
    assert sent(jar, CookieScope("co.uk", "/", True)) == "b=1"


def test_typed_cookie_overrides_stored_cookies_but_not_new_ones() -> None:
    jar = Jar(
        [Cookie("a", "stored", "example.com", path="/x"), Cookie("b", "stored", "example.com")]
    )
    at = HERE._replace(path="/x")
    for cookie in parse_cookie_field("a=typed; b=typed", "example.com"):
        jar.add_typed(cookie, at, NOW)
    assert sent(jar, at) == "a=typed; b=typed"
    jar.receive(["b=new"], HERE._replace(path="/x/y"), NOW)
    assert sent(jar, at) == "b=new; a=typed"


def test_typed_cookie_header_is_overridden_only_by_new_cookies() -> None:
    jar = Jar([Cookie("a", "stored", "example.com"), Cookie("b", "stored", "example.com")])
    jar.receive(["b=new", "c=new"], HERE, NOW)
    assert jar.cookie_field(["a=typed; b=typed", "d"], HERE, NOW) == "a=typed; d; b=new; c=new"


def test_stored_cookie_for_a_public_suffix_is_not_sent_to_the_sites_below() -> None:
    cookie = Cookie("a", "1", "co.uk", host_only=False)
    jar = Jar([cookie], is_public_suffix={"co.uk"}.__contains__)
    assert sent(jar, CookieScope("shop.co.uk", "/", True)) == ""
    assert sent(jar, CookieScope("co.uk", "/", True)) == "a=1"


def test_dot_at_the_end_of_a_host_does_not_hide_a_public_suffix() -> None:
    jar = Jar(is_public_suffix={"co.uk"}.__contains__)
    request = Request("GET", Url("https", "shop.co.uk."))
    jar.receive(["a=1; Domain=co.uk."], cookie_scope(request), NOW)
    jar.receive(["b=1; Domain=shop.co.uk."], cookie_scope(request), NOW)
    assert sent(jar, cookie_scope(request)) == "b=1"
    assert sent(jar, CookieScope("other.co.uk", "/", True)) == ""


LINES = st.one_of(
    st.text(),
    st.lists(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(["a=1", "Domain=example.com", "Path=/", "Max-Age=9" + "9" * 900]),
            st.sampled_from(
                ["Expires=1 Jan 2030 1:1:1", "Secure", "\r\n", "\0", " = ", "__Host-"]
            ),
        ),
        max_size=6,
    ).map(";".join),
)


@given(st.lists(LINES, max_size=4))
def test_server_cannot_inject_into_the_cookie_header(lines: list[str]) -> None:
    jar = Jar(is_public_suffix={"com"}.__contains__)
    jar.receive(lines, HERE, NOW)
    for cookie in jar.cookies_for(HERE, NOW):
        assert not set("\r\n\0;") & set(cookie.name + cookie.value)
        assert "=" not in cookie.name
        assert cookie.name + cookie.value
        assert cookie.domain is not None
        assert domain_matches(HERE.host, cookie.domain)
    assert not set("\r\n\0") & set(sent(jar, HERE))
