"""Sends a request and the requests that follow its responses.

Redirects, authentication and the fallback for ``Expect`` use it. A response after which another
request is sent is marked with ``is_followed``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


FollowUp = Callable[[Request, ResponseStarted], Request | None]
"""Returns the request that follows a response, None if it is the last. Raises HttpcliError."""

_SHORT_BODY = 64 * 1024
"""Bytes that are worth reading only to keep the connection."""


async def send_with_follow_ups(
    send: Send, request: Request, follow_up: FollowUp, *, read_bodies: bool
) -> AsyncGenerator[Event, None]:
    """Send ``request`` and all that follow; yield the events of all exchanges.

    If ``follow_up`` raises, the response that it got is the last one, and is yielded before
    the error. ``read_bodies``: whether the bodies of followed responses are read; if not, only
    short ones are. A followed response may be incomplete: the request that follows does not
    depend on its body.
    """
    current: Request | None = request
    while current is not None:
        following: Request | None = None
        try:
            async with aclosing(send(current)) as events:
                async for event in events:
                    if not isinstance(event, ResponseStarted):
                        yield event
                        continue
                    if not event.is_followed:  # else an inner middleware follows it already
                        try:
                            following = follow_up(current, event)
                        except HttpcliError:
                            yield event._replace(error_follows=True)
                            raise
                    yield event._replace(is_followed=event.is_followed or following is not None)
                    if following is not None and not read_bodies and not is_short(event):
                        break
        except HttpcliError as error:
            if following is None or error.status is not ExitStatus.INCOMPLETE:
                raise
        current = following


def is_short(response: ResponseStarted) -> bool:
    """Return whether the body is short enough to read it only to keep the connection."""
    length = response.fields.content_length
    return length is not None and length <= _SHORT_BODY
