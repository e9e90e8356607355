"""Middleware that repeats a request without ``Expect`` if the server rejects it (417)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.events import Event, RequestChunk, ResponseStarted
from httpcli.core.request import Request
from httpcli.middleware.follow_ups import send_with_follow_ups

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send

_EXPECTATION_FAILED = 417


def with_expect_fallback(send: Send, *, read_bodies: bool = True) -> Send:
    """Wrap ``send`` so that a 417 is followed by the request without ``Expect``.

    ``read_bodies``: as in ``send_with_follow_ups``.
    """

    def sent(request: Request) -> AsyncGenerator[Event, None]:
        body_begun = False

        async def watched(current: Request) -> AsyncGenerator[Event, None]:
            nonlocal body_begun
            async with aclosing(send(current)) as events:
                async for event in events:
                    body_begun = body_begun or isinstance(event, RequestChunk)
                    yield event

        def follow(current: Request, response: ResponseStarted) -> Request | None:
            if response.status != _EXPECTATION_FAILED or not current.fields.has("Expect"):
                return None
            if body_begun and current.body is not None and not current.body.replayable:
                return None
            return current._replace(fields=current.fields.without("Expect"))

        return send_with_follow_ups(watched, request, follow, read_bodies=read_bodies)

    return sent
