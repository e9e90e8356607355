"""The request head as it stands on the wire."""

from __future__ import annotations

import pytest

from httpcli.core.body import Body, Bytes, File, Stdin
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.request_head import framed

URL = Url("http", "h.test", 8080, "/a", "b=c")


def lines(request: Request) -> list[str]:
    return [f"{field.name}: {field.value}" for field in framed(request).fields]


def request_of(method: str, *fields: str, body: Body | None = None) -> Request:
    pairs = (field.split(": ") for field in fields)
    return Request(method, URL, Fields(Field(name, value) for name, value in pairs), body)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        (Url("http", "h.test"), "h.test"),
        (Url("http", "h.test", 80), "h.test"),
        (Url("https", "h.test", 443), "h.test"),
        (Url("https", "h.test", 80), "h.test:80"),
        (Url("http", "::1", 3000), "[::1]:3000"),
    ],
)
def test_host_is_the_urls_authority(url: Url, authority: str) -> None:
    assert lines(Request("GET", url)) == [f"Host: {authority}"]


def test_host_comes_first_then_the_fields_in_their_order_and_case() -> None:
    request = request_of("GET", "X-b: 1", "x-A: 2", "X-B: 3")
    assert lines(request) == ["Host: h.test:8080", "X-b: 1", "x-A: 2", "X-B: 3"]


def test_the_users_host_takes_the_first_place() -> None:
    assert lines(request_of("GET", "X: 1", "host: other.test")) == ["host: other.test", "X: 1"]


def test_host_can_be_taken_away() -> None:
    assert lines(request_of("GET", "X: 1")._replace(unset=frozenset({"host"}))) == ["X: 1"]


def test_a_value_given_by_reference_stays_secret() -> None:
    secret = Field("X-Api-Key", "s3cret", secret=True)
    assert framed(Request("GET", URL, Fields([secret]))).fields[1] is secret


@pytest.mark.parametrize(
    ("body", "framing"),
    [
        (Bytes(b"four"), "Content-Length: 4"),
        (Bytes(b""), "Content-Length: 0"),
        (File("f", 9), "Content-Length: 9"),
        (Stdin(b"head"), "Transfer-Encoding: chunked"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_body_is_framed_by_its_length_where_that_is_known(
    method: str, body: Body, framing: str
) -> None:
    assert lines(request_of(method, "X: 1", body=body))[1:] == ["X: 1", framing]


def test_chunked_framing_can_be_asked_for() -> None:
    request = request_of("POST", body=Bytes(b"four"))._replace(chunked=True)
    assert lines(request)[1:] == ["Transfer-Encoding: chunked"]


@pytest.mark.parametrize("body", [Bytes(b"four"), Stdin(b"four")])
def test_a_body_is_framed_once_whatever_was_typed(body: Body) -> None:
    typed = request_of("POST", "Content-Length: 99", "transfer-encoding: chunked", body=body)
    assert len(lines(typed)) == 2
    assert not {"Content-Length: 99", "transfer-encoding: chunked"} & set(lines(typed))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_method_that_carries_content_says_that_there_is_none(method: str) -> None:
    assert lines(request_of(method))[1:] == ["Content-Length: 0"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "PURGE"])
def test_other_methods_say_nothing_of_content_they_do_not_have(method: str) -> None:
    assert lines(request_of(method))[1:] == []


def test_without_a_body_the_length_is_the_users() -> None:
    assert lines(request_of("POST", "Content-Length: 5"))[1:] == ["Content-Length: 0"]
    unset = request_of("POST")._replace(unset=frozenset({"content-length"}))
    assert lines(unset)[1:] == []


@pytest.mark.parametrize(
    ("scheme", "via_proxy", "target"),
    [
        ("http", False, "/a?b=c"),
        ("http", True, "http://h.test:8080/a?b=c"),
        ("https", False, "/a?b=c"),
        ("https", True, "/a?b=c"),
    ],
)
def test_the_target_is_absolute_only_for_http_through_a_proxy(
    scheme: str, via_proxy: bool, target: str
) -> None:
    url = URL._replace(scheme=scheme)
    assert framed(Request("GET", url), via_proxy=via_proxy).target == target


def test_method_and_url_are_as_asked() -> None:
    started = framed(request_of("PURGE"))
    assert (started.method, started.url, started.version) == ("PURGE", URL, "1.1")
