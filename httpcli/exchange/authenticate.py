"""A skin that lets an authentication flow turn one request, and its answers, into the next."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.model.events import Event, ResponseStarted
from httpcli.model.request import Request
from httpcli.model.url import Origin

if TYPE_CHECKING:
    from httpcli.model.ports import AuthFlow, Send


def authenticating(send: Send, flow: Callable[[Request], AuthFlow], origin: Origin | None) -> Send:
    """Wrap ``send`` so that requests to ``origin`` go through ``flow`` (None: all requests).

    Credentials belong to one origin: a request that a redirect took elsewhere
    passes untouched (RFC 9110, 15.4).
    """

    async def authenticated(request: Request) -> AsyncGenerator[Event, None]:
        if origin is not None and request.url.origin != origin:
            async with aclosing(send(request)) as events:
                async for event in events:
                    yield event
            return
        steps = flow(request)
        step: Request | None = next(steps)
        while step is not None:
            following: Request | None = None
            async with aclosing(send(step)) as events:
                async for event in events:
                    if isinstance(event, ResponseStarted):
                        following = _answered(steps, event)
                        yield event._replace(intermediary=following is not None)
                    else:
                        yield event
            step = following

    return authenticated


def _answered(steps: AuthFlow, response: ResponseStarted) -> Request | None:
    """Return the request that the flow wants to send after this answer."""
    try:
        return steps.send(response)
    except StopIteration:
        return None
