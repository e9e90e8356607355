"""A skin that sends the content unasked to a server that does not know ``Expect``.

It says so by 417 (RFC 9110, 15.5.18). Any other refusal is its answer, and the
content stays unsent.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk, ResponseStarted
from httpcli.core.request import Request
from httpcli.middleware.follow_ups import hops

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send

_EXPECTATION_FAILED = 417


def insisting(send: Send, *, shown: bool = True) -> Send:
    """Wrap ``send`` so that a 417 is answered with the request without its expectation.

    ``shown``: the content of such a response is wanted.
    """

    def sent(request: Request) -> AsyncGenerator[Event, None]:
        begun = False

        async def watched(step: Request) -> AsyncGenerator[Event, None]:
            nonlocal begun
            async with aclosing(send(step)) as events:
                async for event in events:
                    begun = begun or isinstance(event, RequestChunk)
                    yield event

        def following(step: Request, response: ResponseStarted) -> Request | None:
            if response.status != _EXPECTATION_FAILED or not step.fields.has("Expect"):
                return None
            if begun and step.body is not None and not step.body.replayable:
                return None
            return step._replace(fields=step.fields.without("Expect"))

        return hops(watched, request, following, shown=shown)

    return sent
