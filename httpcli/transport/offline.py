"""A Send that connects nowhere: the request is made, told, and that is all."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk
from httpcli.core.plan import Network
from httpcli.core.request import Request
from httpcli.protocol.proxies import head_by, proxy_of

if TYPE_CHECKING:
    from httpcli.core.interfaces import OpenBody, Send


def offline(open_body: OpenBody, network: Network) -> Send:
    """Return a Send that tells the request as ``network`` would carry it, and never answers."""

    async def send(request: Request) -> AsyncGenerator[Event, None]:
        yield head_by(request, proxy_of(request.url, network), network)
        if request.body is not None:
            async for piece in open_body(request.body):
                yield RequestChunk(piece)

    return send
