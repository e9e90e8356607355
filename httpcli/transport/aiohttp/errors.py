"""Translates aiohttp's exceptions into HttpcliError; nothing else knows them."""

from __future__ import annotations

import asyncio
import errno
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
from httpcli.transport.aiohttp.request import Hop

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings


_Kind = TypeVar("_Kind", bound=BaseException)


class translated_errors:  # noqa: N801 - used as a function
    """Raise HttpcliError for every failure of the exchange with ``url`` in the block.

    A CancelledError gets what the request waited for and its timings as arguments,
    for the error of ``--max-time``. A class: a generator would cost more for each
    request.
    """

    def __init__(self, url: Url, hop: Hop) -> None:
        self._url = url
        self._hop = hop

    def __enter__(self) -> None:
        """Do nothing yet."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if error is None:
            return
        hop = self._hop
        if isinstance(error, asyncio.CancelledError):
            error.args = (hop.waits_for, _timings(hop))
            return
        if isinstance(error, HttpcliError):
            failure = _proxy_name_failure(error, hop)
        elif isinstance(error, (TimeoutError, aiohttp.ClientError, OSError)):
            failure = _translate(error, self._url, hop)
        else:
            return
        failure.timings = _timings(hop)
        if failure is not error:
            raise failure from error


def _timings(hop: Hop) -> Timings | None:
    """Return the timings of a request that failed, if they are measured."""
    return None if hop.stopwatch is None else hop.stopwatch.read(failed=True)


def _translate(error: Exception, url: Url, hop: Hop) -> HttpcliError:
    wrapped = find_cause(error, HttpcliError)
    if wrapped is not None:
        return wrapped
    if isinstance(error, aiohttp.ServerTimeoutError):
        return _timed_out(error, url, hop.waits_for)
    if hop.proxy is not None and is_from_proxy(error, hop.proxy):
        return _proxy_failure(error, url, hop.proxy)
    if not isinstance(error, aiohttp.ClientSSLError):
        # In TLS 1.3 a server rejects the client's certificate only after the handshake.
        alert = find_cause(error, ssl.SSLError)
        if alert is not None and hop.proxy is not None and is_alert_of_proxy(url, hop):
            return _proxy_failure(alert, url, hop.proxy)
        if alert is not None:
            return tls_failed(alert, url)
    for kind, translate in _TRANSLATIONS:
        if isinstance(error, kind):
            return translate(error, url)
    return HttpcliError(f"{url.authority}: {reason_of(error)}")


def _proxy_name_failure(error: HttpcliError, hop: Hop) -> HttpcliError:
    """Return the proxy's failure if its name was not resolved, else ``error``.

    With an HTTP proxy no other name is resolved.
    """
    if error.status is not ExitStatus.NAME_NOT_RESOLVED or hop.proxy is None:
        return error
    if not hop.proxy.is_http:
        return error
    from httpcli.transport.proxy_errors import unreachable

    return unreachable(hop.proxy, error.message.partition(": ")[2])


def _proxy_failure(error: Exception, url: Url, proxy: Proxy) -> HttpcliError:
    from httpcli.transport import proxy_errors

    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return proxy_errors.tls_with_proxy_failed(proxy, url, tls_failed(error, url))
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_errors.tunnel_refused(proxy, url, error.status, error.message)
    return proxy_errors.unreachable(proxy, reason_of(error))


def is_alert_of_proxy(url: Url, hop: Hop) -> bool:
    """Return whether a TLS alert is from the proxy and not from the origin behind it."""
    has_tls = hop.proxy is not None and hop.proxy.url.startswith("https")
    return has_tls and (url.scheme == "http" or hop.waits_for.startswith("the proxy"))


def find_cause(error: BaseException, kind: type[_Kind]) -> _Kind | None:
    """Return the exception of this kind in the chain of causes, if there is one.

    aiohttp wraps, for example, our errors from reading a request body.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, kind):
            return cause
        cause = cause.__cause__
    return None


def is_from_proxy(error: Exception, proxy: Proxy) -> bool:
    """Return whether the connection to the proxy failed, or the proxy refused a tunnel."""
    if isinstance(error, (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)):
        return True
    if not isinstance(error, aiohttp.ClientConnectorError) or error.host is None:
        return False
    at = yarl.URL(proxy.url)
    return (error.host.strip("[]"), error.port) == (at.host, at.port)


def _timed_out(error: Exception, url: Url, waits_for: str) -> HttpcliError:
    connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
    failure = HttpcliError(
        f"{url.authority}: timed out: {waits_for}",
        hint=f"--{'connect-timeout' if connecting else 'timeout'} sets how long to wait",
        status=ExitStatus.TIMED_OUT,
    )
    return failure.as_transient(TIMEOUT, unsent=connecting)


def _not_resolved(error: Exception, url: Url) -> HttpcliError:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    is_transient = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
    failure = HttpcliError(
        f"{url.host}: the host name was not resolved: {reason_of(cause)}",
        hint="the name server did not answer; try again" if is_transient else "check the name",
        status=ExitStatus.NAME_NOT_RESOLVED,
    )
    return failure.as_transient(DNS_FAILURE if is_transient else "", unsent=True)


def tls_failed(error: Exception, url: Url) -> HttpcliError:
    """Return the failure of a handshake, also for an alert that arrived after it."""
    cause: Exception = (
        getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    )
    from httpcli.transport.tls_errors import handshake_failed

    return handshake_failed(cause, url)


def _not_connected(error: Exception, url: Url) -> HttpcliError:
    failure = HttpcliError(f"{url.authority}: {reason_of(error)}", status=ExitStatus.NOT_CONNECTED)
    # On an existing connection, the server may have received some of the request.
    return failure.as_transient(
        CONNECT_FAILURE, unsent=isinstance(error, aiohttp.ClientConnectorError)
    )


def _no_response(_error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the server closed the connection without an answer",
        status=ExitStatus.NOT_CONNECTED,
    ).as_transient(CONNECT_FAILURE)


def _truncated(error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the response is incomplete: {_payload_reason(error)}",
        status=ExitStatus.INCOMPLETE,
    ).as_transient(TRUNCATED)


def _not_http(error: Exception, url: Url) -> HttpcliError:
    reason = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    # After the colon aiohttp quotes the server's bytes as a Python literal.
    first = re.split(r"[:\n]| b'|bytearray", reason.strip())[0].rstrip() or "bad response"
    return HttpcliError(
        f"{url.authority}: the answer is not valid HTTP: {first[:1].lower()}{first[1:]}",
        status=ExitStatus.INCOMPLETE,
    )


# The first kind that fits is used: aiohttp's classes derive from each other.
_TRANSLATIONS = (
    (aiohttp.ClientConnectorDNSError, _not_resolved),
    (aiohttp.ClientSSLError, tls_failed),
    (ssl.SSLError, tls_failed),
    (aiohttp.ServerDisconnectedError, _no_response),
    (aiohttp.ClientResponseError, _not_http),
    (aiohttp.ClientPayloadError, _truncated),
    (socket.gaierror, _not_resolved),
    ((aiohttp.ClientConnectionError, OSError), _not_connected),
)


def reason_of(error: Exception) -> str:
    """Return why it failed, without the class, the address and the number of the error."""
    from httpcli.transport.dial import tcp

    error = getattr(error, "os_error", None) or error
    if isinstance(error, OSError) and (
        not isinstance(error, aiohttp.ClientConnectionError) or error.errno in errno.errorcode
    ):
        return tcp.reason_of(error)
    if isinstance(error, aiohttp.ClientConnectionError) or not str(error):
        return "the connection was closed"  # aiohttp's text has the whole URL
    return str(error)


def _payload_reason(error: Exception) -> str:
    text = str(error.__cause__ or error)
    if "ContentLength" in text or "Content-Length" in text or "content length" in text:
        return "fewer bytes came than Content-Length says"
    if "TransferEncoding" in text or "ransfer" in text:
        return "the last chunk is missing"
    return text
