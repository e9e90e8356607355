"""The way to the server in curl's words: proxies, TLS, limits, detours."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.core.escaping import REDACTED
from httpcli.core.plan import Journey, Proxy, Wire
from httpcli.core.tls import Tls
from httpcli.core.url import Url
from httpcli.protocol.proxies import proxy_of
from httpcli.report.redact import Hiding

_CONNECT = Wire().connect
"""The limit that is not said, because nobody typed it."""


def way(wire: Wire, url: Url, hiding: Hiding | None) -> Iterator[list[str]]:
    """Give the options for the way to a URL, each with its value."""
    if url.scheme == "https" or wire.version == "1.0":
        yield [f"--http{wire.version}"]
    proxy = proxy_of(url, wire)
    if proxy is not None:
        yield from _proxy(proxy, wire, hiding)
    elif wire.proxies:
        yield ["--noproxy", "*"]
    if wire.verify is False:
        yield ["--insecure"]
    elif wire.verify is not True:
        yield ["--capath" if wire.verify.endswith("/") else "--cacert", wire.verify]
    if wire.tls is not None:
        yield from _tls(wire.tls, hiding)
    yield from _limits(wire)
    yield from _detours(wire, url)


def user_and_password(user: str, password: str | None, hiding: Hiding | None) -> str:
    """Return credentials as curl takes them. A user without a password may be a token."""
    if password is None:
        return user
    if hiding is not None:
        user, password = (user, REDACTED) if password else (user and REDACTED, "")
    return f"{user}:{password}"


def journey(plan: Journey, url: Url) -> Iterator[list[str]]:
    """Give the options for redirects."""
    if not plan.follow:
        return
    yield ["--location-trusted" if plan.trust_redirects else "--location"]
    yield ["--max-redirs", str(plan.max_redirects or -1)]
    if url.scheme == "https" and not plan.allow_downgrade:
        yield ["--proto-redir", "=https"]


def _proxy(proxy: Proxy, wire: Wire, hiding: Hiding | None) -> Iterator[list[str]]:
    yield ["--proxy", proxy.url]
    if proxy.user or proxy.password:
        yield ["--proxy-user", user_and_password(proxy.user, proxy.password, hiding)]
    fields = wire.proxy_fields if hiding is None else hiding.fields(wire.proxy_fields)
    for field in fields:
        yield ["--proxy-header", f"{field.name}: {field.value}"]
    if wire.no_proxy:
        yield ["--noproxy", ",".join(wire.no_proxy)]


def _tls(tls: Tls, hiding: Hiding | None) -> Iterator[list[str]]:
    if tls.identity is not None:
        yield ["--cert", tls.identity.certificate.replace("\\", "\\\\").replace(":", "\\:")]
        yield ["--key", tls.identity.key]
        if tls.identity.passphrase:
            yield ["--pass", tls.identity.passphrase if hiding is None else REDACTED]
    if tls.oldest:
        yield [f"--tlsv{tls.oldest}"]
    if tls.newest:
        yield ["--tls-max", tls.newest]
    if tls.ciphers:
        yield ["--ciphers", tls.ciphers]


def _limits(wire: Wire) -> Iterator[list[str]]:
    if wire.connect is not None and wire.connect != _CONNECT:
        yield ["--connect-timeout", f"{wire.connect:g}"]
    if wire.silence is not None:
        # The nearest that curl has: no byte for so many (whole) seconds.
        yield ["--speed-limit", "1", "--speed-time", str(max(1, round(wire.silence)))]
    if wire.total is not None:
        yield ["--max-time", f"{wire.total:g}"]


def _detours(wire: Wire, url: Url) -> Iterator[list[str]]:
    socket = wire.sockets.get(url.origin, "")
    if socket.startswith("@"):
        yield ["--abstract-unix-socket", socket[1:]]
    elif socket:
        yield ["--unix-socket", socket]
    for detour in wire.detours:
        here = f"{_bracketed(detour.host)}:{'' if detour.port is None else detour.port}"
        port = "" if detour.port_there is None else detour.port_there
        yield ["--connect-to", f"{here}:{_bracketed(detour.there)}:{port}"]
    for (host, port), addresses in wire.answers.items():
        yield ["--resolve", f"{host}:{port}:{','.join(map(_bracketed, addresses))}"]
    if wire.name_servers:
        yield ["--dns-servers", ",".join(wire.name_servers)]
    if wire.family:
        yield [f"--ipv{wire.family}"]
    if wire.source is not None:
        if wire.source.address or wire.source.interface:
            yield ["--interface", wire.source.address or wire.source.interface]
        first, last = wire.source.ports
        if first:
            yield ["--local-port", str(first) if last in (0, first) else f"{first}-{last}"]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
