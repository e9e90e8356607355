"""Turns aiohttp's exceptions into ours: the one place that knows them."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import ssl
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import yarl

from httpcli.core.errors import CONNECT_FAILURE, DNS_FAILURE, TIMEOUT, TRUNCATED, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.transport.aiohttp.hop import Hop

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings


_Kind = TypeVar("_Kind", bound=BaseException)


class translated:  # noqa: N801 - used as a function
    """Raise HttpcliError for whatever goes wrong on the way to ``url`` and back.

    A cancelling says what was waited for: who counts all of the time tells it.
    Both say where the time went, where that was asked for. A class, since a
    generator costs more, each time.
    """

    def __init__(self, url: Url, hop: Hop) -> None:
        self._url = url
        self._hop = hop

    def __enter__(self) -> None:
        """Nothing has gone wrong yet."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if error is None:
            return
        hop = self._hop
        if isinstance(error, asyncio.CancelledError):
            error.args = (hop.wait, _times(hop))
            return
        if isinstance(error, HttpcliError):
            failure = _of_name(error, hop)
        elif isinstance(error, (TimeoutError, aiohttp.ClientError, OSError)):
            failure = _translate(error, self._url, hop)
        else:
            return
        failure.timings = _times(hop)
        if failure is not error:
            raise failure from error


def _times(hop: Hop) -> Timings | None:
    """Return how far a hop that failed came, where somebody wants to know."""
    return None if hop.watch is None else hop.watch.read(failed=True)


def _translate(error: Exception, url: Url, hop: Hop) -> HttpcliError:
    ours = underneath(error, HttpcliError)
    if ours is not None:
        return ours
    if isinstance(error, aiohttp.ServerTimeoutError):
        return _timed_out(error, url, hop.wait)
    if hop.proxy is not None and is_the_proxys(error, hop.proxy):
        return _of_proxy(error, url, hop.proxy)
    if not isinstance(error, aiohttp.ClientSSLError):
        # TLS 1.3 says only after the handshake that a certificate is missing.
        alert = underneath(error, ssl.SSLError)
        if alert is not None and hop.proxy is not None and is_before_the_tunnel(url, hop):
            return _of_proxy(alert, url, hop.proxy)
        if alert is not None:
            return tls_failed(alert, url)
    for kind, translate in _KINDS:
        if isinstance(error, kind):
            return translate(error, url)
    return HttpcliError(f"{url.authority}: {reason_of(error)}")


def _of_name(error: HttpcliError, hop: Hop) -> HttpcliError:
    """Return the proxy's failure where its name is what a name server could not say.

    Whoever speaks HTTP to a proxy looks up nobody's name but the proxy's.
    """
    if error.status is not ExitStatus.NAME_NOT_RESOLVED or hop.proxy is None:
        return error
    if not hop.proxy.is_http:
        return error
    from httpcli.transport.proxy_errors import unreachable

    return unreachable(hop.proxy, error.message.partition(": ")[2])


def _of_proxy(error: Exception, url: Url, proxy: Proxy) -> HttpcliError:
    from httpcli.transport import proxy_errors

    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return proxy_errors.tls_with_proxy_failed(proxy, url, tls_failed(error, url))
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_errors.tunnel_refused(proxy, url, error.status, error.message)
    return proxy_errors.unreachable(proxy, reason_of(error))


def is_before_the_tunnel(url: Url, hop: Hop) -> bool:
    """Tell whether what TLS says is said by a proxy, and not by the origin behind it."""
    secured = hop.proxy is not None and hop.proxy.url.startswith("https")
    return secured and (url.scheme == "http" or hop.wait.startswith("the proxy"))


def underneath(error: BaseException, kind: type[_Kind]) -> _Kind | None:
    """Return a failure that aiohttp wrapped, as it does with ours of a body's source."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return cause
        cause = cause.__cause__
    return None


def is_the_proxys(error: Exception, proxy: Proxy) -> bool:
    """Tell whether it went wrong on the way to the proxy, or there."""
    if isinstance(error, (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)):
        return True
    if not isinstance(error, aiohttp.ClientConnectorError) or error.host is None:
        return False
    at = yarl.URL(proxy.url)
    return (error.host.strip("[]"), error.port) == (at.host, at.port)


def _timed_out(error: Exception, url: Url, wait: str) -> HttpcliError:
    connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
    failure = HttpcliError(
        f"{url.authority}: timed out: {wait}",
        hint=f"--{'connect-timeout' if connecting else 'timeout'} sets how long to wait",
        status=ExitStatus.TIMED_OUT,
    )
    return failure.as_transient(TIMEOUT, unsent=connecting)


def _no_name(error: Exception, url: Url) -> HttpcliError:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    passing = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
    failure = HttpcliError(
        f"{url.host}: the host name was not resolved: {reason_of(cause)}",
        hint="the name server did not answer; try again" if passing else "check the name",
        status=ExitStatus.NAME_NOT_RESOLVED,
    )
    return failure.as_transient(DNS_FAILURE if passing else "", unsent=True)


def tls_failed(error: Exception, url: Url) -> HttpcliError:
    """Return the failure of a handshake, or what its alert says."""
    cause: Exception = (
        getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    )
    from httpcli.transport.tls_errors import failure

    return failure(cause, url)


def _not_connected(error: Exception, url: Url) -> HttpcliError:
    failure = HttpcliError(f"{url.authority}: {reason_of(error)}", status=ExitStatus.NOT_CONNECTED)
    # On a connection that was there, some of the request may have arrived.
    return failure.as_transient(
        CONNECT_FAILURE, unsent=isinstance(error, aiohttp.ClientConnectorError)
    )


def _no_answer(_error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the server closed the connection without an answer",
        status=ExitStatus.NOT_CONNECTED,
    ).as_transient(CONNECT_FAILURE)


def _cut(error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the response is incomplete: {_payload_words(error)}",
        status=ExitStatus.INCOMPLETE,
    ).as_transient(TRUNCATED)


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
    (aiohttp.ClientConnectorDNSError, _no_name),
    (aiohttp.ClientSSLError, tls_failed),
    (ssl.SSLError, tls_failed),
    (aiohttp.ServerDisconnectedError, _no_answer),
    (aiohttp.ClientResponseError, _not_http),
    (aiohttp.ClientPayloadError, _cut),
    (socket.gaierror, _no_name),
    ((aiohttp.ClientConnectionError, OSError), _not_connected),
)


def reason_of(error: BaseException) -> str:
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
