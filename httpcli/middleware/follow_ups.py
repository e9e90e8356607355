"""Middleware that answers some responses with another request.

``with_redirects`` follows redirects, by the rules of ``protocol.redirects``.
``with_expect_fallback`` repeats a request without ``Expect``. Authentication uses
``send_with_follow_ups``, too. A response that another request follows is marked as intermediary.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, RequestChunk, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import SendPolicy
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


FollowUp = Callable[[Request, ResponseStarted], Request | None]
"""Returns the request that follows a response, None if it is the last. Raises HttpcliError."""

_SHORT_BODY = 64 * 1024
"""Bytes that are worth reading only to keep the connection."""


async def send_with_follow_ups(
    send: Send, request: Request, follow_up: FollowUp, *, shown: bool
) -> AsyncGenerator[Event, None]:
    """Send ``request`` and all that follow; yield the events of all exchanges.

    If ``follow_up`` raises, the response that it got is the last one, and is yielded before
    the error. ``shown``: the bodies of intermediary responses are shown; if not, only short ones
    are read.
    """
    current: Request | None = request
    while current is not None:
        following: Request | None = None
        async with aclosing(send(current)) as events:
            async for event in events:
                if not isinstance(event, ResponseStarted):
                    yield event
                    continue
                if not event.intermediary:  # else an inner middleware follows it already
                    try:
                        following = follow_up(current, event)
                    except HttpcliError:
                        yield event._replace(error_follows=True)
                        raise
                yield event._replace(intermediary=event.intermediary or following is not None)
                if following is not None and not shown and not is_short(event):
                    break
        current = following


def is_short(response: ResponseStarted) -> bool:
    """Tell whether the body is short enough to read it only to keep the connection."""
    length = response.fields.content_length
    return length is not None and length <= _SHORT_BODY


def with_redirects(send: Send, send_policy: SendPolicy, *, shown: bool = True) -> Send:
    """Wrap ``send`` so that it follows redirects.

    ``shown``: the bodies of redirects are shown. Raises HttpcliError after
    ``send_policy.max_redirects`` redirects (0: no limit), and for a redirect that is not allowed
    or not possible to follow.
    """
    from httpcli.protocol.redirects import next_request

    def redirected(request: Request) -> AsyncGenerator[Event, None]:
        redirects = 0

        def follow(current: Request, response: ResponseStarted) -> Request | None:
            nonlocal redirects
            following = next_request(current, response, send_policy)
            if following is not None:
                redirects += 1
                if 0 < send_policy.max_redirects < redirects:
                    raise _too_many(request, send_policy)
            return following

        return send_with_follow_ups(send, request, follow, shown=shown)

    return redirected


def _too_many(request: Request, send_policy: SendPolicy) -> HttpcliError:
    return HttpcliError(
        f"{request.url.authority}: too many redirects ({send_policy.max_redirects})",
        hint="--max-redirects=N sets how many are followed",
        status=ExitStatus.TOO_MANY_REDIRECTS,
    )


_EXPECTATION_FAILED = 417


def with_expect_fallback(send: Send, *, shown: bool = True) -> Send:
    """Wrap ``send`` so that a 417 is followed by the request without ``Expect``.

    ``shown``: the body of the 417 is shown.
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

        return send_with_follow_ups(watched, request, follow, shown=shown)

    return sent
