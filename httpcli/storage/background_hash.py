"""Hashes a file while it is written: behind the writers, in a thread of its own.

It reads what is there without a gap from the first byte on, so it does not matter
by how many connections the bytes come, or whether an earlier run brought some. What
was just written is read from memory; nothing waits for it but the end.
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

_PAUSE = 0.05
"""Seconds between two looks at what has come."""


class BackgroundHash:
    """The hash of a part file, by a name of hashlib's. Ask for the ``digest``, or ``stop``."""

    def __init__(self, part: PartFile, algorithm: str) -> None:
        self._part = part
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._at = 0
        self._whole = threading.Event()
        self._stopped = False
        self._error: HttpcliError | None = None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    async def digest(self) -> bytes:
        """Return the hash of all that was written. Raises HttpcliError where it cannot be read."""
        self._whole.set()
        await asyncio.to_thread(self._thread.join)
        if self._error is not None:
            raise self._error
        return self._hash.digest()

    def stop(self) -> None:
        """Say that nobody wants to know any more: the file may begin anew, or be closed."""
        self._stopped = True
        self._whole.set()
        self._thread.join()

    def _follow(self) -> None:
        try:
            whole = False
            while not whole and not self._stopped:
                # First whether it is whole, then how far it is: else the last bytes were missed.
                whole = self._whole.wait(_PAUSE)
                self._hash_up_to(self._head())
        except HttpcliError as error:
            self._error = error

    def _head(self) -> int:
        try:
            return self._part.written.prefix_length
        except IndexError:  # it began anew at this moment; then somebody stops this
            return self._at

    def _hash_up_to(self, end: int) -> None:
        for block in self._part.read(Span(self._at, end)):
            if self._stopped:
                return
            self._hash.update(block)  # without the interpreter's lock
            self._at += len(block)
