"""One request: its events go to the audience until nobody wants more."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseEnded, ResponseStarted
from httpcli.core.request import Request
from httpcli.observers.dispatch import Audience

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


_PAUSE = 0.002
"""Seconds without a byte after which a person is shown what is there."""
_LONGEST = 0.05
"""Seconds after which that happens although bytes keep coming."""


async def fetch(send: Send, request: Request, audience: Audience) -> None:
    """Run the exchange. Raises HttpcliError, after what came was shown."""
    clock = asyncio.get_running_loop().time
    began = clock()
    final: ResponseStarted | None = None
    silence = _Silence(audience)
    try:
        async with aclosing(send(request)) as events:
            async for event in events:
                silence.broken()
                audience.see(event)
                silence.begins()
                if isinstance(event, ResponseStarted):
                    final = None if event.intermediary or event.refused else event
                if final and not isinstance(event, ResponseEnded) and not audience.wants_content:
                    # Nobody wants the rest: it is not even received.
                    times = final.timings and final.timings.left()
                    audience.see(ResponseEnded(clock() - began, times))
                    break
    except (HttpcliError, asyncio.CancelledError):
        audience.interrupted()
        raise
    except KeyboardInterrupt:
        audience.abandoned()
        raise
    finally:
        silence.broken()
    audience.finish()


class _Silence:
    """Tells the audience when nothing has come for a while; what it raises then waits."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._timer: asyncio.TimerHandle | None = None
        self._error: Exception | None = None
        self._shown = 0.0

    def begins(self) -> None:
        """An event is over. Raises what could not be raised in between."""
        if self._error is not None:
            raise self._error
        if not self._audience.holds:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        # From the first byte that may be held on, no byte waits longer.
        self._shown = self._shown or now
        if now - self._shown >= _LONGEST:
            self._shown = now
            self._audience.pause()
        self._timer = loop.call_later(_PAUSE, self._lasts)

    def broken(self) -> None:
        """Something comes, or nothing will any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _lasts(self) -> None:
        self._shown = asyncio.get_running_loop().time()
        try:
            self._audience.pause()
        except (HttpcliError, OSError) as error:
            self._error = error
        except KeyboardInterrupt:
            # The exchange will be cancelled, as if nothing were being written.
            self._audience.abandoned()
            raise
