"""A skin that lets an authentication flow turn one request, and its answers, into the next."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

from httpcli.exchange.hops import hops
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

    def authenticated(request: Request) -> AsyncGenerator[Event, None]:
        if origin is not None and request.url.origin != origin:
            return send(request)
        steps = flow(request)

        def following(_step: Request, response: ResponseStarted) -> Request | None:
            try:
                return steps.send(response)
            except StopIteration:
                return None

        return hops(send, next(steps), following, shown=True)

    return authenticated
