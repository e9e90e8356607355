"""Chooses the proxy of a request from options and environment variables.

Lower-case variables go before upper-case ones. HTTP_PROXY is ignored in a CGI program
(REQUEST_METHOD is set), where a client can set it with a Proxy header.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Mapping, Sequence

from httpcli.core.errors import HostError, HttpcliError, UsageError
from httpcli.core.events import RequestStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Field
from httpcli.core.plan import Network, Proxy
from httpcli.core.request import Request
from httpcli.core.url import (
    DEFAULT_PORTS,
    Url,
    canonical_host,
    host_is_ip,
    normalize_host,
    unquote,
)
from httpcli.protocol.request_head import frame_request

# A string, not a compiled pattern: most runs have no proxy.
_PROXY = (
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?P<userinfo>[^/?#]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s]+)(?::(?P<port>[0-9]{1,5}))?/?"
)
_SOCKS = 1080
_PORTS = {**DEFAULT_PORTS, **dict.fromkeys(("socks4", "socks4a", "socks5", "socks5h"), _SOCKS)}
_ALIASES = {"socks": "socks5"}
"""Other names of schemes: GNOME and many programs set ``all_proxy=socks://...``."""
_SEPARATORS = r"[\s,]+"


def proxies_from_environment(env: Mapping[str, str]) -> Mapping[str, Proxy]:
    """Return the proxies by URL scheme. An empty variable means no proxy.

    The error of an invalid proxy is stored in it and raised when it is used: an invalid
    https_proxy does not affect http URLs.
    """
    proxies: dict[str, Proxy] = {}
    for scheme in DEFAULT_PORTS:
        variable = _variable(env, f"{scheme}_proxy") or _variable(env, "all_proxy")
        if variable is None or not variable[1].strip():
            continue
        try:
            proxies[scheme] = parse_proxy(variable[1])
        except UsageError as error:
            proxies[scheme] = Proxy("", error=f"{variable[0]}: {error.message}")
    return proxies


def no_proxy_from_environment(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the entries of no_proxy: the hosts for direct connections."""
    variable = _variable(env, "no_proxy")
    return parse_no_proxy(variable[1]) if variable else ()


def parse_no_proxy(text: str) -> tuple[str, ...]:
    """Return the entries of a list separated by commas or blanks."""
    return tuple(filter(None, re.split(_SEPARATORS, text)))


def parse_proxy(text: str) -> Proxy:
    """Parse ``[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]``.

    The scheme is http (the default), https, socks4, socks4a, socks5 (or socks) or socks5h; with
    socks4a and socks5h the proxy resolves names. Percent-escapes in the userinfo are
    decoded. Raises UsageError.
    """
    if not text.strip():
        raise UsageError("the proxy URL is empty", hint="to use no proxy: --noproxy='*'")
    match = re.fullmatch(_PROXY, text.strip())
    if match is None:
        raise UsageError("invalid proxy: expected SCHEME://HOST:PORT")
    scheme = (match["scheme"] or "http").lower()
    scheme = _ALIASES.get(scheme, scheme)
    if scheme not in _PORTS:
        # The names are in the message: the error of a variable has another hint.
        raise UsageError(f"{scheme} proxies are not supported (supported: {', '.join(_PORTS)})")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 1 <= port <= 65535:
        raise UsageError(f"invalid proxy port {port}: must be between 1 and 65535")
    try:
        host = normalize_host(match["host"])
    except HostError as error:
        raise UsageError(f"invalid proxy: {error}") from None
    authority = f"[{host}]" if ":" in host else host
    if scheme not in DEFAULT_PORTS or port not in (None, DEFAULT_PORTS[scheme]):
        authority += f":{port or _PORTS[scheme]}"
    user, _, password = (match["userinfo"] or "").partition(":")
    return Proxy(f"{scheme}://{authority}", unquote(user), unquote(password))


def network_proxy(url: Url, network: Network) -> Proxy | None:
    """Return the proxy for a URL, as ``proxy_for`` does; None for a Unix socket."""
    if network.unix_sockets and url.origin in network.unix_sockets:
        return None
    return proxy_for(url, network.proxies, network.no_proxy)


def proxy_for(url: Url, proxies: Mapping[str, Proxy], no_proxy: Sequence[str]) -> Proxy | None:
    """Return the proxy for a URL; None for a direct connection.

    A proxy for the host goes before one for the scheme. Raises HttpcliError with status
    PROXY if the proxy is invalid.
    """
    if not proxies:
        return None
    proxy = proxies.get(f"{url.scheme}://{canonical_host(url.host)}") or proxies.get(url.scheme)
    if proxy is None or matches_no_proxy(url, no_proxy):
        return None
    if proxy.error:
        raise HttpcliError(
            proxy.error,
            hint="use --proxy URL, or exclude the host with no_proxy",
            status=ExitStatus.PROXY,
        )
    return proxy


def matches_no_proxy(url: Url, no_proxy: Sequence[str]) -> bool:
    """Return whether an entry of no_proxy matches the URL.

    An entry is ``*``, a domain, an address or a network (``10.0.0.0/8``). A domain
    includes its subdomains, with or without a leading dot. All but a network can have a
    port. Invalid entries match nothing.
    """
    return any(_matches(url, entry.strip().lower()) for entry in no_proxy)


def frame_for_proxy(request: Request, proxy: Proxy | None, network: Network) -> RequestStarted:
    """Return the request line and headers to send, through a proxy or directly (None).

    Raises UsageError as ``frame_request`` does.
    """
    # A WebSocket uses a tunnel, which is opened with another request.
    via_proxy = proxy is not None and proxy.is_http and request.websocket is None
    head = frame_request(request, via_proxy=via_proxy, version=network.http_version)
    if proxy is None or not via_proxy or request.url.scheme != "http":
        return head
    return head._replace(fields=head.fields.plus(proxy_fields(proxy, network)))


def proxy_fields(proxy: Proxy, network: Network) -> list[Field]:
    """Return the headers for the proxy, credentials first.

    aiohttp would encode credentials as Latin-1, and not send them with every request.
    """
    fields = list(network.proxy_fields)
    if not (proxy.user or proxy.password) or network.proxy_fields.has("Proxy-Authorization"):
        return fields
    pair = f"{proxy.user}:{proxy.password}".encode("utf-8", "surrogateescape")
    token = b2a_base64(pair, newline=False).decode("ascii")
    return [Field("Proxy-Authorization", f"Basic {token}", secret=True), *fields]


def _matches(url: Url, entry: str) -> bool:
    if entry == "*":
        return True
    host, port = _entry_host_and_port(entry)
    if port and port != str(url.effective_port):
        return False
    url_host = canonical_host(url.host)
    if not host_is_ip(url_host):
        domain = canonical_host(host.removeprefix("*").lstrip("."))
        return bool(domain) and f".{url_host}".endswith(f".{domain}")
    if canonical_host(host) == url_host:
        return True
    if "/" not in host and ":" not in host:
        return False
    try:
        # Imported here, because networks are rare in no_proxy.
        from ipaddress import ip_address, ip_network

        return bool(ip_address(url_host.partition("%")[0]) in ip_network(host, strict=False))
    except ValueError:
        return False


def _entry_host_and_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        host, _, port = entry[1:].partition("]")
        return host, port.removeprefix(":")
    if entry.count(":") == 1:
        host, _, port = entry.partition(":")
        return host, port
    return entry, ""


def _variable(env: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Return the name and value of a variable, in lower case, else in upper case."""
    upper = name.upper()
    if name in env:
        return name, env[name]
    if upper in env and not (upper == "HTTP_PROXY" and "REQUEST_METHOD" in env):
        return upper, env[upper]
    return None
