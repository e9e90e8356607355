"""Middleware that sends cookies with requests and stores those of responses.

It is outside authentication and inside redirects, so that every redirect gets the cookies of its
own URL. A run without stored cookies creates a jar only for a second request, and only if the
first response set cookies: most responses do not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.events import Event, ResponseStarted
from httpcli.core.headers import Field
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Notify, Send
    from httpcli.protocol.cookies import Jar


def with_cookies(send: Send, jar: Jar | None, now: Callable[[], float], warn: Notify) -> Send:
    """Wrap ``send`` so that it sends and stores cookies.

    ``now`` returns seconds since 1970. ``warn`` is called once if cookies are left out.
    """
    cookies = _Cookies(jar, now, warn)

    async def sent(request: Request) -> AsyncGenerator[Event, None]:
        async with aclosing(send(cookies.add_to(request))) as events:
            async for event in events:
                if isinstance(event, ResponseStarted):
                    cookies.store(request, event)
                yield event

    return sent


class _Cookies:
    """The jar of a run, created when it is needed."""

    def __init__(self, jar: Jar | None, now: Callable[[], float], warn: Notify) -> None:
        self._jar = jar
        self._now = now
        self._warn = warn
        self._unstored: list[tuple[Request, list[str]]] = []
        """Requests and the Set-Cookie headers of their responses, until there is a jar."""

    def add_to(self, request: Request) -> Request:
        """Return the request with typed and stored cookies in one Cookie header."""
        if self._unstored and self._jar is None:
            from httpcli.protocol.cookies import Jar

            self._jar = Jar()
        if self._jar is None or "cookie" in request.removed_defaults:
            return request
        from httpcli.protocol.cookies import cookie_scope

        for earlier, lines in self._unstored:
            self._jar.receive(lines, cookie_scope(earlier), self._now())
        self._unstored.clear()
        typed = [field for field in request.fields if field.name.lower() == "cookie"]
        value = self._jar.cookie_field(
            [field.value for field in typed], cookie_scope(request), self._now()
        )
        self._warn_once(self._jar)
        fields = request.fields.without("Cookie")
        if value:
            secret = any(field.secret for field in typed)
            fields = fields.plus([Field("Cookie", value, secret)])
        return request._replace(fields=fields)

    def store(self, request: Request, response: ResponseStarted) -> None:
        """Store the cookies of the response to ``request``."""
        lines = response.fields.all_values("Set-Cookie")
        if not lines:
            return
        if self._jar is None:
            self._unstored.append((request, lines))
        else:
            from httpcli.protocol.cookies import cookie_scope

            self._jar.receive(lines, cookie_scope(request), self._now())
            self._warn_once(self._jar)

    def _warn_once(self, jar: Jar) -> None:
        warning = jar.take_warning()
        if warning:
            self._warn(warning)
