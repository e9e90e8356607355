"""A response as it came: its head, and its content with codings undone, every cut noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import ClientResponse

from httpcli.model.errors import HttpcliError
from httpcli.model.events import ResponseStarted
from httpcli.model.exits import ExitStatus
from httpcli.model.fields import Field, Fields
from httpcli.model.url import Url
from httpcli.protocol.codings.chain import Chain, decoder_for


def head_of(response: ClientResponse, url: Url) -> ResponseStarted:
    """Return the response's head, every byte of it kept."""
    version = response.version
    return ResponseStarted(
        version=f"{version.major}.{version.minor}" if version else "1.1",
        status=response.status,
        reason=response.reason or "",
        fields=Fields(
            Field(
                name.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
            )
            for name, value in response.raw_headers
        ),
        url=url,
    )


def decoder_of(response: ClientResponse, url: Url) -> Chain | None:
    """Return what undoes all codings: the transfer's were applied last (RFC 9112, 7).

    Raises HttpcliError for a transfer coding that nobody knows.
    """
    transfer = [
        coding
        for value in response.headers.getall("Transfer-Encoding", ())
        for coding in value.lower().replace(" ", "").split(",")
        if coding not in ("chunked", "identity", "")
    ]
    content = response.headers.getall("Content-Encoding", ())
    decoder = decoder_for(", ".join([*content, *transfer]))
    if transfer and decoder is not None and decoder.unknown:
        raise HttpcliError(
            f"{url.authority}: the transfer coding {decoder.unknown} is not known",
            status=ExitStatus.INCOMPLETE,
        )
    return decoder


async def content_of(
    response: ClientResponse, url: Url, decoder: Chain | None
) -> AsyncIterator[bytes]:
    """Give the content as it comes. Raises HttpcliError where a coding is cut or broken."""
    if decoder is None:
        async for piece in response.content.iter_any():
            yield piece
        return
    try:
        async for piece in _decoded(response, decoder):
            yield piece
    except ValueError as error:
        raise HttpcliError(
            f"{url.authority}: the content is incomplete or corrupt: {error}",
            status=ExitStatus.INCOMPLETE,
        ) from error


async def _decoded(response: ClientResponse, decoder: Chain) -> AsyncIterator[bytes]:
    async for coded in response.content.iter_any():
        for piece in decoder.feed(coded):
            yield piece
            # A little input may stand for hours of output: the clock goes on meanwhile.
            await asyncio.sleep(0)
    decoder.flush()
