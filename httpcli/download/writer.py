"""Writes down what of a file is there, every second, while bytes come."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from httpcli.core.download import PartialState, Resume, Span, Spans
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.transfers import format_bytes
from httpcli.download.resume import MissingRange, leftover_of, rest_of
from httpcli.download.segmented import Divided
from httpcli.protocol.dates import parse_date
from httpcli.protocol.ranges import condition, of_response
from httpcli.storage.output_path import free_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.download import Download
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.download.target import Target
    from httpcli.progress.tracker import Progress, Transfer
    from httpcli.storage.part_file import PartFile


_EVERY = 1.0
"""Seconds between two records."""


class CheckpointTimer:
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


# One file that a download fills: which bytes are there, of what, and where the next ones go.


_BLOCK = 256 * 1024
"""Bytes that are written at once."""


class FileWriter:
    """Fills the file of one place, through as many responses as it takes.

    ``is_whole`` is known when a response has ``ended``. Its methods raise HttpcliError.
    """

    def __init__(
        self, wish: Download, url: str, place: Target, progress: Progress, tell: Notify
    ) -> None:
        self._wish = wish
        self._url = url
        self._place = place
        self._progress = progress
        self._tell = tell
        self._part: PartFile | None = None
        self._transfer: Transfer | None = None
        self._known: PartialState | None = None
        self._copies = self._adopted = False
        self._active = False
        self._modified: float | None = None
        self._pieces: list[bytes] = []
        self._held = 0
        self._at = 0
        self._end: int | None = None
        self._records = CheckpointTimer(self.flush)
        self.is_whole = False

    @property
    def is_open(self) -> bool:
        """Whether the file has its name, and is locked."""
        return self._part is not None

    @property
    def part(self) -> PartFile:
        """The part file, once it is open."""
        if self._part is None:
            raise RuntimeError("the file has no name yet")
        return self._part

    @property
    def transfer(self) -> Transfer | None:
        """How far it is, once anything has come."""
        return self._transfer

    def open(self) -> None:
        """Lock the file, and look at what an earlier run left."""
        self._part = self._place.open()
        if self._wish.resume is Resume.NO or self.part.direct:
            return
        found = leftover_of(self.part, self._place, self._wish, self._url, self._tell)
        if found is not None:
            self._known, self._copies = found

    def rest(self) -> MissingRange | None:
        """Return what has still to be asked for; None where that is all of it."""
        return rest_of(self._known, self._wish)

    def is_finished(self, fields: Fields, length: int | None) -> bool:
        """Tell whether the file that has the name already is what the response would give."""
        if self._wish.resume is Resume.NO or self.part.direct or self._active:
            return False
        existed = self._place.existed()
        if existed is None or existed.size != length or (self.part.held and not self._copies):
            return False
        changed = parse_date(fields.first("Last-Modified") or "")
        return changed is None or changed <= existed.time

    def is_there(self) -> bool:
        """Tell whether the file that has the name is whole; else the part is (the server says)."""
        if not self._copies and self._known is not None:
            self.part.resume(self._known)
            self.is_whole = self._active = True
        return self._copies

    def begin(self, fields: Fields, length: int | None, *, coded: bool) -> None:
        """Begin from the first byte. ``coded``: the content is not the length that is told."""
        if self.part.direct and self._at:
            raise self._incomplete("the server cannot go on behind what has been written")
        size = None if coded else length
        self._check_size(size)
        found = of_response(self._url, fields, size, self._wish.checksum_text)
        # Of coded content no part can be asked for: it is not kept.
        self._known = None if coded else found
        self._modified = parse_date(found.last_modified)
        self._copies = False
        self.part.begin(self._known)
        self._go(0, size)
        self._tell_begin(size, 0)

    async def go_on(self, fields: Fields, rest: MissingRange, end: int, size: int | None) -> None:
        """Go on with what is there: the response has the bytes from its end up to ``end``."""
        self._check_size(size)
        known = rest.known
        if not known.etag and not known.last_modified:
            found = of_response(self._url, fields, size, self._wish.checksum_text)
            known = found._replace(spans=known.spans)
        known = known._replace(size=size if known.size is None else known.size)
        if self._copies:
            await asyncio.to_thread(self.part.copy_existing)
            self._copies, self._adopted = False, True
        if not self._active:
            self.part.resume(known)
        self._known = known
        self._modified = parse_date(known.last_modified)
        self._go(rest.start, end)
        self._tell_begin(known.size, Spans(known.spans).total)

    def _go(self, start: int, end: int | None) -> None:
        self._pieces, self._held = [], 0
        self._at, self._end = start, end
        self._active, self.is_whole = True, False

    def _tell_begin(self, size: int | None, there: int) -> None:
        if self._transfer is None:
            self._transfer = self._progress.begin(self._place.name, size, kept=there)
        self._transfer.total, self._transfer.done = size, there

    def expect(self, end: int) -> None:
        """Say that the response ends there, although that is not all."""
        self._end = end

    def _check_size(self, size: int | None) -> None:
        """Refuse what is more than was allowed, or than there is room for."""
        if size is None:
            return
        if self._wish.max_size is not None and size > self._wish.max_size:
            raise self._too_large(format_bytes(size))
        free = None if self.part.direct else free_bytes(self._place.folder)
        more = size - self.part.held
        if free is not None and more > free:
            raise HttpcliError(
                f"{self._place.name}: cannot be written: it takes {format_bytes(more)} more,"
                f" and the disk has {format_bytes(free)} left",
                status=ExitStatus.LOCAL,
            )

    def feed(self, data: bytes) -> None:
        """Take a piece of content."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held >= _BLOCK or self.part.direct:
            self.flush()
        self._records.begin(self.part)

    def divide(self) -> Divided | None:
        """Let several connections write from now on; None where parts could not be joined."""
        known, limit, transfer = self._known, self._end, self._transfer
        if known is None or known.size is None or limit is None or transfer is None:
            return None
        if self.part.direct or not condition(known):
            return None
        self._at = self._end = known.size
        self._records.begin(self.part)
        return Divided(known, self.part, transfer, limit)

    def flush(self) -> None:
        """Write what is held."""
        count, pieces = self._held, self._pieces
        if not count:
            return
        self._pieces, self._held = [], 0
        behind = self._at + count
        if self._end is not None and behind > self._end:
            raise self._incomplete("more bytes came than were announced")
        if self._wish.max_size is not None and behind > self._wish.max_size:
            self.part.discard()
            raise self._too_large("it")
        if self.part.direct:
            self.part.write_all(pieces)
        else:
            self.part.write_at(pieces, self._at)
        self._at = behind
        if self._transfer is not None:
            self._transfer.done += count

    async def pause(self) -> int:
        """No more comes for now; return how many bytes are there that can be gone on with."""
        await self._records.stop()
        self._write_last()
        rest = self.rest()
        return 0 if rest is None else Spans(rest.known.spans).total

    def _write_last(self) -> None:
        if self._active:
            with suppress(HttpcliError, OSError):  # something else has failed already
                self.flush()
            self._note_done()

    def _note_done(self) -> None:
        """Take down what is there, if it is still known of what."""
        if self._known is not None and self._active:
            written = (Span(0, self._at),) if self._at else ()
            done = written if self.part.direct else tuple(self.part.done)
            self._known = self._known._replace(spans=done)

    async def ended(self) -> None:
        """The response has ended in an orderly way. Raises HttpcliError where it is too short."""
        await self._records.stop()
        self.flush()
        if self._end is not None and self._at < self._end:
            raise self._incomplete("fewer bytes came than were announced")
        self._note_done()
        known = self._known
        if known is None or self._end is None:
            self.is_whole = True
        else:
            self.is_whole = known.size is not None and not Spans(known.spans).gaps(known.size)

    async def commit(self) -> None:
        """It is whole: it takes its name."""
        if self._wish.set_modified_time and self._modified is not None:
            self.part.stamp(self._modified)
        self._place.commit(self.part, replaces=self._adopted)
        self._part = None
        if self._transfer is not None:
            self._transfer.end()

    def start_over(self) -> None:
        """Ask for all of it next time: what is there cannot be gone on with."""
        self._known = None
        self._copies = False

    async def leave(self, reason: str) -> str:
        """End without a whole file; return the line that says what is left, empty for nothing."""
        await self._records.stop()
        part = self._part
        if part is None:
            return ""
        self._write_last()
        if self._transfer is not None:
            self._transfer.end(reason)
        kept, have = part.kept, part.done.total
        part.__exit__(None, None, None)
        if not kept:
            return ""
        size = None if self._known is None else self._known.size
        of = "" if size is None else f" of {format_bytes(size)}"
        return (
            f"{self._place.name}.part has {format_bytes(have)}{of}: --download --continue goes on"
        )

    def _too_large(self, what: str) -> HttpcliError:
        most = format_bytes(self._wish.max_size or 0)
        return HttpcliError(
            f"{self._place.name}: {what} is more than the {most} of --max-size",
            hint="--max-size sets how large it may be",
        )

    def _incomplete(self, why: str) -> HttpcliError:
        return HttpcliError(f"{self._place.name}: {why}", status=ExitStatus.INCOMPLETE)
