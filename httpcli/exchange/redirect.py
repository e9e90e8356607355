"""A skin that follows redirects, one visible hop at a time, by the rules of ``protocol``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from httpcli.model.errors import HttpcliError
from httpcli.model.events import Event, ResponseStarted
from httpcli.model.exits import ExitStatus
from httpcli.model.plan import Journey
from httpcli.model.ports import Send
from httpcli.model.request import Request
from httpcli.protocol.redirects import next_request


def redirecting(send: Send, journey: Journey) -> Send:
    """Wrap ``send`` so that it follows redirects.

    The events of all but the last hop are marked as intermediary. Raises
    HttpcliError after ``journey.max_redirects`` hops (0: no limit) and for a
    redirect that must not or cannot be followed.
    """

    async def followed(request: Request) -> AsyncGenerator[Event, None]:
        hops = 0
        step: Request | None = request
        while step is not None:
            following: Request | None = None
            async with aclosing(send(step)) as events:
                async for event in events:
                    if isinstance(event, ResponseStarted):
                        following = next_request(step, event, journey)
                        yield event._replace(
                            intermediary=event.intermediary or following is not None
                        )
                    else:
                        yield event
            step = following
            hops += 1
            if step is not None and 0 < journey.max_redirects < hops:
                raise HttpcliError(
                    f"{request.url}: too many redirects ({journey.max_redirects})",
                    hint="--max-redirects=N sets how many are followed",
                    status=ExitStatus.TOO_MANY_REDIRECTS,
                )

    return followed
