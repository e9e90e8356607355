"""Writes down what of a file is there, every second, while bytes come."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.storage.part_file import PartFile

_EVERY = 1.0
"""Seconds between two records."""


class Records:
    """The records of one part file; ``flush`` writes what is held to it before each."""

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._writer: asyncio.Task[None] | None = None
        self._record: asyncio.Task[None] | None = None

    def begin(self, part: PartFile) -> None:
        """Write records from now on; a second time is none."""
        if self._writer is None:
            self._writer = asyncio.create_task(self._now_and_then(part))

    async def stop(self) -> None:
        """Write no more, and wait for the one in the making: a thread cannot be cancelled."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.cancel()
            await asyncio.wait([writer])
        if self._record is not None:
            await asyncio.wait([self._record])

    async def _now_and_then(self, part: PartFile) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            with suppress(HttpcliError, OSError):  # who writes next meets it, too
                self._flush()
                self._record = asyncio.create_task(self._save(part))
                await asyncio.shield(self._record)

    async def _save(self, part: PartFile) -> None:
        with suppress(HttpcliError, OSError):
            await asyncio.to_thread(part.save)
