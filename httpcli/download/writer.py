"""Writes the responses of one download to its file.

``FileWriter`` collects the pieces of one response and writes them in blocks. The part file
(``storage.part_file``) keeps the state: which bytes are on disk, and of which representation.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from httpcli.core.download import PartialState, Resume, Spans
from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple
from httpcli.download.resume import (
    NO_VALIDATOR,
    Restart,
    ResumePoint,
    find_resume_point,
    missing_range,
    why_not_resumed,
)
from httpcli.download.segmented import SegmentedFile
from httpcli.output.transfer_lines import format_bytes, partial_file_message
from httpcli.protocol.dates import parse_date
from httpcli.protocol.ranges import if_range_validator, partial_state_of, refuses_ranges
from httpcli.storage.output_path import free_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.download import Download
    from httpcli.core.headers import Fields
    from httpcli.core.interfaces import Notify
    from httpcli.download.resume import MissingRange
    from httpcli.download.target import DownloadTarget
    from httpcli.progress.tracker import Progress, Transfer
    from httpcli.storage.part_file import KeptFile, PartFile

_BLOCK = 256 * 1024
"""Bytes that are written at once."""
_CHECKPOINT_INTERVAL = 1.0
"""Seconds between two updates of the sidecar."""


class PartialFile(NamedTuple):
    """A part file that is kept, so that it can be resumed."""

    name: str
    """The complete file, as the user would type it."""
    kept: KeptFile
    must_be_named: bool = False
    """Whether another run finds it only by its name, because the server chose the name."""

    @property
    def needs_trust(self) -> bool:
        """Whether only ``--continue=trust`` resumes it, or a checksum."""
        state = self.kept.state
        is_proven = self.kept.is_proven and bool(if_range_validator(state))
        return not is_proven and not state.checksum

    @property
    def message(self) -> str:
        """What is kept, and how to resume it."""
        return partial_file_message(
            self.name,
            self.kept.written,
            self.kept.state.size,
            needs_trust=self.needs_trust,
            must_be_named=self.must_be_named,
        )


class FileWriter:
    """Writes response bytes to the part file of one download, and renames it when complete.

    The file may take several responses. Every method raises HttpcliError.
    """

    def __init__(
        self,
        settings: Download,
        url: str,
        target: DownloadTarget,
        progress: Progress,
        notify: Notify,
        *,
        may_resume: bool = True,
    ) -> None:
        self._settings = settings
        self._url = url
        self._target = target
        self._progress = progress
        self._notify = notify
        self._part: PartFile | None = None
        self._transfer: Transfer | None = None
        self._resume_point: ResumePoint | None = None
        """The bytes of an earlier run, until this run begins or resumes the part file."""
        self._may_resume = may_resume
        """Whether bytes of the part file can be resumed at all; False for other than a GET."""
        self._must_restart = False
        """Whether the next response replaces the bytes of the part file."""
        self._never_resumes = False
        """Whether this run requests the whole file only: the server sends no part that fits."""
        self._ignores_existing_file = False
        self._sends_no_parts = False
        """Whether the server answered the request for a range with the whole, unchanged file."""
        self.is_joined = False
        """Whether the bytes of the part file come from several responses."""
        self.restarts = 0
        """How often ``start_over`` was called."""
        self._replaces_target = False
        """Whether the part file started with the bytes of the existing file."""
        self._modified: float | None = None
        """The Last-Modified time of the response, in seconds since 1970."""
        self._pieces: list[bytes] = []
        """Bytes to write at ``_offset``."""
        self._buffered = 0
        """The number of bytes in ``_pieces``."""
        self._offset = 0
        self._end: int | None = None
        """The offset at which the response ends; None if unknown."""
        self._size: int | None = None
        """Bytes of the complete file; None if unknown."""
        self._is_part = False
        """Whether the response has a part of the file only."""
        self._checkpoints = CheckpointTimer(self.flush)
        self.is_complete = False
        """Whether the whole file is written; set by ``end_response``."""

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
        """Lock the part file, and look for bytes of an earlier run."""
        self._part = self._target.open()
        may_resume = self._may_resume and not self._part.is_direct
        if self._settings.resume is not Resume.NO and may_resume:
            self._resume_point = find_resume_point(
                self._part, self._target, self._settings, self._url, self._notify
            )
        if self._ignores_existing_file:
            self.ignore_existing_file()

    def ignore_existing_file(self) -> None:
        """Do not resume the existing file: its checksum is wrong."""
        self._ignores_existing_file = True
        if self.resumes_target:
            self._resume_point = None

    def missing(self) -> MissingRange | None:
        """Return the range to request next; None if the whole file is requested."""
        return missing_range(self._resumable_state(), self._settings)

    def _resumable_state(self) -> PartialState | None:
        """Return the state that the next response may resume."""
        if self._must_restart or self._never_resumes:
            return None
        if self.part.is_active:
            return self.part.state
        return None if self._resume_point is None else self._resume_point.state

    @property
    def has_proven_bytes(self) -> bool:
        """Whether this run has received bytes of a representation with a strong validator."""
        state = self.part.state if self.part.is_active else None
        return state is not None and bool(if_range_validator(state))

    @property
    def resumes_target(self) -> bool:
        """Whether the bytes to resume are in the existing file, and not in the part file."""
        return self._resume_point is not None and self._resume_point.in_target

    def existing_file_matches(self, fields: Fields, length: int | None) -> bool:
        """Return whether the existing file has this length and is not older than the response."""
        if self._settings.resume is Resume.NO or self.part.is_direct or self.part.is_active:
            return False
        existing = self._target.existing_file()
        if existing is None or existing.size != length:
            return False
        if self.part.length and not self.resumes_target:
            return False
        changed = parse_date(fields.first("Last-Modified") or "")
        return changed is None or changed <= existing.time

    def mark_part_complete(self) -> None:
        """Treat the part file as complete: the server confirmed that nothing is missing."""
        state = self._resumable_state()
        if state is not None:
            self._resume(state)
            self.is_complete = True

    def _resume(self, state: PartialState) -> None:
        """Keep the bytes of the part file; if it is active already, only set its state."""
        is_proven = self._resume_point is None or self._resume_point.is_proven
        if self.part.is_active:
            self.part.set_state(state, is_proven=is_proven)
        else:
            self.part.resume(state, is_proven=is_proven)
        self._resume_point = None
        self.is_joined = True

    def begin(self, fields: Fields, length: int | None, *, is_decoded: bool) -> None:
        """Start with the first byte.

        ``is_decoded``: a content coding is decoded, so the file will not have this length.
        """
        if self.part.is_direct and self._offset:
            raise self._incomplete("the server cannot continue after the bytes already written")
        size = None if is_decoded else length
        self._check_size(size)
        state = partial_state_of(self._url, fields, size, self._settings.checksum_text)
        self._modified = parse_date(state.last_modified)
        self._resume_point = None
        self._must_restart = False
        self.is_joined = False
        # A range of decoded content cannot be requested, so it is not resumable.
        sends_parts = not (self._sends_no_parts or self._never_resumes or refuses_ranges(fields))
        self.part.begin(state if self._may_resume and sends_parts and not is_decoded else None)
        self._size, self._is_part = size, False
        self._start_at(0, size)
        self._report_start(size, 0)

    async def resume(
        self, fields: Fields, missing: MissingRange, end: int, size: int | None
    ) -> None:
        """Continue with a response that has the missing bytes up to ``end``."""
        self._check_size(size)
        state = missing.state
        is_trusted = self._settings.resume is Resume.TRUST
        if is_trusted and not state.etag and not state.last_modified:
            new_state = partial_state_of(self._url, fields, size, self._settings.checksum_text)
            state = new_state._replace(spans=state.spans)
        state = state._replace(size=size if state.size is None else state.size)
        if self.resumes_target:
            await self._copy_existing()
            self._replaces_target = True
        self._resume(state)
        self._modified = parse_date(state.last_modified)
        self._size, self._is_part = state.size, True
        self._start_at(missing.start, end)
        self._report_start(state.size, Spans(state.spans).total)

    async def _copy_existing(self) -> None:
        """Copy the existing file; after a cancellation, wait for the thread that writes."""
        copying = asyncio.ensure_future(asyncio.to_thread(self.part.copy_existing))
        try:
            await asyncio.shield(copying)
        except asyncio.CancelledError:
            self.part.stop_copying()
            await asyncio.wait([copying])
            raise

    def why_start_over(self, length: int | None) -> Restart | None:
        """Return why the next response replaces bytes that are there; None if it does not.

        ``length`` is that of the whole file; None if unknown. A reason that was reported before
        is not repeated.
        """
        if self._must_restart or self.part.is_direct:
            return None
        if self.part.is_active:
            return self._why_not_retried()
        if self._settings.resume is Resume.NO:
            saved = self.part.saved_state()
            if saved is None or not saved.state.spans or why_not_resumed(saved, self._url, ""):
                return None
            return Restart("the partial file of an earlier run is not resumed")
        if not self.part.target_exists or self._target.has_name_from_server:
            return None
        existing = self._target.existing_file()
        if existing is None or self.part.length or not existing.size:
            return None
        if length is not None and existing.size >= length:
            return Restart("the existing file is not the one on the server")
        reason = "cannot verify that the existing file is the beginning of this one"
        return Restart(reason, trust_helps=True)

    def _why_not_retried(self) -> Restart | None:
        """Return why the bytes that this run has received are not resumed."""
        if not self.part.written.total:
            return None
        if self._never_resumes or self._sends_no_parts:
            return Restart("the server sends no parts of it")
        state = self.part.state
        if state is None:
            return Restart("this response cannot be resumed")
        return None if if_range_validator(state) else Restart(NO_VALIDATOR, trust_helps=True)

    def note_that_no_parts_are_sent(self) -> None:
        """Do not resume, or offer to resume: the server answers a range with the whole file."""
        self._sends_no_parts = True

    def _start_at(self, start: int, end: int | None) -> None:
        self._pieces, self._buffered = [], 0
        self._offset, self._end = start, end
        self.is_complete = False

    def _report_start(self, size: int | None, done: int) -> None:
        if self._transfer is None:
            self._transfer = self._progress.begin(self._target.name, size, already_done=done)
        self._transfer.total, self._transfer.done = size, done

    def set_response_end(self, end: int) -> None:
        """Set the offset at which the response ends, if the file is longer."""
        self._end, self._is_part = end, True

    def _check_size(self, size: int | None) -> None:
        """Raise HttpcliError for a file larger than allowed, or than the free space."""
        if size is None:
            return
        if self._settings.max_size is not None and size > self._settings.max_size:
            raise self._too_large(format_bytes(size))
        free = None if self.part.is_direct else free_bytes(self._target.final_directory)
        more = size - self.part.length
        if free is not None and more > free:
            raise HttpcliError(
                (
                    f"{self._target.name}: not enough disk space: {format_bytes(more)} "
                    f"needed, {format_bytes(free)} available"
                ),
                status=ExitStatus.LOCAL,
            )

    def feed(self, data: bytes) -> None:
        """Add a piece of the body; write when there is a block of them."""
        self._pieces.append(data)
        self._buffered += len(data)
        if self._buffered >= _BLOCK or self.part.is_direct:
            self.flush()
        self._checkpoints.start(self.part)

    def hand_over_to_segments(self) -> SegmentedFile | None:
        """Return the file, for several connections to write; None if it cannot be segmented."""
        state, response_end, transfer = self.part.state, self._end, self._transfer
        if state is None or state.size is None or response_end is None or transfer is None:
            return None
        if self.part.is_direct or not if_range_validator(state):
            return None
        self.is_joined = True
        self._offset = self._end = state.size
        self._checkpoints.start(self.part)
        return SegmentedFile(state, self.part, transfer, response_end)

    def flush(self) -> None:
        """Write the buffered bytes."""
        count, pieces = self._buffered, self._pieces
        if not count:
            return
        self._pieces, self._buffered = [], 0
        end = self._offset + count
        if self._end is not None and end > self._end:
            raise self._incomplete("received more bytes than announced")
        if self._settings.max_size is not None and end > self._settings.max_size:
            self.part.discard()
            raise self._too_large("it")
        if self.part.is_direct:
            self.part.write_all(pieces)
        else:
            self.part.write_at(pieces, self._offset)
        self._offset = end
        if self._transfer is not None:
            self._transfer.done += count

    async def pause(self) -> int:
        """Write the buffered bytes before the next request; return how many it can resume."""
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
        """Finish a response that ended without an error. Raises HttpcliError if it is short."""
        await self._checkpoints.stop()
        self.flush()
        if self._end is not None and self._offset < self._end:
            raise self._incomplete("received fewer bytes than announced")
        if self._size is None:
            self.is_complete = not self._is_part
        else:
            self.is_complete = not self.part.written.gaps(self._size)

    async def commit(self) -> None:
        """Set the final name of the complete file, and close it."""
        if self._settings.set_modified_time and self._modified is not None:
            self.part.set_modified(self._modified)
        self._target.commit(self.part, replaces=self._replaces_target)
        self._part = None
        if self._transfer is not None:
            self._transfer.end()

    def start_over(self, *, may_resume: bool) -> None:
        """Let the next request ask for the whole file: these bytes cannot be resumed.

        ``may_resume``: whether this run may resume the bytes that are received from now on.
        """
        self._must_restart = True
        self._never_resumes = self._never_resumes or not may_resume
        self.restarts += 1
        self._resume_point = None

    async def close(self, reason: str) -> PartialFile | None:
        """Close an incomplete file; return the part file if it is kept. No effect after a commit.

        ``reason`` is why the file is incomplete, for the progress.
        """
        await self._checkpoints.stop()
        part = self._part
        if part is None:
            return None
        self._flush_quietly()
        if self._transfer is not None:
            self._transfer.end(reason)
        kept = part.close()
        if kept is None:
            return None
        return PartialFile(self._target.name, kept, self._target.has_name_from_server)

    def _too_large(self, size: str) -> HttpcliError:
        max_size = format_bytes(self._settings.max_size or 0)
        return HttpcliError(
            f"{self._target.name}: {size} exceeds --max-size ({max_size})",
            hint="to allow larger files: --max-size SIZE",
        )

    def _incomplete(self, why: str) -> HttpcliError:
        return HttpcliError(f"{self._target.name}: {why}", status=ExitStatus.INCOMPLETE)


class CheckpointTimer:
    """Updates the sidecar of a part file every second while bytes arrive.

    ``flush`` is called before each update, to write buffered bytes.
    """

    def __init__(self, flush: Callable[[], None]) -> None:
        self._flush = flush
        self._timer: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None

    def start(self, part: PartFile) -> None:
        """Start the timer, unless it is running."""
        if self._timer is None:
            self._timer = asyncio.create_task(self._run(part))

    async def stop(self) -> None:
        """Stop the timer, and wait for an update in progress: a thread cannot be cancelled."""
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
