"""Pages with fixed content: bytes, ranges, content codings and documents."""

from __future__ import annotations

import gzip as gzip_codec
import random
import re
import sys
import zlib
from collections.abc import Callable

import brotli as brotli_codec
from aiohttp import web

from httpcli.echo.anything import describe_request
from httpcli.echo.responses import json_bytes, parse_whole_number

if sys.version_info >= (3, 14):
    from compression import zstd as zstd_codec
else:
    from backports import zstd as zstd_codec

_MAX_BYTES = 1 << 40
# A prime length: with a round one, an offset that is wrong by a round number would go unnoticed.
_BLOCK = random.Random(0).randbytes(65521)  # noqa: S311  # test content, not a secret
_RANGE = re.compile(r"bytes=(\d{1,15})?-(\d{1,15})?", re.ASCII)

_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip_codec.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": brotli_codec.compress,
    "zstd": zstd_codec.compress,
}
"""The function that encodes content, by the coding's name; reproducible."""

_JSON = """\
{
  "title": "Shopping list",
  "owner": {"name": "Zoë", "id": 12345678901234567890},
  "items": [
    {"name": "bread", "price": 3.10, "bought": true},
    {"name": "tea \\u2615", "price": 1e1, "bought": false, "note": null}
  ]
}
"""
_HTML = """\
<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Shopping list</title>
  </head>
  <body>
    <h1>Shopping list</h1>
    <p>Bread &amp; tea, for Zoë.</p>
  </body>
</html>
"""
_XML = """\
<?xml version="1.0" encoding="utf-8"?>
<list title="Shopping list" owner="Zoë">
  <!-- two things -->
  <item price="3.10" bought="true">bread</item>
  <item price="10" bought="false">tea</item>
</list>
"""


async def fixed_bytes(request: web.Request) -> web.StreamResponse:
    """Send the requested number of bytes; a repeated request gets equal bytes."""
    count = parse_whole_number(request.match_info["count"], 0, _MAX_BYTES, "a number of bytes")
    return await _send(request, 0, count, web.StreamResponse())


async def ranged(request: web.Request) -> web.StreamResponse:
    """Send the bytes of /bytes, or one range of them (RFC 9110, 14)."""
    count = parse_whole_number(request.match_info["count"], 0, _MAX_BYTES, "a number of bytes")
    etag = f'"range-{count}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag}
    requested = _requested_range(request, etag)
    if requested is None:
        return await _send(request, 0, count, web.StreamResponse(headers=headers))
    start, end = _range_bounds(requested, count)
    if start >= end:
        headers["Content-Range"] = f"bytes */{count}"
        return web.Response(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{count}"
    response = web.StreamResponse(status=206, headers=headers)
    return await _send(request, start, end, response)


async def gzip(request: web.Request) -> web.Response:
    """Respond as /anything, in gzip."""
    return await _encoded(request, "gzip")


async def deflate(request: web.Request) -> web.Response:
    """Respond as /anything, in deflate."""
    return await _encoded(request, "deflate")


async def brotli(request: web.Request) -> web.Response:
    """Respond as /anything, in br."""
    return await _encoded(request, "br")


async def zstd(request: web.Request) -> web.Response:
    """Respond as /anything, in zstd."""
    return await _encoded(request, "zstd")


async def json(_: web.Request) -> web.Response:
    """Send a JSON document."""
    return web.Response(body=_JSON.encode(), content_type="application/json")


async def html(_: web.Request) -> web.Response:
    """Send an HTML document."""
    return web.Response(body=_HTML.encode(), content_type="text/html", charset="utf-8")


async def xml(_: web.Request) -> web.Response:
    """Send an XML document."""
    return web.Response(body=_XML.encode(), content_type="application/xml")


async def _encoded(request: web.Request, coding: str) -> web.Response:
    body = _ENCODERS[coding](json_bytes(await describe_request(request)))
    headers = {"Content-Encoding": coding}
    return web.Response(body=body, headers=headers, content_type="application/json")


async def _send(
    request: web.Request, start: int, end: int, response: web.StreamResponse
) -> web.StreamResponse:
    """Send the bytes from ``start`` to ``end``, in constant memory."""
    response.content_type = "application/octet-stream"
    response.content_length = end - start
    await response.prepare(request)
    while start < end and request.method != "HEAD":
        offset = start % len(_BLOCK)
        piece = _BLOCK[offset : offset + end - start]
        await response.write(piece)
        start += len(piece)
    return response


def _requested_range(request: web.Request, etag: str) -> re.Match[str] | None:
    """Return the range to send; None if it is malformed, or If-Range names an old ETag."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if match is None or match.groups() == (None, None):
        return None
    return None if _is_backwards(match) else match


def _is_backwards(match: re.Match[str]) -> bool:
    first, last = match.groups()
    return first is not None and last is not None and int(first) > int(last)


def _range_bounds(requested: re.Match[str], count: int) -> tuple[int, int]:
    """Return the start and the end of the range; if it is empty, it cannot be satisfied."""
    first, last = requested.groups()
    if first is None:
        return max(0, count - int(last)), count
    return int(first), count if last is None else min(count, int(last) + 1)
