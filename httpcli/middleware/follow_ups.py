"""What every skin that sends more than once has in common: one hop after the other.

A hop is shown as intermediary when another one follows it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send

Following = Callable[[Request, ResponseStarted], Request | None]
"""Says which request follows a response; None where it is the last one. Raises HttpcliError."""


_SHORT = 64 * 1024
"""Bytes that are read so that the connection can be used again."""


async def hops(
    send: Send, request: Request, following: Following, *, shown: bool
) -> AsyncGenerator[Event, None]:
    """Send ``request`` and whatever follows it; give the events of all hops in a row.

    Where ``following`` raises, the response that it was asked about is the
    answer, and is given before the error. ``shown``: somebody looks at the
    content of intermediary hops; else it is not waited for unless it is short.
    """
    step: Request | None = request
    while step is not None:
        after: Request | None = None
        async with aclosing(send(step)) as events:
            async for event in events:
                if not isinstance(event, ResponseStarted):
                    yield event
                    continue
                if not event.intermediary:  # else somebody inside sends again already
                    try:
                        after = following(step, event)
                    except HttpcliError:
                        yield event._replace(error_follows=True)
                        raise
                yield event._replace(intermediary=event.intermediary or after is not None)
                if after is not None and not shown and not is_short(event):
                    break
        step = after


def is_short(response: ResponseStarted) -> bool:
    """Tell whether the content is worth reading only to keep the connection."""
    length = response.fields.content_length
    return length is not None and length <= _SHORT
