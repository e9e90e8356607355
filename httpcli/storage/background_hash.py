"""Hashes a file while it is written, in a separate thread.

It reads back the bytes that are written without a gap from the start. So it does not matter
how many connections write, or whether an earlier run wrote some bytes. Bytes just written
come from the page cache, and only ``digest`` waits for the hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from typing import TYPE_CHECKING

from httpcli.core.download import Span
from httpcli.core.errors import HttpcliError

if TYPE_CHECKING:
    from httpcli.storage.part_file import PartFile

_POLL_INTERVAL = 0.05
"""Seconds between two checks for new bytes."""


class BackgroundHash:
    """The hash of a part file. Call ``digest`` or ``stop`` at the end.

    ``algorithm`` is a name of hashlib.
    """

    def __init__(self, part: PartFile, algorithm: str) -> None:
        self._part = part
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._hashed = 0
        self._complete = threading.Event()
        self._stopped = False
        self._error: HttpcliError | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    async def digest(self) -> bytes:
        """Return the hash of the complete file. Raises HttpcliError if it cannot be read."""
        self._complete.set()
        await asyncio.to_thread(self._thread.join)
        if self._error is not None:
            raise self._error
        return self._hash.digest()

    def stop(self) -> None:
        """Stop hashing: the file may start over, or be closed."""
        self._stopped = True
        self._complete.set()
        self._thread.join()

    def _follow(self) -> None:
        try:
            complete = False
            while not complete and not self._stopped:
                # Check completeness before the length, or the last bytes would be missed.
                complete = self._complete.wait(_POLL_INTERVAL)
                self._hash_up_to(self._available())
        except HttpcliError as error:
            self._error = error

    def _available(self) -> int:
        try:
            return self._part.written.prefix_length
        except IndexError:  # the file started over in this moment; ``stop`` will be called
            return self._hashed

    def _hash_up_to(self, end: int) -> None:
        for block in self._part.read(Span(self._hashed, end)):
            if self._stopped:
                return
            self._hash.update(block)  # releases the GIL
            self._hashed += len(block)
