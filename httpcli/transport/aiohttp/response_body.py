"""A response's head as it came, its content with the codings undone, and every cut noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from aiohttp import ClientError, ClientResponse

from httpcli.core.errors import TRUNCATED, HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.protocol.codings import Chain, decoder_for

if TYPE_CHECKING:
    from httpcli.transport.rate_limit import RateLimit


_KEPT = 2 << 20
"""Bytes of a block that is larger than any piece of content."""


def keep_memory() -> None:
    """Have what one piece of content was in used for the next one.

    glibc hands memory of large blocks back to the system, and each piece had its pages
    made anew: 100,000 page faults in a gigabyte. Once a larger block has been
    freed it keeps them (mallopt(3), M_MMAP_THRESHOLD); nobody writes to this one, so
    that it costs no memory. Elsewhere it does no harm.
    """
    bytes(_KEPT)


def decoder_of(response: ClientResponse, request: Request) -> Chain | None:
    """Return what undoes all codings: the transfer's were applied last (RFC 9112, 7).

    Content that is coded as the request wants to keep it stays so. Raises
    HttpcliError for a transfer coding that nobody knows.
    """
    headers = response.headers
    if "Content-Encoding" not in headers and "Transfer-Encoding" not in headers:
        return None
    transfer = [
        coding
        for value in headers.getall("Transfer-Encoding", ())
        for coding in value.lower().replace(" ", "").split(",")
        if coding not in ("chunked", "identity", "")
    ]
    content = headers.getall("Content-Encoding", ())
    if request.kept_codings and request.keeps_coding(",".join(content)):
        content = ()
    decoder = decoder_for(", ".join([*content, *transfer]))
    if transfer and decoder is not None and decoder.unknown:
        raise HttpcliError(
            f"{request.url.authority}: the transfer coding {decoder.unknown} is not known",
            status=ExitStatus.INCOMPLETE,
        )
    return decoder


def content_of(
    response: ClientResponse, url: Url, decoder: Chain | None, flow: RateLimit | None = None
) -> AsyncIterator[bytes]:
    """Give the content as it comes. Raises HttpcliError where a coding is cut or broken."""
    pieces = _coming(response)
    if flow is not None:
        pieces = flow.received(pieces, url)
    return pieces if decoder is None else _uncoded(pieces, url, decoder)


async def _uncoded(pieces: AsyncIterator[bytes], url: Url, decoder: Chain) -> AsyncIterator[bytes]:
    """Give content with its codings undone. Raises HttpcliError where one is cut or broken."""
    try:
        async for piece in _decoded(pieces, decoder):
            yield piece
    except (ValueError, EOFError) as error:
        failure = HttpcliError(
            f"{url.authority}: the content is incomplete or corrupt: {error}",
            status=ExitStatus.INCOMPLETE,
        )
        # What is only cut may come whole the next time.
        raise failure.as_transient(TRUNCATED if isinstance(error, EOFError) else "") from error


def leave(response: ClientResponse) -> None:
    """Break the connection off where nobody wants the rest.

    After the last byte it is back in the pool already, and aiohttp would only
    make an error for a reader that there is not.
    """
    if not response.closed:
        response.close()


async def _coming(response: ClientResponse) -> AsyncIterator[bytes]:
    """Give what comes, and at a failure what came before it: aiohttp forgets what nobody read."""
    content = response.content
    try:
        while piece := await content.readany():
            yield piece
    except (ClientError, OSError):
        rest = b"".join(content._read_nowait_chunk(-1) for _ in range(len(content._buffer)))
        if rest:
            yield rest
        raise


async def _decoded(pieces: AsyncIterator[bytes], decoder: Chain) -> AsyncIterator[bytes]:
    async for coded in pieces:
        for piece in decoder.feed(coded):
            yield piece
            # A little input may stand for hours of output: the clock goes on meanwhile.
            await asyncio.sleep(0)
    try:
        decoder.flush()
    except ValueError as error:
        raise EOFError(*error.args) from error
