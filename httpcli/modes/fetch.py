"""One request: its events go to the audience until nobody wants more."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.model.errors import HttpcliError
from httpcli.model.events import ResponseEnded, ResponseStarted
from httpcli.model.request import Request
from httpcli.modes.audience import Audience

if TYPE_CHECKING:
    from httpcli.model.ports import Send


async def fetch(send: Send, request: Request, audience: Audience) -> None:
    """Run the exchange. Raises HttpcliError, after what came was shown."""
    clock = asyncio.get_running_loop().time
    began = clock()
    final = False
    try:
        async with aclosing(send(request)) as events:
            async for event in events:
                audience.see(event)
                if isinstance(event, ResponseStarted):
                    final = not event.intermediary
                if final and not audience.wants_content and not isinstance(event, ResponseEnded):
                    # Nobody wants the rest: it is not even received.
                    audience.see(ResponseEnded(clock() - began))
                    break
    except HttpcliError:
        audience.interrupted()
        raise
    except (asyncio.CancelledError, KeyboardInterrupt):
        audience.abandoned()
        raise
    audience.finish()
