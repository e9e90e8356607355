"""The request that follows a redirect: RFC 9110, 15.4, and the Fetch standard as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httpcli.core.body import Body, BytesBody, FileBody, StdinBody
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import SendPolicy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.redirects import next_request, resolve_location
from httpcli.syntax.urls import parse_url

URL = Url("http", "h.test", None, "/b/c/d;p", "q")
CONTENT = BytesBody(b"a=1")


def redirect(status: int, location: str | None = "/next", url: Url = URL) -> ResponseStarted:
    fields = Fields() if location is None else Fields([Field("Location", location)])
    return ResponseStarted("1.1", status, "", fields, url)


def following(request: Request, response: ResponseStarted, send_policy: SendPolicy) -> Request:
    next_ = next_request(request, response, send_policy)
    assert next_ is not None
    return next_


def names_after(fields: list[str], location: str, send_policy: SendPolicy) -> list[str]:
    request = Request("GET", URL, Fields(Field(name, "value") for name in fields))
    return [
        field.name for field in following(request, redirect(302, location), send_policy).fields
    ]


# --- which responses are redirects ---


@pytest.mark.parametrize("status", [200, 201, 204, 300, 304, 305, 306, 309, 399, 404, 500])
def test_other_statuses_are_not_redirects(status: int) -> None:
    assert next_request(Request("GET", URL), redirect(status), SendPolicy()) is None


@pytest.mark.parametrize("location", [None, ""])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_without_a_location_is_not_followed(status: int, location: str | None) -> None:
    assert next_request(Request("GET", URL), redirect(status, location), SendPolicy()) is None


# --- method and body ---


@pytest.mark.parametrize(
    ("status", "method", "next_method", "body_kept"),
    [
        (301, "GET", "GET", True),
        (301, "HEAD", "HEAD", True),
        (301, "POST", "GET", False),
        (301, "PUT", "PUT", True),
        (301, "PATCH", "PATCH", True),
        (301, "DELETE", "DELETE", True),
        (302, "GET", "GET", True),
        (302, "POST", "GET", False),
        (302, "PUT", "PUT", True),
        (302, "QUERY", "QUERY", True),
        (303, "GET", "GET", False),
        (303, "HEAD", "HEAD", False),
        (303, "POST", "GET", False),
        (303, "PUT", "GET", False),
        (303, "DELETE", "GET", False),
        (303, "OPTIONS", "GET", False),
        (307, "GET", "GET", True),
        (307, "POST", "POST", True),
        (307, "PUT", "PUT", True),
        (308, "POST", "POST", True),
        (308, "DELETE", "DELETE", True),
    ],
)
def test_status_and_method_decide_the_next_method_and_body(
    status: int, method: str, next_method: str, body_kept: bool
) -> None:
    request = Request(method, URL, body=CONTENT, chunked=True)
    next_ = following(request, redirect(status), SendPolicy())
    assert next_.method == next_method
    assert next_.body == (CONTENT if body_kept else None)
    assert next_.chunked is body_kept


def test_headers_about_the_body_are_dropped_with_it() -> None:
    described = ["Content-Type", "content-encoding", "Content-Language", "Content-Length"]
    framing = ["Transfer-Encoding", "Expect", "Trailer", "Digest"]
    kept = ["Accept", "X-Content"]
    names = [*described, *framing, *kept]
    request = Request("POST", URL, Fields(Field(name, "v") for name in names), CONTENT)
    next_ = following(request, redirect(303), SendPolicy())
    assert [field.name for field in next_.fields] == kept
    next_ = following(request, redirect(307), SendPolicy())
    assert [field.name for field in next_.fields] == names


@pytest.mark.parametrize(
    ("status", "method"), [(307, "POST"), (308, "PUT"), (302, "PUT"), (301, "PATCH")]
)
def test_consumed_stdin_body_cannot_be_sent_again(status: int, method: str) -> None:
    request = Request(method, URL, body=StdinBody(b"head"))
    with pytest.raises(HttpcliError, match="read only once") as caught:
        next_request(request, redirect(status), SendPolicy())
    assert caught.value.status is ExitStatus.FAILED
    assert str(status) in caught.value.message


@pytest.mark.parametrize("status", [301, 302, 303])
def test_consumed_stdin_body_is_not_needed_for_a_get(status: int) -> None:
    request = Request("POST", URL, body=StdinBody(b"head"))
    assert following(request, redirect(status), SendPolicy()).body is None


@pytest.mark.parametrize("body", [BytesBody(b"x"), FileBody("f", 1)])
def test_repeatable_body_is_sent_again(body: Body) -> None:
    request = Request("POST", URL, body=body)
    assert following(request, redirect(307), SendPolicy()).body is body


# --- the location ---


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("http://g.test", "http://g.test/"),
        ("http://g.test/x?y#z", "http://g.test/x?y"),
        ("HTTP://G.Test:80/X", "http://g.test/X"),
        ("https://g.test:8443", "https://g.test:8443/"),
        ("http://g.test:/x", "http://g.test/x"),
        ("http://[2001:DB8::1]:81/x", "http://[2001:db8::1]:81/x"),
        ("http://g.test?y", "http://g.test/?y"),
        ("//g.test/x", "http://g.test/x"),
        ("/g", "http://h.test/g"),
        ("g", "http://h.test/b/c/g"),
        ("./g", "http://h.test/b/c/g"),
        ("g/", "http://h.test/b/c/g/"),
        ("?y", "http://h.test/b/c/d;p?y"),
        ("g?y", "http://h.test/b/c/g?y"),
        ("#s", "http://h.test/b/c/d;p?q"),
        ("g;x=1/../y", "http://h.test/b/c/y"),
        (".", "http://h.test/b/c/"),
        ("..", "http://h.test/b/"),
        ("../g", "http://h.test/b/g"),
        ("../../../g", "http://h.test/g"),
        ("/./g/..", "http://h.test/"),
        ("g?y/../x", "http://h.test/b/c/g?y/../x"),
        ("//g.test/a//b", "http://g.test/a//b"),
        (" /g\t", "http://h.test/g"),
        ("/a?", "http://h.test/a?"),
    ],
)
def test_location_is_resolved(reference: str, url: str) -> None:
    assert str(resolve_location(URL, reference)) == url


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("/a%2Fb%7e", "/a%2Fb%7e"),
        ("/100%/%zz", "/100%25/%25zz"),
        ("/a b", "/a%20b"),
        ("/caf\u00e9?\u00fc=\u20ac", "/caf%C3%A9?%C3%BC=%E2%82%AC"),
        ("/caf\udce9", "/caf%E9"),
        ('/"<>^`{|}?\\', "/%22%3C%3E%5E%60%7B%7C%7D?%5C"),
        ("/a!$&'()*+,;=:@-._~?/?", "/a!$&'()*+,;=:@-._~?/?"),
        ("/a\tb\x7f", "/a%09b%7F"),
    ],
)
def test_escapes_are_kept_and_invalid_characters_are_quoted(reference: str, target: str) -> None:
    assert resolve_location(URL, reference).target == target


@pytest.mark.parametrize(
    ("typed", "host"),
    [("b\u00fccher.test", "xn--bcher-kva.test"), ("fa\u00df.test", "xn--fa-hia.test")],
)
def test_non_ascii_host_is_encoded_like_a_typed_one(typed: str, host: str) -> None:
    assert resolve_location(URL, f"http://{typed}/").host == host
    assert parse_url(f"http://{typed}/").url.host == host


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("http:/x", "http://g.test/x"),
        ("http:x", "http://g.test/a/x"),
        ("http:", "http://g.test/a/b"),
        ("https:/h.test/x", "https://h.test/x"),
        ("https:h.test", "https://h.test/"),
        ("http:///h.test/x", "http://h.test/x"),
        ("///h.test/x", "http://h.test/x"),
        ("\\\\h.test\\x", "http://h.test/x"),
        ("/\\h.test/x", "http://h.test/x"),
        ("https:\\\\h.test\\x?a\\b", "https://h.test/x?a%5Cb"),
        ("http://h.test\\x/", "http://h.test/x/"),
        ("c\\d", "http://g.test/a/c/d"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0x7f000001:80/", "http://127.0.0.1/"),
        ("http://\u2615.test/", "http://xn--53h.test/"),
        ("http://h%2Etest/", "http://h.test/"),
    ],
)
def test_slashes_and_hosts_are_read_as_in_browsers(reference: str, url: str) -> None:
    assert str(resolve_location(Url("http", "g.test", path="/a/b"), reference)) == url


def test_userinfo_is_dropped() -> None:
    request = Request("GET", URL)
    next_ = following(request, redirect(302, "http://me:pw@g.test/x"), SendPolicy())
    assert next_.url == Url("http", "g.test", None, "/x")
    assert next_.fields == Fields()


@pytest.mark.parametrize(
    "reference",
    [
        "/a\r\nX: y",
        "/a\nb",
        "/a\0b",
        "http://",
        "http://g.test:port/",
        "http://g.test:65536/",
        "http://g.test:999999999/",
        "http://g t/",
        "http://g%2ftest/",
        "http://[::1/",
        "http://[zz]/",
        "http://a\uff0fb/",
        "http://\udce9.test/",
        "http://127.0.0.256/",
        "http://a..test/",
        "http://[fe80::1%25eth0]/",
    ],
)
def test_invalid_location_is_an_error(reference: str) -> None:
    with pytest.raises(HttpcliError) as caught:
        resolve_location(URL, reference)
    assert caught.value.status is ExitStatus.FAILED
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    "reference", ["ftp://g.test/", "file:///etc/passwd", "javascript:1", "g.test:80/x"]
)
def test_only_http_and_https_are_followed(reference: str) -> None:
    with pytest.raises(HttpcliError, match="not followed"):
        resolve_location(URL, reference)


@pytest.mark.parametrize(
    "reference", ["http://me:pw@g.test:x/?token=t", "//me:pw@g t/?token=t", "http://me:p\nw@g/"]
)
def test_an_error_shows_no_secret_of_the_location(reference: str) -> None:
    with pytest.raises(HttpcliError) as caught:
        resolve_location(URL, reference)
    assert "me:" not in caught.value.message
    assert "token=t" not in caught.value.message


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_location_gives_a_valid_request_target(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    try:
        url = resolve_location(URL, text)
    except HttpcliError:
        return
    assert url.target.isascii()
    assert url.target.isprintable()
    assert " " not in str(url)
    assert url.path.startswith("/")
    assert not {".", ".."} & set(url.path.split("/"))


# --- origins ---

SECRETS = ["Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "private-token"]
HARMLESS = ["Accept", "User-Agent", "Idempotency-Key", "X-Trace"]


@pytest.mark.parametrize("location", ["/x", "http://h.test/x", "http://H.test:80/x", "?y"])
def test_every_header_is_kept_within_an_origin(location: str) -> None:
    names = [*SECRETS, *HARMLESS, "Host"]
    assert names_after(names, location, SendPolicy()) == names


@pytest.mark.parametrize(
    "location",
    ["http://g.test/", "https://h.test/", "http://h.test:8080/", "//sub.h.test/", "//test"],
)
def test_secret_headers_are_dropped_across_origins(location: str) -> None:
    assert names_after([*SECRETS, *HARMLESS, "Host"], location, SendPolicy()) == HARMLESS


def test_trusted_redirect_keeps_all_headers_but_host() -> None:
    names = [*SECRETS, *HARMLESS]
    trusted = SendPolicy(trust_redirects=True)
    assert names_after([*names, "Host"], "http://g.test/", trusted) == names


def test_header_from_a_reference_is_dropped_across_origins() -> None:
    request = Request("GET", URL, Fields([Field("X-Plain", "s3cret", secret=True)]))
    assert following(request, redirect(302, "//g.test/"), SendPolicy()).fields == Fields()


# --- downgrade ---

SECURE = URL._replace(scheme="https")


@pytest.mark.parametrize("location", ["http://h.test/", "http://g.test:8443/?token=t"])
def test_redirect_from_https_to_http_is_refused(location: str) -> None:
    with pytest.raises(HttpcliError, match="https to http") as caught:
        next_request(Request("GET", SECURE), redirect(302, location), SendPolicy())
    assert caught.value.status is ExitStatus.FAILED
    assert "--allow-downgrade" in caught.value.hint
    assert "token" not in caught.value.message


def test_allowed_downgrade_counts_as_another_origin() -> None:
    request = Request("GET", SECURE, Fields([Field("Authorization", "x")]))
    send_policy = SendPolicy(allow_downgrade=True)
    next_ = following(request, redirect(302, "http://h.test/"), send_policy)
    assert str(next_.url) == "http://h.test/"
    assert next_.fields == Fields()


def test_location_without_a_scheme_keeps_https() -> None:
    next_ = following(Request("GET", SECURE), redirect(302, "//g.test/"), SendPolicy())
    assert next_.url.scheme == "https"
