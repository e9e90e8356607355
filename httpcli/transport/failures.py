"""Turns aiohttp's exceptions into ours: the one place that knows them."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import aiohttp

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.registry import load
from httpcli.model.url import Url

_Kind = TypeVar("_Kind", bound=BaseException)


@contextmanager
def translated(url: Url) -> Iterator[None]:
    """Raise HttpcliError for whatever goes wrong on the way to ``url`` and back."""
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise _translate(error, url) from error


def _translate(error: Exception, url: Url) -> HttpcliError:
    ours = underneath(error, HttpcliError)
    if ours is not None:
        return ours
    if is_the_proxys(error, url):
        return _proxy_failed(error, url)
    if not isinstance(error, aiohttp.ClientSSLError):
        # TLS 1.3 says only after the handshake that a certificate is missing.
        alert = underneath(error, ssl.SSLError)
        if alert is not None:
            return _tls(alert, url)
    for kind, translate in _KINDS:
        if isinstance(error, kind):
            return translate(error, url)
    return HttpcliError(f"{url.authority}: {_words(error)}")


def underneath(error: BaseException, kind: type[_Kind]) -> _Kind | None:
    """Return a failure that aiohttp wrapped, as it does with ours of a body's source."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return cause
        cause = cause.__cause__
    return None


def is_the_proxys(error: Exception, url: Url) -> bool:
    """Tell whether it went wrong on the way to somebody who is not the origin."""
    if not isinstance(error, aiohttp.ClientConnectorError) or error.host is None:
        return False
    return (error.host.strip("[]"), error.port) != (url.host, url.effective_port)


def _timed_out_connecting(_error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: timed out: no connection",
        hint="--connect-timeout sets how long to wait",
        status=ExitStatus.TIMED_OUT,
    )


def _timed_out_reading(_error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: timed out: the server was silent",
        hint="--timeout sets how long to wait",
        status=ExitStatus.TIMED_OUT,
    )


def _no_name(error: Exception, url: Url) -> HttpcliError:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    passing = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
    return HttpcliError(
        f"{url.host}: the host name was not resolved: {_words(cause)}",
        hint="the name server did not answer; try again" if passing else "check the name",
        status=ExitStatus.NAME_NOT_RESOLVED,
    )


def _tls(error: Exception, url: Url) -> HttpcliError:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", error)
    failure: HttpcliError = load("httpcli.transport.alerts:failure")(cause, url)
    return failure


def _proxy_failed(error: Exception, url: Url) -> HttpcliError:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        message = (
            f"the proxy refused to connect to {url.authority}: {error.status} {error.message}"
        )
        hint = "--proxy=http://USER:PASSWORD@HOST:PORT" if error.status == 407 else ""
    else:
        where = f" {error.host}" if isinstance(error, aiohttp.ClientConnectorError) else ""
        message, hint = f"the proxy{where} cannot be reached: {_words(error)}", "see --proxy"
        if isinstance(error, aiohttp.ClientSSLError):
            told = _tls(error, url)
            message = f"the proxy{where}: {told.message.removeprefix(f'{url.authority}: ')}"
            if "does not speak TLS" in message:
                hint = "does it speak plain http? --proxy=http://HOST:PORT"
    return HttpcliError(message, hint=hint, status=ExitStatus.PROXY)


def _not_connected(error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(f"{url.authority}: {_words(error)}", status=ExitStatus.NOT_CONNECTED)


def _no_answer(_error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the server closed the connection without an answer",
        status=ExitStatus.NOT_CONNECTED,
    )


def _cut(error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the response is incomplete: {_payload_words(error)}",
        status=ExitStatus.INCOMPLETE,
    )


def _not_http(error: Exception, url: Url) -> HttpcliError:
    reason = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    # What aiohttp quotes behind the colon is Python's way to write the server's bytes.
    first = re.split(r"[:\n]| b'|bytearray", reason.strip())[0].rstrip() or "bad response"
    return HttpcliError(
        f"{url.authority}: the answer is not valid HTTP: {first[:1].lower()}{first[1:]}",
        status=ExitStatus.INCOMPLETE,
    )


# The first kind that fits wins: aiohttp's classes are each other's children.
_KINDS = (
    (aiohttp.ConnectionTimeoutError, _timed_out_connecting),
    (aiohttp.ServerTimeoutError, _timed_out_reading),
    (aiohttp.ClientConnectorDNSError, _no_name),
    (aiohttp.ClientSSLError, _tls),
    (ssl.SSLError, _tls),
    ((aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError), _proxy_failed),
    (aiohttp.ServerDisconnectedError, _no_answer),
    (aiohttp.ClientResponseError, _not_http),
    (aiohttp.ClientPayloadError, _cut),
    (socket.gaierror, _no_name),
    ((aiohttp.ClientConnectionError, OSError), _not_connected),
)


def _words(error: BaseException) -> str:
    """Return the reason without the class, the address and the errno around it."""
    error = getattr(error, "os_error", None) or error
    number = getattr(error, "errno", None)
    if isinstance(error, socket.gaierror):
        return (error.strerror or "").lower()
    if isinstance(number, int) and number in errno.errorcode:
        return os.strerror(number).lower()
    if isinstance(error, aiohttp.ClientConnectionError) or not str(error):
        return "the connection was closed"  # their own words quote the whole URL
    return str(error)


def _payload_words(error: Exception) -> str:
    text = str(error.__cause__ or error)
    if "ContentLength" in text or "Content-Length" in text or "content length" in text:
        return "fewer bytes came than Content-Length says"
    if "TransferEncoding" in text or "ransfer" in text:
        return "the last chunk is missing"
    return text
