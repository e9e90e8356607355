"""A skin that takes the cookies of every response and gives each request its own.

Outside authentication and inside redirects, so that every hop gets what is for
its place. A run without a jar of its own makes one for the second request, if
the first answer set cookies at all: most never do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.headers import Field
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send
    from httpcli.protocol.cookies import Jar


def carrying_cookies(send: Send, jar: Jar | None, now: Callable[[], float]) -> Send:
    """Wrap ``send`` so that cookies go back to where they came from.

    ``now`` gives seconds since 1970.
    """
    carrier = _Carrier(jar, now)

    async def carried(request: Request) -> AsyncGenerator[Event, None]:
        async with aclosing(send(carrier.provided(request))) as events:
            async for event in events:
                if isinstance(event, ResponseStarted):
                    carrier.keep(request, event)
                yield event

    return carried


class _Carrier:
    """Holds what came until a jar is needed; a jar that is there gets it at once."""

    def __init__(self, jar: Jar | None, now: Callable[[], float]) -> None:
        self._jar = jar
        self._now = now
        self._waiting: list[tuple[Request, list[str]]] = []

    def provided(self, request: Request) -> Request:
        """Return the request with the cookies for its place, in one field."""
        if self._waiting and self._jar is None:
            from httpcli.protocol.cookies import Jar

            self._jar = Jar()
        if self._jar is None or "cookie" in request.removed_defaults:
            return request
        from httpcli.protocol.cookies import place_of

        for asked, lines in self._waiting:
            self._jar.take(lines, place_of(asked), self._now())
        self._waiting.clear()
        typed = [field for field in request.fields if field.name.lower() == "cookie"]
        value = self._jar.field_for(
            [field.value for field in typed], place_of(request), self._now()
        )
        fields = request.fields.without("Cookie")
        if value:
            secret = any(field.secret for field in typed)
            fields = fields.plus([Field("Cookie", value, secret)])
        return request._replace(fields=fields)

    def keep(self, request: Request, response: ResponseStarted) -> None:
        """Take the cookies of a response to that request."""
        lines = response.fields.all_values("Set-Cookie")
        if not lines:
            return
        if self._jar is None:
            self._waiting.append((request, lines))
        else:
            from httpcli.protocol.cookies import place_of

            self._jar.take(lines, place_of(request), self._now())
