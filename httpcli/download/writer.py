"""Writes the responses of one download to its file.

``FileWriter`` collects the pieces of one response and writes them in blocks. What is on
disk, and of which representation, is known by the part file alone (``storage.part_file``).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from httpcli.core.download import PartialState, Resume, Spans
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.download.resume import ResumePoint, find_resume_point, missing_range
from httpcli.download.segmented import SegmentedFile
from httpcli.output.transfer_lines import format_bytes
from httpcli.protocol.dates import parse_date
from httpcli.protocol.ranges import if_range_validator, partial_state_of
from httpcli.storage.destination import free_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.download import Download
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.download.resume import MissingRange
    from httpcli.download.target import DownloadTarget
    from httpcli.progress.tracker import Progress, Transfer
    from httpcli.storage.part_file import PartFile

_BLOCK = 256 * 1024
"""Bytes that are written at once."""
_CHECKPOINT_INTERVAL = 1.0
"""Seconds between two updates of the sidecar."""


class FileWriter:
    """Fills the file of one target from as many responses as needed.

    ``is_complete`` is set by ``end_response``. Its methods raise HttpcliError.
    """

    def __init__(
        self,
        settings: Download,
        url: str,
        target: DownloadTarget,
        progress: Progress,
        notify: Notify,
    ) -> None:
        self._settings = settings
        self._url = url
        self._target = target
        self._progress = progress
        self._notify = notify
        self._part: PartFile | None = None
        self._transfer: Transfer | None = None
        self._resume_point: ResumePoint | None = None
        """What an earlier run left, until this run begins or resumes the part file."""
        self._must_restart = False
        """Whether the bytes at hand are useless; the next response replaces them."""
        self._replaces_target = False
        self._modified: float | None = None
        self._pieces: list[bytes] = []
        self._buffered = 0
        self._at = 0
        self._end: int | None = None
        self._checkpoints = CheckpointTimer(self.flush)
        self.is_complete = False

    @property
    def is_open(self) -> bool:
        """Whether the file has its name, and its part file is locked."""
        return self._part is not None

    @property
    def part(self) -> PartFile:
        """The part file, once it is open."""
        if self._part is None:
            raise RuntimeError("the file has no name yet")
        return self._part

    @property
    def transfer(self) -> Transfer | None:
        """The progress, once a response has begun."""
        return self._transfer

    def open(self) -> None:
        """Lock the part file, and look for what an earlier run left."""
        self._part = self._target.open()
        if self._settings.resume is not Resume.NO and not self._part.is_direct:
            self._resume_point = find_resume_point(
                self._part, self._target, self._settings, self._url, self._notify
            )

    def missing(self) -> MissingRange | None:
        """Return the range to request next; None if the whole file is requested."""
        return missing_range(self._resumable_state(), self._settings)

    def _resumable_state(self) -> PartialState | None:
        """Return the record of the bytes that the next response may continue."""
        if self._must_restart:
            return None
        if self.part.is_active:
            return self.part.state
        return None if self._resume_point is None else self._resume_point.state

    @property
    def _is_in_target(self) -> bool:
        """Whether the bytes to continue are still in the file at the final path."""
        return self._resume_point is not None and self._resume_point.in_target

    def existing_file_matches(self, fields: Fields, length: int | None) -> bool:
        """Notify whether the existing file already is what the response would give."""
        if self._settings.resume is Resume.NO or self.part.is_direct or self.part.is_active:
            return False
        existing = self._target.existing_file()
        if existing is None or existing.size != length:
            return False
        if self.part.length and not self._is_in_target:
            return False
        changed = parse_date(fields.first("Last-Modified") or "")
        return changed is None or changed <= existing.time

    def confirm_complete(self) -> bool:
        """Accept that nothing is missing; return whether the existing file is the complete one.

        Otherwise the part file is complete.
        """
        if self._is_in_target:
            return True
        record = self._resumable_state()
        if record is not None:
            self._resume(record)
            self.is_complete = True
        return False

    def _resume(self, record: PartialState) -> None:
        """Let the part file keep its bytes, or only describe them again if it does already."""
        if self.part.is_active:
            self.part.set_state(record)
        else:
            self.part.resume(record)
        self._resume_point = None

    def begin(self, fields: Fields, length: int | None, *, coded: bool) -> None:
        """Start with the first byte. ``coded``: a content coding is undone, length unknown."""
        if self.part.is_direct and self._at:
            raise self._incomplete("the server cannot go on behind what has been written")
        size = None if coded else length
        self._check_size(size)
        representation = partial_state_of(self._url, fields, size, self._settings.checksum_text)
        self._modified = parse_date(representation.last_modified)
        self._resume_point = None
        self._must_restart = False
        # A range of decoded content cannot be requested, so it is not resumable.
        self.part.begin(None if coded else representation)
        self._start_at(0, size)
        self._report_start(size, 0)

    async def resume(
        self, fields: Fields, missing: MissingRange, end: int, size: int | None
    ) -> None:
        """Continue with a response that has the missing bytes up to ``end``."""
        self._check_size(size)
        record = missing.state
        if not record.etag and not record.last_modified:
            described = partial_state_of(self._url, fields, size, self._settings.checksum_text)
            record = described._replace(spans=record.spans)
        record = record._replace(size=size if record.size is None else record.size)
        if self._is_in_target:
            await asyncio.to_thread(self.part.copy_existing)
            self._replaces_target = True
        self._resume(record)
        self._modified = parse_date(record.last_modified)
        self._start_at(missing.start, end)
        self._report_start(record.size, Spans(record.spans).total)

    def _start_at(self, start: int, end: int | None) -> None:
        self._pieces, self._buffered = [], 0
        self._at, self._end = start, end
        self.is_complete = False

    def _report_start(self, size: int | None, done: int) -> None:
        if self._transfer is None:
            self._transfer = self._progress.begin(self._target.name, size, already_done=done)
        self._transfer.total, self._transfer.done = size, done

    def set_response_end(self, end: int) -> None:
        """Set the offset at which the response ends, although the file goes on."""
        self._end = end

    def _check_size(self, size: int | None) -> None:
        """Refuse a file larger than allowed, or than the free space."""
        if size is None:
            return
        if self._settings.max_size is not None and size > self._settings.max_size:
            raise self._too_large(format_bytes(size))
        free = None if self.part.is_direct else free_bytes(self._target.final_directory)
        more = size - self.part.length
        if free is not None and more > free:
            raise HttpcliError(
                f"{self._target.name}: cannot be written: it takes {format_bytes(more)} more,"
                f" and the disk has {format_bytes(free)} left",
                status=ExitStatus.LOCAL,
            )

    def feed(self, data: bytes) -> None:
        """Take a piece of the body."""
        self._pieces.append(data)
        self._buffered += len(data)
        if self._buffered >= _BLOCK or self.part.is_direct:
            self.flush()
        self._checkpoints.start(self.part)

    def hand_over_to_segments(self) -> SegmentedFile | None:
        """Hand the file over to several connections; None if segments could not be joined."""
        record, limit, transfer = self.part.state, self._end, self._transfer
        if record is None or record.size is None or limit is None or transfer is None:
            return None
        if self.part.is_direct or not if_range_validator(record):
            return None
        self._at = self._end = record.size
        self._checkpoints.start(self.part)
        return SegmentedFile(record, self.part, transfer, limit)

    def flush(self) -> None:
        """Write what is buffered."""
        count, pieces = self._buffered, self._pieces
        if not count:
            return
        self._pieces, self._buffered = [], 0
        end = self._at + count
        if self._end is not None and end > self._end:
            raise self._incomplete("more bytes came than were announced")
        if self._settings.max_size is not None and end > self._settings.max_size:
            self.part.discard()
            raise self._too_large("it")
        if self.part.is_direct:
            self.part.write_all(pieces)
        else:
            self.part.write_at(pieces, self._at)
        self._at = end
        if self._transfer is not None:
            self._transfer.done += count

    async def pause(self) -> int:
        """Write what is buffered between two requests; return how many bytes can be resumed."""
        if self._part is None:
            return 0
        await self._checkpoints.stop()
        self._flush_quietly()
        missing = self.missing()
        return 0 if missing is None else Spans(missing.state.spans).total

    def _flush_quietly(self) -> None:
        if self.part.is_active:
            with suppress(HttpcliError, OSError):  # another failure is reported already
                self.flush()

    async def end_response(self) -> None:
        """Finish a response that ended in an orderly way. Raises HttpcliError if it is short."""
        await self._checkpoints.stop()
        self.flush()
        if self._end is not None and self._at < self._end:
            raise self._incomplete("fewer bytes came than were announced")
        record = self.part.state
        if record is None or self._end is None:
            self.is_complete = True
        else:
            self.is_complete = record.size is not None and not Spans(record.spans).gaps(
                record.size
            )

    async def commit(self) -> None:
        """Give the complete file its final name."""
        if self._settings.set_modified_time and self._modified is not None:
            self.part.set_modified(self._modified)
        self._target.commit(self.part, replaces=self._replaces_target)
        self._part = None
        if self._transfer is not None:
            self._transfer.end()

    def start_over(self) -> None:
        """Request the whole file next: the bytes at hand cannot be continued."""
        self._must_restart = True
        self._resume_point = None

    async def close(self, reason: str) -> str:
        """End without a complete file; return the line about what is left, or an empty one.

        ``reason`` says in the progress why it ended.
        """
        await self._checkpoints.stop()
        part = self._part
        if part is None:
            return ""
        self._flush_quietly()
        if self._transfer is not None:
            self._transfer.end(reason)
        kept, size, have = part.will_be_kept, self._known_size(), part.written.total
        part.__exit__(None, None, None)
        if not kept:
            return ""
        of = "" if size is None else f" of {format_bytes(size)}"
        return (
            f"{self._target.name}.part has {format_bytes(have)}{of}: --download --continue goes on"
        )

    def _known_size(self) -> int | None:
        record = self._resumable_state()
        return None if record is None else record.size

    def _too_large(self, what: str) -> HttpcliError:
        most = format_bytes(self._settings.max_size or 0)
        return HttpcliError(
            f"{self._target.name}: {what} is more than the {most} of --max-size",
            hint="--max-size sets how large it may be",
        )

    def _incomplete(self, why: str) -> HttpcliError:
        return HttpcliError(f"{self._target.name}: {why}", status=ExitStatus.INCOMPLETE)


class CheckpointTimer:
    """Updates the sidecar of a part file every second while bytes arrive.

    ``flush`` writes what is buffered before each update.
    """

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._timer: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None

    def start(self, part: PartFile) -> None:
        """Update the sidecar from now on, unless that is already done."""
        if self._timer is None:
            self._timer = asyncio.create_task(self._run(part))

    async def stop(self) -> None:
        """Stop, and wait for an update in progress: a thread cannot be cancelled."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            await asyncio.wait([timer])
        if self._saving is not None:
            await asyncio.wait([self._saving])

    async def _run(self, part: PartFile) -> None:
        while True:
            await asyncio.sleep(_CHECKPOINT_INTERVAL)
            with suppress(HttpcliError, OSError):  # the next write reports it
                self._flush()
                self._saving = asyncio.create_task(self._save(part))
                await asyncio.shield(self._saving)

    async def _save(self, part: PartFile) -> None:
        with suppress(HttpcliError, OSError):
            await asyncio.to_thread(part.save)
