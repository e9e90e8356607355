"""What aiohttp is given, and what it gives: sessions, heads and URLs, ours and its."""

from __future__ import annotations

from aiohttp import (
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    HttpVersion10,
    HttpVersion11,
)
from multidict import CIMultiDict
from yarl import URL

from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Network, Proxy
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.proxies import proxy_fields
from httpcli.transport.aiohttp.hop import Connector

_AS_TEXT = ("utf-8", "surrogateescape")
_MAX_FIELD = 1024 * 1024
_MAX_FIELDS = 10_000
"""aiohttp's own limits protect servers; a person wants to see what there is."""


def tunnel_head(request: Request, proxy: Proxy, network: Network) -> CIMultiDict[str]:
    """Return the fields of a CONNECT: our name, and who we are; nothing for the origin."""
    agent = request.fields.first("User-Agent")
    head = CIMultiDict((field.name, field.value) for field in proxy_fields(proxy, network))
    if agent is not None and "User-Agent" not in head:
        head["User-Agent"] = agent
    return head


def url_for(url: Url, there: tuple[str, int | None]) -> URL:
    """Return the URL for aiohttp, which must not quote or fold it again.

    ``there`` is who is connected to. The Host field is ours, and the name that
    TLS checks is said apart: nobody but the connector looks at it.
    """
    host, port = there
    return URL.build(
        scheme=url.scheme,
        host=f"[{host}]" if ":" in host else host,
        port=port,
        # An empty query is a query; yarl would drop its question mark.
        path=f"{url.path}?" if url.query == "" else url.path,
        query_string=url.query or "",
        encoded=True,
    )


def response_head(response: ClientResponse, url: Url) -> ResponseStarted:
    """Return the head that came from ``url``, as it was sent."""
    version = response.version
    return ResponseStarted(
        version=f"{version.major}.{version.minor}" if version else "1.1",
        status=response.status,
        reason=response.reason or "",
        fields=Fields(
            [
                Field(name.decode(*_AS_TEXT), value.decode(*_AS_TEXT))
                for name, value in response.raw_headers
            ]
        ),
        url=url,
    )


def new_session(network: Network, connector: Connector) -> ClientSession:
    """Return a session that adds nothing of its own to a request."""
    # To wait for one's turn in a limited pool is not to wait for a connection.
    crowded = network.pool_limits is not None and bool(
        network.pool_limits.max_connections or network.pool_limits.max_per_host
    )
    request_class, trace_configs = ClientRequest, None
    if network.record_connection or network.record_timings:
        from httpcli.transport.aiohttp.connection_info import Outgoing, traces

        request_class = Outgoing if network.record_connection else ClientRequest
        trace_configs = traces() if network.record_timings else None
    return ClientSession(
        connector=connector,
        # No cookies and no fields on the session: those would reach a proxy.
        cookie_jar=DummyCookieJar(),
        timeout=ClientTimeout(
            total=None,
            connect=None if crowded else network.connect_timeout,
            sock_connect=network.connect_timeout,
            sock_read=network.read_timeout,
        ),
        version=HttpVersion10 if network.http_version == "1.0" else HttpVersion11,
        auto_decompress=False,
        max_line_size=_MAX_FIELD,
        max_field_size=_MAX_FIELD,
        max_headers=max(_MAX_FIELDS, network.max_fields),
        request_class=request_class,
        trace_configs=trace_configs,
    )
