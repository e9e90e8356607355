"""Turns aiohttp's exceptions into ours: the one place that knows them."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import aiohttp
import yarl

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.plan import Proxy
from httpcli.model.registry import load
from httpcli.model.url import Url
from httpcli.transport.hop import Hop

_PROXY_FAILED = "httpcli.transport.proxy_failures:proxy_failed"


@contextmanager
def translated(url: Url, hop: Hop) -> Iterator[None]:
    """Raise HttpcliError for whatever goes wrong on the way to ``url`` and back.

    A cancelling says what was waited for: who counts all of the time tells it.
    """
    try:
        yield
    except asyncio.CancelledError as cancelled:
        cancelled.args = (hop.wait,)
        raise
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise _translate(error, url, hop) from error


def _translate(error: Exception, url: Url, hop: Hop) -> HttpcliError:
    ours = _underneath(error)
    if ours is not None:
        return ours
    if isinstance(error, aiohttp.ServerTimeoutError):
        return _timed_out(error, url, hop.wait)
    if hop.proxy is not None and _is_the_proxys(error, hop.proxy):
        proxy_failed: Callable[..., HttpcliError] = load(_PROXY_FAILED)
        return proxy_failed(error, url, hop.proxy, reason_of(error))
    for kind, translate in _KINDS:
        if isinstance(error, kind):
            return translate(error, url)
    return HttpcliError(f"{url.authority}: {reason_of(error)}")


def _underneath(error: BaseException) -> HttpcliError | None:
    """Return a failure of our own that aiohttp wrapped, as it does for a body's source."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, HttpcliError):
            return cause
        cause = cause.__cause__
    return None


def _is_the_proxys(error: Exception, proxy: Proxy) -> bool:
    """Tell whether it went wrong on the way to the proxy, or there."""
    if isinstance(error, (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)):
        return True
    if not isinstance(error, aiohttp.ClientConnectorError) or error.host is None:
        return False
    at = yarl.URL(proxy.url)
    return (error.host.strip("[]"), error.port) == (at.host, at.port)


def _timed_out(error: Exception, url: Url, wait: str) -> HttpcliError:
    connecting = isinstance(error, aiohttp.ConnectionTimeoutError)
    return HttpcliError(
        f"{url.authority}: timed out: {wait}",
        hint=f"--{'connect-timeout' if connecting else 'timeout'} sets how long to wait",
        status=ExitStatus.TIMED_OUT,
    )


def _no_name(error: Exception, url: Url) -> HttpcliError:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorDNSError) else error
    passing = isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN
    return HttpcliError(
        f"{url.host}: the host name was not resolved: {reason_of(cause)}",
        hint="the name server did not answer; try again" if passing else "check the name",
        status=ExitStatus.NAME_NOT_RESOLVED,
    )


_OWN_CA = "--verify=CA_FILE (or SSL_CERT_FILE) trusts your own CA"
_CURES = {
    9: "is this machine's clock right?",
    10: "the server must renew it (is this machine's clock right?)",
    62: "is that the server you mean?",
    64: "is that the server you mean?",
}
"""What helps, by OpenSSL's number of what is wrong (X509_V_ERR_…)."""


def _certificate(error: Exception, url: Url) -> HttpcliError:
    cause = getattr(error, "certificate_error", error)
    reason = getattr(cause, "verify_message", "") or reason_of(cause)
    code = getattr(cause, "verify_code", 0)
    return HttpcliError(
        f"{url.authority}: the certificate is not trusted: {reason}",
        hint=_CURES.get(code, _OWN_CA) + ", --verify=no checks nothing",
        status=ExitStatus.TLS,
    )


def _handshake(error: Exception, url: Url) -> HttpcliError:
    cause = getattr(error, "os_error", error)
    reason = getattr(cause, "reason", None) or reason_of(cause)
    hint = ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST"):
        hint = f"does it speak plain http? try http://{url.authority}"
    return HttpcliError(
        f"{url.authority}: the TLS handshake failed: {str(reason).replace('_', ' ').lower()}",
        hint=hint,
        status=ExitStatus.TLS,
    )


def _not_connected(error: Exception, url: Url) -> HttpcliError:
    return HttpcliError(f"{url.authority}: {reason_of(error)}", status=ExitStatus.NOT_CONNECTED)


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
    (aiohttp.ClientConnectorDNSError, _no_name),
    (aiohttp.ClientConnectorCertificateError, _certificate),
    (ssl.SSLCertVerificationError, _certificate),
    (aiohttp.ClientConnectorSSLError, _handshake),
    (ssl.SSLError, _handshake),
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
