"""Failures are translated by the classes and fields of exceptions, not by their words."""

from __future__ import annotations

import pytest
from aiohttp import ClientPayloadError
from aiohttp.http_exceptions import ContentLengthError, TransferEncodingError

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
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
    assert error.message.endswith("cannot be reached: any reason: with a colon")


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


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (ContentLengthError("any text"), "fewer bytes came than Content-Length says"),
        (TransferEncodingError("any text"), "the last chunk is missing"),
        (ValueError("Content-Length, TransferEncoding"), "Content-Length, TransferEncoding"),
    ],
)
def test_reason_of_a_truncated_body_comes_from_the_cause(cause: Exception, reason: str) -> None:
    payload_error = ClientPayloadError("any text")
    payload_error.__cause__ = cause
    error = translated(payload_error)
    assert error.message.endswith(f"the response is incomplete: {reason}")
    assert error.transient_kind == TRUNCATED
