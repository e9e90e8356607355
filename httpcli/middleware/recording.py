"""Lets somebody see each exchange on the wire, below the skins.

Above them a failed try that is made again is never heard of, and content that
nobody shows is not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import ExchangeObserver, Send


def tapped(send: Send, tap: ExchangeObserver) -> Send:
    """Wrap ``send`` so that ``tap`` hears of every exchange, also of one that fails."""

    async def told(request: Request) -> AsyncGenerator[Event, None]:
        recording = tap.recording()
        try:
            async with aclosing(send(request)) as events:
                async for event in events:
                    recording.observe(event)
                    yield event
        except HttpcliError as error:
            recording.fail(error.message, error.timings)
            raise
        except asyncio.CancelledError as cancelled:
            # The wire says what it waited for, and where the time went.
            wait, times = cancelled.args if len(cancelled.args) == 2 else ("interrupted", None)
            recording.fail(wait, times)
            raise
        finally:
            recording.end()

    return told
