"""Failures are translated by the classes and fields of exceptions, not by their words."""

from __future__ import annotations

import pytest

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.protocol.http1_head import (
    CUT,
    HEAD_TOO_LARGE,
    NO_COLON,
    NOT_HTTP,
    TOO_MANY_INTERIM,
    UNSUPPORTED_VERSION,
    Http1Error,
)
from httpcli.transport.aiohttp.errors import translated_errors
from httpcli.transport.aiohttp.request import AiohttpAttempt
from httpcli.transport.dial.dns import NameServerError

URL = Url("http", "h.test", None)
HTTP_PROXY = Proxy("http://p.test:3128")
NOT_FOUND = ExitStatus.NAME_NOT_RESOLVED


def translated(error: Exception, proxy: Proxy | None = None) -> HttpcliError:
    """Return the error that the user sees."""
    attempt = AiohttpAttempt("GET", Fields(), proxy)
    with pytest.raises(HttpcliError) as caught, translated_errors(URL, attempt):
        raise error
    return caught.value


def name_server_error(status: ExitStatus = NOT_FOUND) -> NameServerError:
    return NameServerError("p.test", "any reason: with a colon", hint="", status=status)


def test_unknown_name_of_an_http_proxy_is_a_proxy_error() -> None:
    error = translated(name_server_error(), HTTP_PROXY)
    assert error.status is ExitStatus.PROXY
    assert error.message.endswith("p.test:3128: any reason: with a colon")


@pytest.mark.parametrize(
    ("error", "proxy"),
    [
        (name_server_error(), None),
        (name_server_error(), Proxy("socks5://p.test:1080")),
        (name_server_error(ExitStatus.TIMED_OUT), HTTP_PROXY),
        (HttpcliError("other.test: not resolved", status=NOT_FOUND), HTTP_PROXY),
    ],
    ids=["no proxy", "name of the origin", "timeout", "name in the request body"],
)
def test_other_name_errors_are_unchanged(error: HttpcliError, proxy: Proxy | None) -> None:
    assert translated(error, proxy) is error


@pytest.mark.parametrize("problem", CUT)
def test_truncated_response_may_be_retried(problem: str) -> None:
    error = translated(Http1Error(problem))
    assert error.message == f"h.test: the response is incomplete: {problem}"
    assert error.status is ExitStatus.INCOMPLETE
    assert error.transient_kind == TRUNCATED


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Http1Error(NO_COLON), "the response is not valid HTTP: a header without a colon"),
        (Http1Error(HEAD_TOO_LARGE, 99), "the response has headers of more than 99 bytes"),
        (Http1Error(HEAD_TOO_LARGE, 2048), "the response has headers of more than 2 KiB"),
        (
            Http1Error(TOO_MANY_INTERIM, 50),
            "the response has more than 50 interim responses (1xx)",
        ),
        (
            Http1Error(UNSUPPORTED_VERSION, version="HTTP/2"),
            "the response is not valid HTTP: HTTP/2 is not supported",
        ),
        (
            Http1Error(NOT_HTTP, received=b"\0\1\2"),
            "the response is not valid HTTP: it does not begin with HTTP/",
        ),
    ],
)
def test_response_that_cannot_be_read_is_not_retried(error: Http1Error, message: str) -> None:
    failure = translated(error)
    assert failure.message == f"h.test: {message}"
    assert failure.status is ExitStatus.INCOMPLETE
    assert not failure.transient_kind
