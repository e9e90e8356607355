"""A skin that follows redirects, one visible hop at a time, by the rules of ``protocol``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.model.errors import HttpcliError
from httpcli.model.events import Event, ResponseStarted
from httpcli.model.exits import ExitStatus
from httpcli.model.plan import Journey
from httpcli.model.request import Request
from httpcli.protocol.redirects import next_request

if TYPE_CHECKING:
    from httpcli.model.ports import Send


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
                        try:
                            following = next_request(step, event, journey)
                        except HttpcliError:
                            # A redirect that is not followed is the answer: it is shown.
                            yield event
                            raise
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
