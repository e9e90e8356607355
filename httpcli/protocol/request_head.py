"""The request head as it stands on the wire: Host first, the fields, then how the body is framed.

Pure, so that what is shown offline, what is reported and what is sent are one value.
"""

from __future__ import annotations

from collections.abc import Iterable

from httpcli.core.errors import UsageError
from httpcli.core.events import RequestStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.request import Request

_OURS = frozenset({"host", "transfer-encoding", "content-length"})
_EXPECT_CONTENT = frozenset({"PATCH", "POST", "PUT"})


def frame_request(
    request: Request, *, via_proxy: bool = False, version: str = "1.1"
) -> RequestStarted:
    """Return the request line and headers of the request.

    ``via_proxy``: it goes to an HTTP proxy; for http the target is then in
    absolute form (RFC 9112, 3.2.2), https goes through a tunnel as ever.
    Raises UsageError where ``version`` is 1.0 and the content's length is not
    known: 1.0 has no other way to say where it ends (RFC 9112, 6.1).
    """
    url = request.url
    absolute = via_proxy and url.scheme == "http"
    ours = Fields([field for field in request.fields if field.name.lower() in _OURS])
    # Framing is ours alone (RFC 9112, 6.1: never two ways), but mostly nobody typed any.
    others = request.fields.without(*_OURS) if ours else request.fields
    return RequestStarted(
        method=request.method,
        target=str(url) if absolute else url.target,
        url=url,
        fields=Fields((*_host(request, ours), *others, *_framing(request, ours, version))),
        version=version,
    )


def _host(request: Request, ours: Fields) -> Iterable[Field]:
    """Give the Host field: the user's, or the URL's authority unless it was taken away."""
    typed = [field for field in ours if field.name.lower() == "host"]
    if typed or "host" in request.removed_defaults:
        return typed
    return (Field("Host", request.url.authority),)


def _framing(request: Request, ours: Fields, version: str) -> Iterable[Field]:
    """Give the field that says where the content ends."""
    if request.body is None:
        return _no_content(request, ours)
    length = request.body.length
    if request.chunked or length is None:
        if version == "1.0":
            raise UsageError(
                "HTTP/1.0 has no chunks, and the length of the content is not known",
                hint="send a file, or leave --http1.0 out",
            )
        return [Field("Transfer-Encoding", "chunked")]
    return [Field("Content-Length", str(length))]


def _no_content(request: Request, ours: Fields) -> Iterable[Field]:
    """Say ``Content-Length: 0`` where a server expects content (RFC 9110, 8.6)."""
    if "content-length" in request.removed_defaults:
        return []
    asked = ours.first("Content-Length") == "0"  # the only length that is true
    if not asked and request.method not in _EXPECT_CONTENT:
        return []
    return [Field("Content-Length", "0")]
