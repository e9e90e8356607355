"""Makes the head of a request: request line, Host, headers, and the length of the body.

``--offline``, reports and the transport all use the same head.
"""

from __future__ import annotations

from collections.abc import Iterable

from httpcli.core.errors import UsageError
from httpcli.core.events import RequestStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request

_FRAMING_FIELDS = frozenset({"host", "transfer-encoding", "content-length"})
_METHODS_WITH_BODY = frozenset({"PATCH", "POST", "PUT"})


def frame_request(
    request: Request, *, via_proxy: bool = False, version: str = "1.1"
) -> RequestStarted:
    """Return the request line and headers of the request.

    ``via_proxy``: it is sent to an HTTP proxy, with the URL as the target if it is http
    (RFC 9112, 3.2.2); https uses a tunnel. Raises UsageError for ``version`` 1.0 if the
    length of the body is unknown: it has no chunks (RFC 9112, 6.1).
    """
    url = request.url
    absolute = via_proxy and url.scheme == "http"
    framing = Fields([field for field in request.fields if field.name.lower() in _FRAMING_FIELDS])
    # Typed framing headers are replaced: there must not be two of them (RFC 9112, 6.1).
    others = request.fields.without(*_FRAMING_FIELDS) if framing else request.fields
    return RequestStarted(
        method=request.method,
        target=str(url) if absolute else url.target,
        url=url,
        fields=Fields((*_host(request, framing), *others, *_framing(request, framing, version))),
        version=version,
    )


def _host(request: Request, framing: Fields) -> Iterable[Field]:
    """Return the Host header: the typed one, else the URL's authority unless it was unset."""
    typed = [field for field in framing if field.name.lower() == "host"]
    if typed or "host" in request.removed_defaults:
        return typed
    return (Field("Host", request.url.authority),)


def _framing(request: Request, framing: Fields, version: str) -> Iterable[Field]:
    """Return the header that states the length of the body."""
    if request.body is None:
        return _without_body(request, framing)
    length = request.body.length
    if request.chunked or length is None:
        if version == "1.0":
            raise UsageError(
                "HTTP/1.0 cannot send a body of unknown length",
                hint="send a file, or remove --http1.0",
            )
        return [Field("Transfer-Encoding", "chunked")]
    return [Field("Content-Length", str(length))]


def _without_body(request: Request, framing: Fields) -> Iterable[Field]:
    """Return ``Content-Length: 0`` for methods that usually have a body (RFC 9110, 8.6)."""
    if "content-length" in request.removed_defaults:
        return []
    typed_zero = framing.first("Content-Length") == "0"  # any other length would be wrong
    if not typed_zero and request.method not in _METHODS_WITH_BODY:
        return []
    return [Field("Content-Length", "0")]
