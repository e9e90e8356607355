"""A skin that sends a request again when it failed in a way that may pass.

Inside redirects, so that one hop is repeated and not the way to it. Nothing of
a failed try is passed on but its request, and ``Retrying`` in the place of the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseChunk, ResponseEnded, ResponseStarted, Retrying
from httpcli.core.request import Request
from httpcli.middleware.follow_ups import is_short

if TYPE_CHECKING:
    from httpcli.core.interfaces import Reel, Send
    from httpcli.middleware.retry_state import Tries

_PATIENCE = 1.0
"""Seconds for the rest of a short response, so that its connection can be used again."""


def retrying(send: Send, tries: Tries) -> Send:
    """Wrap ``send`` so that what fails is tried again, as ``tries`` decides.

    Raises the last failure; with status INCOMPLETE where content had been
    passed on before it.
    """

    async def tried(request: Request) -> AsyncGenerator[Event, None]:
        failed: Retrying | None = None
        while True:
            attempt = _Attempt(send, tries, request)
            async with aclosing(attempt.events()) as events:
                async for event in events:
                    yield event
            failed = attempt.failed
            if failed is None:
                return
            yield failed
            await tries.wait(failed)

    return tried


class _Attempt:
    """One try. ``failed`` says that there will be another, once its events have ended."""

    def __init__(self, send: Send, tries: Tries, request: Request) -> None:
        self._send = send
        self._tries = tries
        self._request = request
        self._held: list[Event] = []
        self._given = False
        self.failed: Retrying | None = None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Give what is known to count. Raises HttpcliError for the last failure."""
        make_reel = self._tries.make_reel
        reel = None if make_reel is None else make_reel()
        try:
            async with aclosing(self._judged(reel)) as judged:
                async for event in judged:
                    yield event
            if reel is not None and self.failed is None:
                for event in reel.events():
                    yield event
        except HttpcliError as error:
            if self._given:
                raise self._tries.spoiled(error) from error
            self.failed = self._tries.after_error(self._request, error)
            if self.failed is not None:
                return
            for event in self._held:
                yield event
            raise
        finally:
            if reel is not None:
                reel.close()

    async def _judged(self, reel: Reel | None) -> AsyncGenerator[Event, None]:
        """Give events as they come, a response's from its first content on, or to the reel."""
        final = False
        async with aclosing(self._send(self._request)) as events:
            async for event in events:
                if isinstance(event, ResponseStarted) and not event.intermediary:
                    self.failed = self._tries.after_answer(self._request, event)
                    if self.failed is not None:
                        await _drain(events, event)
                        return
                    final = True
                if not final:
                    yield event
                elif reel is not None:
                    reel.add(event)
                elif self._tries.holds and isinstance(event, ResponseStarted):
                    self._held.append(event)
                else:
                    for earlier in self._held:
                        yield earlier
                    self._held.clear()
                    self._given = self._given or isinstance(event, ResponseChunk)
                    yield event


async def _drain(events: AsyncGenerator[Event, None], response: ResponseStarted) -> None:
    """Read what little is left of a response that does not count."""
    if not is_short(response):
        return
    with suppress(HttpcliError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            async for event in events:
                if isinstance(event, ResponseEnded):
                    return
