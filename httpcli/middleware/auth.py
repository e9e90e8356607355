"""A skin that lets an authentication flow turn one request, and its answers, into the next."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.request import Request
from httpcli.core.url import Origin
from httpcli.middleware.follow_ups import hops

if TYPE_CHECKING:
    from httpcli.core.interfaces import Authenticate, Send


def authenticating(
    send: Send, authenticate: Authenticate, origin: Origin | None, *, shown: bool = True
) -> Send:
    """Wrap ``send`` so that requests to ``origin`` are authenticated (None: all requests).

    Credentials belong to one origin: a request that a redirect took elsewhere
    passes untouched (RFC 9110, 15.4). ``shown``: the content of an answered
    challenge is wanted.
    """

    def authenticated(request: Request) -> AsyncGenerator[Event, None]:
        if origin is not None and request.url.origin != origin:
            return send(request)
        steps = authenticate(request)

        def following(_step: Request, response: ResponseStarted) -> Request | None:
            try:
                return steps.send(response)
            except StopIteration:
                return None

        return hops(send, next(steps), following, shown=shown)

    return authenticated
