"""What is said where a proxy does not do what it was asked: which one, and what helps."""

from __future__ import annotations

import ssl

import aiohttp

from httpcli.core.errors import CONNECT, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Proxy
from httpcli.core.url import Url
from httpcli.transport.aiohttp.errors import tls_failed

_PASSING = (408, 429, 500, 502, 503, 504)
"""A proxy's answers to CONNECT that may be others the next time."""
_OTHER_WAYS = "--proxy names another, --noproxy goes around it"


def proxy_failed(error: Exception, url: Url, proxy: Proxy, reason: str) -> HttpcliError:
    """Return the failure; ``reason`` is why a connection to the proxy was not made."""
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError)):
        return _not_secured(error, url, proxy)
    if not isinstance(error, aiohttp.ClientHttpProxyError):
        return unreachable(proxy, reason)
    if error.status == 407:
        known = bool(proxy.user or proxy.password)
        what = "does not know this user or password" if known else "asks who you are"
        return _failure(f"the proxy {proxy.url} {what}: 407", "--proxy-auth USER:PASSWORD")
    answer = f"{error.status} {error.message}".strip()
    failure = _failure(
        f"the proxy {proxy.url} refused to connect to {url.authority}: {answer}", _OTHER_WAYS
    )
    return failure.as_transient(CONNECT if error.status in _PASSING else "", unsent=True)


def _not_secured(error: Exception, url: Url, proxy: Proxy) -> HttpcliError:
    told = tls_failed(error, url)
    message = f"the proxy {proxy.url}: {told.message.removeprefix(f'{url.authority}: ')}"
    hint = _OTHER_WAYS
    if "client certificate" in message:
        message = f"the proxy {proxy.url} wants a client certificate, which it cannot be shown"
    if "does not speak TLS" in message:
        hint = "does it speak plain http? --proxy=http://HOST:PORT"
    return _failure(message, hint)


def socks_failed(proxy: Proxy, url: str, reason: str) -> HttpcliError:
    """Return the failure of a SOCKS proxy to connect to ``url``'s host."""
    login = "auth" in reason.lower()
    hint = "--proxy-auth USER:PASSWORD" if login else _OTHER_WAYS
    failure = _failure(f"the proxy {proxy.url} did not connect to {url}: {reason}", hint)
    return failure.as_transient("" if login else CONNECT, unsent=True)


def unreachable(proxy: Proxy, reason: str) -> HttpcliError:
    """Return the failure to come as far as the proxy."""
    failure = _failure(f"the proxy {proxy.url} cannot be reached: {reason}", _OTHER_WAYS)
    return failure.as_transient(CONNECT, unsent=True)


def _failure(message: str, hint: str) -> HttpcliError:
    return HttpcliError(message, hint=hint, status=ExitStatus.PROXY)
