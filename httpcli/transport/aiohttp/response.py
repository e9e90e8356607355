"""Reads a response: its head as it was sent, and its body, decoded and checked for truncation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientResponse

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.events import OtherHead, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.codings import ContentDecoder, decoder_for
from httpcli.protocol.http1_head import Head, Http1Error
from httpcli.transport.aiohttp.http1_protocol import ReceivedResponse

if TYPE_CHECKING:
    from httpcli.transport.rate_limit import RateLimit

_LARGE_BLOCK = 2 << 20
"""Bytes; larger than any piece of a body."""


def raise_mmap_threshold() -> None:
    """Make glibc reuse the memory of each piece of a body for the next one.

    glibc returns the memory of large blocks to the system, which costs 100,000 page
    faults for each gigabyte. After a larger block has been freed it keeps them
    (mallopt(3), M_MMAP_THRESHOLD). Nothing is written to this block, so it takes no
    memory. With other C libraries this has no effect.
    """
    bytes(_LARGE_BLOCK)


def received_response(response: ClientResponse) -> ReceivedResponse:
    """Return what our reader delivered: aiohttp passes it on as the raw headers."""
    received: object = response.raw_headers
    if not isinstance(received, ReceivedResponse):
        raise TypeError("aiohttp did not use our reader")
    return received


def response_head(received: ReceivedResponse, url: Url) -> ResponseStarted:
    """Return the head of the response from ``url``, as it was sent."""
    head = received.head
    return ResponseStarted(
        head.version,
        head.status,
        head.reason,
        head.fields,
        url,
        head_size=len(head.raw),
        interim=tuple(map(other_head, received.interim)) if received.interim else (),
    )


def other_head(head: Head) -> OtherHead:
    """Return the head of an interim response, or of a proxy's response to a CONNECT."""
    return OtherHead(head.version, head.status, head.reason, head.fields)


def response_decoder(fields: Fields, request: Request) -> ContentDecoder | None:
    """Return the decoder for all codings; None if the body has none.

    Transfer codings were applied last (RFC 9112, 7). The content codings in
    ``request.kept_codings`` are not decoded. Raises HttpcliError for an unknown
    transfer coding.
    """
    transfer = [coding for coding in fields.transfer_codings if coding != "chunked"]
    content = fields.all_values("Content-Encoding")
    if not content and not transfer:
        return None
    if request.kept_codings and request.keeps_coding(",".join(content)):
        content = []
    decoder = decoder_for(", ".join([*content, *transfer]))
    if transfer and decoder is not None and decoder.unknown:
        raise HttpcliError(
            f"{request.url.authority}: transfer coding {decoder.unknown} is not supported",
            status=ExitStatus.INCOMPLETE,
        )
    return decoder


def read_body(
    response: ClientResponse,
    url: Url,
    decoder: ContentDecoder | None,
    limit: RateLimit | None = None,
) -> AsyncIterator[bytes]:
    """Yield the body as it is received, decoded. Raises HttpcliError for corrupt codings."""
    pieces = _received(response)
    if limit is not None:
        pieces = limit.pieces_in_time(pieces, url)
    return pieces if decoder is None else _decoded(pieces, url, decoder)


async def _received(response: ClientResponse) -> AsyncIterator[bytes]:
    """Yield the received bytes.

    Before an error, also yield the bytes that aiohttp has buffered and would discard.
    """
    content = response.content
    try:
        while piece := await content.readany():
            yield piece
    except (ClientError, Http1Error, OSError):
        rest = b"".join(content._read_nowait_chunk(-1) for _ in range(len(content._buffer)))
        if rest:
            yield rest
        raise


async def _decoded(
    pieces: AsyncIterator[bytes], url: Url, decoder: ContentDecoder
) -> AsyncIterator[bytes]:
    """Yield the decoded body. Raises HttpcliError for corrupt or incomplete data."""
    try:
        async for piece in _decoded_pieces(pieces, decoder):
            yield piece
    except (ValueError, EOFError) as error:
        failure = HttpcliError(
            f"{url.authority}: incomplete or invalid body: {error}",
            status=ExitStatus.INCOMPLETE,
        )
        # A body that is only truncated may be complete at the next attempt.
        raise failure.as_transient(TRUNCATED if isinstance(error, EOFError) else "") from error


async def _decoded_pieces(
    pieces: AsyncIterator[bytes], decoder: ContentDecoder
) -> AsyncIterator[bytes]:
    """Yield decoded pieces. Raises ValueError for corrupt data, EOFError for an early end."""
    async for coded in pieces:
        for piece in decoder.feed(coded):
            yield piece
            # A little input may decode to hours of output: let timeouts take effect.
            await asyncio.sleep(0)
    try:
        decoder.flush()
    except ValueError as error:
        raise EOFError(*error.args) from error


def close_unfinished(response: ClientResponse) -> None:
    """Close the connection if the body was not read to its end.

    After the last byte the connection is in the pool already, and closing the response
    would create a future whose exception is never retrieved.
    """
    if not response.closed:
        response.close()
