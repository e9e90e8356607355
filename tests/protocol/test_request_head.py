"""The request line and header fields as they are sent."""

from __future__ import annotations

import pytest

from httpcli.core.body import Body, BytesBody, FileBody, StdinBody
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.request_head import frame_request

URL = Url("http", "h.test", 8080, "/a", "b=c")


def lines(request: Request) -> list[str]:
    return [f"{field.name}: {field.value}" for field in frame_request(request).fields]


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


def test_typed_host_header_comes_first() -> None:
    assert lines(request_of("GET", "X: 1", "host: other.test")) == ["host: other.test", "X: 1"]


def test_host_header_can_be_removed() -> None:
    assert lines(request_of("GET", "X: 1")._replace(removed_defaults=frozenset({"host"}))) == [
        "X: 1"
    ]


def test_secret_header_stays_secret() -> None:
    secret = Field("X-Api-Key", "s3cret", secret=True)
    assert frame_request(Request("GET", URL, Fields([secret]))).fields[1] is secret


@pytest.mark.parametrize(
    ("body", "framing"),
    [
        (BytesBody(b"four"), "Content-Length: 4"),
        (BytesBody(b""), "Content-Length: 0"),
        (FileBody("f", 9), "Content-Length: 9"),
        (StdinBody(b"head"), "Transfer-Encoding: chunked"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_body_of_known_length_is_not_chunked(method: str, body: Body, framing: str) -> None:
    assert lines(request_of(method, "X: 1", body=body))[1:] == ["X: 1", framing]


def test_chunked_framing_can_be_requested() -> None:
    request = request_of("POST", body=BytesBody(b"four"))._replace(chunked=True)
    assert lines(request)[1:] == ["Transfer-Encoding: chunked"]


@pytest.mark.parametrize("body", [BytesBody(b"four"), StdinBody(b"four")])
def test_typed_framing_headers_are_replaced(body: Body) -> None:
    typed = request_of("POST", "Content-Length: 99", "transfer-encoding: chunked", body=body)
    assert len(lines(typed)) == 2
    assert not {"Content-Length: 99", "transfer-encoding: chunked"} & set(lines(typed))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_post_put_and_patch_without_a_body_send_content_length_0(method: str) -> None:
    assert lines(request_of(method))[1:] == ["Content-Length: 0"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "PURGE"])
def test_other_methods_without_a_body_send_no_content_length(method: str) -> None:
    assert lines(request_of(method))[1:] == []


def test_content_length_without_a_body_can_only_be_unset() -> None:
    assert lines(request_of("POST", "Content-Length: 5"))[1:] == ["Content-Length: 0"]
    unset = request_of("POST")._replace(removed_defaults=frozenset({"content-length"}))
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
    assert frame_request(Request("GET", url), via_proxy=via_proxy).target == target


def test_method_and_url_are_unchanged() -> None:
    started = frame_request(request_of("PURGE"))
    assert (started.method, started.url, started.version) == ("PURGE", URL, "1.1")
