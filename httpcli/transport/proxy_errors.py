"""The errors of proxies: each names the proxy, and has a hint how to avoid it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import Url

if TYPE_CHECKING:
    from httpcli.transport.tls_errors import TlsFailure

_TRANSIENT = (408, 429, 500, 502, 503, 504)
"""Responses to CONNECT that may be different at the next attempt."""
_OTHER_PROXY = "to use another proxy: --proxy URL; to use none: --noproxy HOST"


def unreachable(proxy: Proxy, reason: str) -> HttpcliError:
    """Return the error of a proxy to which no connection was made."""
    failure = _failure(f"cannot connect to the proxy {proxy.url}: {reason}", _OTHER_PROXY)
    return failure.as_transient(CONNECT_FAILURE, unsent=True)


def bad_response(proxy: Proxy, reason: str) -> HttpcliError:
    """Return the error of a proxy whose own response cannot be read.

    ``reason``: the end of a sentence about the response.
    """
    failure = _failure(f"the response of the proxy {proxy.url} {reason}", _OTHER_PROXY)
    return failure.as_transient(CONNECT_FAILURE, unsent=True)


def tunnel_refused(proxy: Proxy, url: Url, status: int, reason: str) -> HttpcliError:
    """Return the error of a proxy that answered CONNECT with ``status`` and ``reason``."""
    if status == 407:
        known = bool(proxy.user or proxy.password)
        what = "rejected the user name or password" if known else "requires a user and password"
        return _failure(f"the proxy {proxy.url} {what}: 407", "use --proxy-auth USER:PASSWORD")
    answer = f"{status} {reason}".strip()
    failure = _failure(
        f"the proxy {proxy.url} refused to connect to {url.authority}: {answer}", _OTHER_PROXY
    )
    return failure.as_transient(CONNECT_FAILURE if status in _TRANSIENT else "", unsent=True)


def response_over_limit(proxy: Proxy, excess: str, hint: str) -> HttpcliError:
    """Return the error of a proxy whose response to CONNECT has too much of something."""
    return _failure(f"the proxy {proxy.url} sent a response with {excess}", hint)


def tls_with_proxy_failed(proxy: Proxy, failure: TlsFailure) -> HttpcliError:
    """Return the error of a TLS handshake with the proxy."""
    from httpcli.transport.tls_errors import TlsFailureKind

    message = f"the proxy {proxy.url}: {failure.message}"
    hint = _OTHER_PROXY
    if failure.kind is TlsFailureKind.CLIENT_CERTIFICATE:
        message = f"the proxy {proxy.url} requires a client certificate, which is not supported"
    if failure.kind is TlsFailureKind.NOT_TLS:
        hint = "is it an http proxy? --proxy=http://HOST:PORT"
    return _failure(message, hint)


def socks_failed(
    proxy: Proxy, authority: str, reason: str, *, needs_credentials: bool
) -> HttpcliError:
    """Return the error of a SOCKS proxy that did not connect to ``authority``.

    ``needs_credentials``: it rejected the login.
    """
    hint = "use --proxy-auth USER:PASSWORD" if needs_credentials else _OTHER_PROXY
    failure = _failure(f"the proxy {proxy.url} could not connect to {authority}: {reason}", hint)
    return failure.as_transient("" if needs_credentials else CONNECT_FAILURE, unsent=True)


def _failure(message: str, hint: str) -> HttpcliError:
    return HttpcliError(message, hint=hint, status=ExitStatus.PROXY)
