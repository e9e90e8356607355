"""Translates the exceptions of aiohttp and asyncio into HttpcliError."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import TYPE_CHECKING, TypeVar

import aiohttp
import yarl

from httpcli.core.errors import CONNECT_FAILURE, DNS_FAILURE, TIMEOUT, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.protocol.http1_head import NOT_HTTP, Http1Error
from httpcli.transport.aiohttp.request import AiohttpAttempt
from httpcli.transport.dial.dns import NameServerError

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings
    from httpcli.transport.tls_errors import TlsFailure


_Kind = TypeVar("_Kind", bound=BaseException)


class translated_errors:  # noqa: N801 - used as a function
    """Raise HttpcliError for every failure of the exchange with ``url`` in the block.

    The phase or timeout reason and the timings become the arguments of a CancelledError, for
    the error of ``--max-time``. A class: a generator would cost more for each request.
    """

    def __init__(self, url: Url, attempt: AiohttpAttempt) -> None:
        self._url = url
        self._attempt = attempt

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if error is None:
            return
        attempt = self._attempt
        if isinstance(error, asyncio.CancelledError):
            error.args = (attempt.phase or attempt.timeout_reason, _timings(attempt))
            return
        if isinstance(error, HttpcliError):
            failure = _proxy_name_failure(error, attempt)
        elif isinstance(error, (TimeoutError, aiohttp.ClientError, Http1Error, OSError)):
            failure = _translate(error, self._url, attempt)
        else:
            return
        failure.timings = _timings(attempt)
        if failure is not error:
            raise failure from error


def _timings(attempt: AiohttpAttempt) -> Timings | None:
    """Return the timings of a failed attempt; None if they are not measured."""
    return None if attempt.stopwatch is None else attempt.stopwatch.read(failed=True)


def _translate(error: Exception, url: Url, attempt: AiohttpAttempt) -> HttpcliError:
    # Before the next one: the source of an upload may have sent an unreadable response.
    wrapped = find_cause(error, HttpcliError)
    if wrapped is not None:
        return wrapped
    unreadable = find_cause(error, Http1Error)
    if unreadable is not None:
        from httpcli.transport.response_errors import response_error

        is_the_proxys = attempt.is_opening_tunnel or (
            unreadable.problem == NOT_HTTP and attempt.is_forwarded
        )
        return response_error(unreadable, url, attempt.proxy if is_the_proxys else None)
    if isinstance(error, aiohttp.ServerTimeoutError):
        return _timed_out(error, url, attempt.timeout_reason)
    if attempt.proxy is not None and is_from_proxy(error, attempt.proxy):
        return _proxy_failure(error, url, attempt.proxy)
    if not isinstance(error, aiohttp.ClientSSLError):
        # In TLS 1.3 a server rejects the client's certificate only after the handshake.
        alert = find_cause(error, ssl.SSLError)
        if alert is not None and attempt.proxy is not None and is_alert_of_proxy(url, attempt):
            return _proxy_failure(alert, url, attempt.proxy)
        if alert is not None:
            return tls_failed(alert, url)
    for kind, translate in _TRANSLATIONS:
        if isinstance(error, kind):
            return translate(error, url)
    return HttpcliError(f"{url.authority}: {connection_error_reason(error)}")


def _proxy_name_failure(error: HttpcliError, attempt: AiohttpAttempt) -> HttpcliError:
    """Return the proxy's failure if a name server does not know its name, else ``error``.

    With an HTTP proxy no other name is resolved.
    """
    if not isinstance(error, NameServerError) or error.status is ExitStatus.TIMED_OUT:
        return error
    if attempt.proxy is None or not attempt.proxy.is_http:
        return error
    from httpcli.transport.proxy_errors import unreachable

    return unreachable(attempt.proxy, error.reason)


def _proxy_failure(error: Exception, url: Url, proxy: Proxy) -> HttpcliError:
    from httpcli.transport import proxy_errors

    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return proxy_errors.tls_with_proxy_failed(proxy, _describe_tls_failure(error, url))
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return proxy_errors.tunnel_refused(proxy, url, error.status, error.message)
    return proxy_errors.unreachable(proxy, connection_error_reason(error))


def is_alert_of_proxy(url: Url, attempt: AiohttpAttempt) -> bool:
    """Return whether a TLS alert is from the proxy and not from the origin behind it."""
    has_tls = attempt.proxy is not None and attempt.proxy.url.startswith("https")
    return has_tls and (url.scheme == "http" or attempt.is_opening_tunnel)


def find_cause(error: BaseException, kind: type[_Kind]) -> _Kind | None:
    """Return the first exception of this kind in the chain of causes; None without one.

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
    proxy_url = yarl.URL(proxy.url)
    return (error.host.strip("[]"), error.port) == (proxy_url.host, proxy_url.port)


def _timed_out(error: Exception, url: Url, reason: str) -> HttpcliError:
    connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
    failure = HttpcliError(
        f"{url.authority}: timed out: {reason}",
        hint=f"to wait longer: --{'connect-timeout' if connecting else 'timeout'} TIME",
        status=ExitStatus.TIMED_OUT,
    )
    return failure.as_transient(TIMEOUT, unsent=connecting)


def _not_resolved(error: Exception, url: Url) -> HttpcliError:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    is_transient = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
    failure = HttpcliError(
        f"{url.host}: host name not found: {connection_error_reason(cause)}",
        hint="the DNS server did not reply; try again later"
        if is_transient
        else "check the spelling",
        status=ExitStatus.NAME_NOT_RESOLVED,
    )
    return failure.as_transient(DNS_FAILURE if is_transient else "", unsent=True)


def _tls_cause(error: Exception) -> Exception:
    return getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error


def _describe_tls_failure(error: Exception, url: Url) -> TlsFailure:
    from httpcli.transport.tls_errors import describe_handshake_failure

    return describe_handshake_failure(_tls_cause(error), url)


def tls_failed(error: Exception, url: Url) -> HttpcliError:
    """Return the failure of a handshake, also for an alert that arrived after it."""
    from httpcli.transport.tls_errors import handshake_failed

    return handshake_failed(_tls_cause(error), url)


def _not_connected(error: Exception, url: Url) -> HttpcliError:
    failure = HttpcliError(
        f"{url.authority}: {connection_error_reason(error)}", status=ExitStatus.NOT_CONNECTED
    )
    # On an existing connection, the server may have received some of the request.
    return failure.as_transient(
        CONNECT_FAILURE, unsent=isinstance(error, aiohttp.ClientConnectorError)
    )


def _no_response(_error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(
        f"{url.authority}: the server closed the connection without a response",
        status=ExitStatus.NOT_CONNECTED,
    ).as_transient(CONNECT_FAILURE)


# In this order, because aiohttp's classes derive from each other.
_TRANSLATIONS = (
    (aiohttp.ClientConnectorDNSError, _not_resolved),
    (aiohttp.ClientSSLError, tls_failed),
    (ssl.SSLError, tls_failed),
    (aiohttp.ServerDisconnectedError, _no_response),
    (socket.gaierror, _not_resolved),
    ((aiohttp.ClientConnectionError, OSError), _not_connected),
)


def connection_error_reason(error: Exception) -> str:
    """Return the reason of an error, without its class, address and number."""
    from httpcli.transport.dial import tcp

    error = getattr(error, "os_error", None) or error
    if isinstance(error, OSError) and (
        not isinstance(error, aiohttp.ClientConnectionError) or error.errno in errno.errorcode
    ):
        return tcp.socket_error_reason(error)
    if isinstance(error, aiohttp.ClientConnectionError) or not str(error):
        return "the connection was closed"  # aiohttp's text contains the whole URL
    return str(error)
