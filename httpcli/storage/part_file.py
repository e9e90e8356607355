"""A file that gets its final name only when it is complete, and can be resumed until then.

Bytes go to ``NAME.part`` beside the target. The sidecar ``NAME.part.json`` lists which bytes
are there, and of which representation. A rename puts the complete file in place, so a failure
never damages an existing file. A lock keeps a second run out. A resumed download trusts only
the bytes that the sidecar lists; it overwrites any others.

::

    with PartFile(typed, path) as part:
        state = part.saved_state()                # of an interrupted run, or None
        part.begin(PartialState(url, size, ...))  # start empty, or
        part.resume(state)                        # keep the bytes in the state's spans
        part.write(data)                          # one stream: append
        part.write_at(pieces, offset)             # several: each at its offset
        await to_thread(part.save)                # now and then: update the sidecar
        part.commit()

If the process is killed, no written byte is lost; if the machine crashes, some may be. So the
file is also synced, but rarely: a disk slower than the network would delay the download.

A signal never interrupts a method in the middle of a change (see ``uninterruptible``), and
``close_open_files`` closes the files that a signal left open between two calls.
"""

from __future__ import annotations

import fcntl
import math
import os
import select
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from httpcli.core.download import PartialState, Span, Spans
from httpcli.core.errors import HttpcliError
from httpcli.core.named_tuple import NamedTuple
from httpcli.protocol.filenames import has_own_suffix
from httpcli.storage import sidecar
from httpcli.storage.output_path import OutputPath
from httpcli.storage.sidecar import Owner, SavedState, boot_id
from httpcli.storage.uninterruptible import uninterruptible
from httpcli.terminal.streams import own_terminal_guard

if TYPE_CHECKING:
    from httpcli.core.terminal_guard import OutputGuard
    from httpcli.storage.resume_key import ResumeKey

_BLOCK = 1 << 20
"""Bytes to read at once."""
_MAX_PIECES = 512
"""Buffers to pass to one system call; IOV_MAX may be as low as 1024."""
_SYNC_INTERVAL = 30.0
"""Seconds between two syncs, if the system reports a boot id."""
_OPEN_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
"""O_NOFOLLOW: a link may be a trap. O_NONBLOCK: do not block when the path is a FIFO."""
_sync = getattr(os, "fdatasync", os.fsync)
_PERMISSIONS = 0o777
"""The bits that a new file takes from the existing one: not setuid, the content is another."""
_ROOM_FOR_SIDECAR = 128 * 1024
"""Bytes that are cut off the part file if the disk is too full for the sidecar."""

_open_files: set[PartFile] = set()
"""The part files that are open in this process."""


class KeptFile(NamedTuple):
    """An incomplete part file that was kept, because it can be resumed."""

    state: PartialState
    """Its representation, and the spans that the sidecar lists."""
    is_proven: bool
    """Whether the sidecar is authenticated, so that a resume need not be trusted."""

    @property
    def written(self) -> int:
        """The number of bytes that need not be downloaded again."""
        return Spans(self.state.spans).total


class PartFile:
    """Writes a file; ``commit`` gives it its final name.

    Leaving without a commit keeps the part file if it has a state and bytes, and removes it
    otherwise, because it could not be resumed. A part file that was neither begun nor resumed
    is not changed. Symbolic links are resolved, and an existing file's mode is kept. A device
    or FIFO is written directly: it has no part file and no sidecar.

    Every method raises HttpcliError with status LOCAL; BusyError if another run is writing
    the file.
    """

    def __init__(self, typed: str, path: str, key: ResumeKey | None = None) -> None:
        """``key`` authenticates the sidecar; without it a resume must be trusted."""
        self._destination = OutputPath(typed, path)
        self._key = key
        self._may_authenticate = True
        self._stops_copying = False
        self._fd = -1
        self._offset = 0
        """Where ``write`` continues."""
        self._base_state: PartialState | None = None
        """The state, except for its spans; None if the file cannot be resumed."""
        self._state_in_sidecar: PartialState | None = None
        """The state that the sidecar on the disk has, if it is true of the part file."""
        self._synced = SyncedSpans()
        # Saving in another thread takes time: it must not list bytes that are removed meanwhile.
        self._saving = threading.RLock()
        self._was_empty = True
        """Whether the part file was empty when it was opened, so that its sidecar is stale."""
        self._is_changed = False
        """Whether this run has changed the part file, or may have."""
        self._is_active = False
        self._guard: OutputGuard | None = None
        """Guards the bytes if the file is the user's terminal."""
        self.written = Spans()
        """The bytes in the part file that are of its representation."""

    @property
    def is_direct(self) -> bool:
        """Whether bytes go straight to their destination, without a part file."""
        return self._destination.is_direct

    @property
    def path(self) -> str:
        """The path of the complete file."""
        return self._destination.open_path

    @property
    def target_exists(self) -> bool:
        """Whether there is a regular file at the final path."""
        return not self.is_direct and self._destination.mode is not None

    @property
    def length(self) -> int:
        """The length of the part file, including bytes that are not in ``written``."""
        return 0 if self.is_direct else os.fstat(self._fd).st_size

    @property
    def is_active(self) -> bool:
        """Whether the file was begun or resumed."""
        return self._is_active

    @property
    def state(self) -> PartialState | None:
        """The representation and the spans written so far; None if the file cannot be resumed."""
        if self._base_state is None:
            return None
        return self._base_state._replace(spans=tuple(self.written))

    def saved_state(self) -> SavedState | None:
        """Return the state saved by an interrupted run, with spans cut to the part file."""
        if self.is_direct or self._was_empty:
            return None
        saved = sidecar.read(
            self._destination.sidecar, self._owner(self._key.read() if self._key else None)
        )
        if saved is None:
            return None
        spans = tuple(Spans(saved.state.spans).within(self.length))
        return saved._replace(state=saved.state._replace(spans=spans))

    @property
    def has_unreadable_sidecar(self) -> bool:
        """Whether there is a sidecar that is not valid: the bytes may have gaps."""
        path = self._destination.sidecar
        return not self.is_direct and os.path.lexists(path) and sidecar.read(path) is None

    def _owner(self, key: bytes | None) -> Owner:
        name = os.path.basename(self._destination.part)
        return Owner(key, name, self._fd)

    def __enter__(self) -> PartFile:
        """Open and lock the part file, without truncating it. Call it before the first request."""
        destination = self._destination
        destination.check()
        try:
            if destination.inherited_fd is not None:
                # Opening it again would write at the start of a file that others write too.
                self._fd = os.dup(destination.inherited_fd)
            elif self.is_direct:
                self._fd = os.open(destination.open_path, os.O_WRONLY)
            else:
                self._open_part()
        except BlockingIOError:
            raise destination.busy() from None
        except OSError as error:
            raise destination.failure(error) from None
        self._guard = own_terminal_guard(self._fd) if self.is_direct else None
        return self

    @uninterruptible
    def _open_part(self) -> None:
        if has_own_suffix(os.path.basename(self.path)):
            _refuse_locked(self.path)
        self._fd = _open_locked(self._destination)
        _open_files.add(self)
        self._was_empty = os.fstat(self._fd).st_size == 0

    @uninterruptible
    def begin(self, state: PartialState | None = None) -> None:
        """Start with an empty file.

        ``state`` describes the bytes to write; None if they could not be resumed.
        """
        self._base_state = state
        self._may_authenticate = True
        self._state_in_sidecar = None
        self._is_changed = self._is_active = True
        self.written.clear()
        self._offset = 0
        if self.is_direct:
            return
        try:
            with self._saving:
                self._synced.clear()
                # Remove the sidecar before truncating: a stale one would corrupt a resume.
                sidecar.remove(self._destination.sidecar)
                os.ftruncate(self._fd, 0)
            self._was_empty = False
        except OSError as error:
            raise self._destination.failure(error) from None

    def resume(self, state: PartialState, *, is_proven: bool = True) -> None:
        """Keep the bytes in ``state.spans``; ``write`` appends after the first gap-free span.

        ``is_proven``: whether the sidecar may be authenticated. Only a checksum proves the others.
        """
        self._may_authenticate = is_proven
        self._base_state = state
        saved = self.saved_state()
        is_saved = saved is not None and saved.is_proven and saved.state == state
        self._state_in_sidecar = state if is_saved else None
        self._is_changed = self._is_active = True
        self._synced.reset_unsynced()
        self.written = Spans(state.spans)
        self._offset = self.written.prefix_length

    def set_state(self, state: PartialState, *, is_proven: bool = True) -> None:
        """Replace the state, except for the spans; ``is_proven`` as in ``resume``."""
        self._may_authenticate = self._may_authenticate and is_proven
        self._base_state = state

    def copy_existing(self) -> None:
        """Start with the bytes of the existing file at the final path. Call it in a thread.

        Ends early after ``stop_copying``.
        """
        self.begin()
        try:
            source = os.open(self._destination.path, os.O_RDONLY)
            with open(source, "rb", buffering=0) as file:
                while not self._stops_copying and (block := file.read(_BLOCK)):
                    self.write(block)
        except OSError as error:
            raise self._destination.failure(error) from None

    def stop_copying(self) -> None:
        """Let ``copy_existing`` end soon, in its thread."""
        self._stops_copying = True

    def reserve(self, size: int) -> None:
        """Allocate ``size`` bytes in total, so that segments can be written in any order.

        Without the sidecar, the new length would look like bytes of the file; so the sidecar is
        saved first. On a file system that cannot allocate, the file is only extended.
        """
        if self.is_direct:
            return
        self.save()
        try:
            os.ftruncate(self._fd, max(size, self.length))
            if size and hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._fd, 0, size)
        except OSError as error:
            raise self._destination.failure(error) from None

    def write(self, data: bytes) -> None:
        """Append these bytes."""
        self.write_all((data,))

    def write_all(self, pieces: Sequence[bytes]) -> None:
        """Append all of these pieces in one call."""
        self._begin_if_inactive()
        if self.is_direct:
            for piece in pieces:
                self._write_direct(piece)
            return
        self._offset = self.write_at(pieces, self._offset)

    @uninterruptible
    def write_at(self, pieces: Sequence[bytes], offset: int) -> int:
        """Write all of these pieces at ``offset``; return the offset after them.

        Uninterruptible: else the bytes that the system call wrote would not be counted.
        """
        if len(pieces) > _MAX_PIECES:
            pieces = (b"".join(pieces),)
        self._is_changed = True
        start = offset
        end = start + sum(map(len, pieces))
        try:
            offset += os.pwritev(self._fd, pieces, offset)
            while offset < end:  # a nearly full disk takes fewer bytes
                unwritten = memoryview(b"".join(pieces))[offset - start :]
                offset += os.pwrite(self._fd, unwritten, offset)
        except OSError as error:
            raise self._destination.failure(error) from None
        finally:
            self.written.add(start, offset)
        return offset

    def _begin_if_inactive(self) -> None:
        """Start with an empty file: a killed run may have left bytes in the part file."""
        if not self._is_active:
            self.begin()

    def _write_direct(self, data: bytes) -> None:
        self._write_to_device(data if self._guard is None else self._guard.feed(data))
        self.written.add(self._offset, self._offset + len(data))
        self._offset += len(data)

    def _write_to_device(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                try:
                    count = os.write(self._fd, view)
                except BlockingIOError:
                    # Another process made the shared descriptor non-blocking.
                    select.select([], [self._fd], [])
                    continue
                view = view[count:]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._destination.failure(error) from None

    def read(self, span: Span) -> Iterator[bytes]:
        """Yield the bytes of a span in blocks, as far as they exist, in any thread."""
        offset = span.start
        while offset < span.end:
            try:
                block = os.pread(self._fd, min(_BLOCK, span.end - offset), offset)
            except OSError as error:
                raise self._destination.failure(error) from None
            if not block:
                return
            offset += len(block)
            yield block

    def save(self) -> None:
        """Write the sidecar: which bytes are written, and which of them are synced to the disk.

        It may take long, and another thread may call it while bytes are written.
        """
        if self.is_direct:
            return
        with self._saving:
            state = self.state
            if state is None or state == self._state_in_sidecar or self._fd < 0:
                return
            try:
                self._synced.sync_if_due(self._fd, state.spans)
                key = self._key.create() if self._key and self._may_authenticate else None
                owner = self._owner(key)
                sidecar.write(self._destination.sidecar, state, self._synced.spans, owner)
            except OSError as error:
                raise self._destination.failure(error) from None
            self._state_in_sidecar = state

    @uninterruptible
    def commit(self, path: str | None = None, *, new: bool = False) -> None:
        """Rename the complete file to its final path, or to ``path`` in the same directory.

        ``new``: never replace a file. Raises FileExistsError if one exists; then call again with
        another ``path``.
        """
        self._begin_if_inactive()
        if self._guard is not None:
            self._write_to_device(self._guard.flush())
        try:
            with self._saving:
                if not self.is_direct:
                    # Still open, so still locked: no other run can write to it.
                    if not _is_same_file(self._destination.part, self._fd):
                        raise self._destination.failure(
                            "another program has replaced the partial file"
                        )
                    _rename(self._destination.part, path or self._destination.path, new=new)
                    sidecar.remove(self._destination.sidecar)
                self._close()
        except FileExistsError:
            raise
        except OSError as error:
            raise self._destination.failure(error) from None

    def set_modified(self, seconds: float) -> None:
        """Set the modification time, in seconds since 1970, if the file system can store it."""
        if not self.is_direct:
            with suppress(OSError, OverflowError):
                os.utime(self._fd, (seconds, seconds))

    def discard(self) -> None:
        """Make the part file not resumable, so that ``__exit__`` removes it."""
        self._base_state = None

    def __exit__(self, *_error: object) -> None:
        """Keep a part file that can be resumed; remove any other."""
        self.close()

    @uninterruptible
    def close(self) -> KeptFile | None:
        """Close the file; keep an incomplete one and return it if it can be resumed.

        No effect if it is closed already.
        """
        if self._fd < 0:
            return None
        with self._saving:
            kept = self._save_for_resuming() if self.will_be_kept else None
            if kept is None and not self.is_direct and (self._is_changed or self.length == 0):
                with suppress(OSError):
                    os.unlink(self._destination.part)
                sidecar.remove(self._destination.sidecar)
            with suppress(OSError):
                self._close()
        return kept

    @property
    def will_be_kept(self) -> bool:
        """Whether leaving now would keep the part file, if the sidecar can be saved."""
        can_be_resumed = self._base_state is not None and self.written.total > 0
        return can_be_resumed and not self.is_direct and self._fd >= 0

    def _save_for_resuming(self) -> KeptFile | None:
        """Save the sidecar; return None if that is impossible, so nothing can be resumed.

        On a full disk the end of the part file makes room for the sidecar.
        """
        with suppress(OSError):
            self._cut(max((span.end for span in self.written), default=0))  # reserved space
        for _attempt in range(2):
            with suppress(HttpcliError):
                self.save()
            if self._state_in_sidecar is not None and self._state_in_sidecar == self.state:
                break
            with suppress(OSError):
                self._cut(self.length - _ROOM_FOR_SIDECAR)
        # An earlier sidecar of this run is still true: it lists fewer bytes.
        saved = self._state_in_sidecar
        if saved is None:
            return None
        kept = saved._replace(spans=tuple(Spans(saved.spans).within(self.length)))
        has_key = self._key is not None and self._key.read() is not None
        is_proven = has_key and self._may_authenticate and kept == saved
        return KeptFile(kept, is_proven) if kept.spans else None

    def _cut(self, length: int) -> None:
        """Cut the part file off at a length. Raises OSError."""
        if 0 <= length < self.length:
            os.ftruncate(self._fd, length)
            self.written = Spans(self.written.within(length))

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        _open_files.discard(self)
        os.close(fd)


@uninterruptible
def close_open_files() -> None:
    """Close the part files that a signal left open, as ``PartFile.close``."""
    for part in tuple(_open_files):
        part.close()


class SyncedSpans:
    """The spans of one file that are on the disk, and would survive a crash of the machine."""

    def __init__(self) -> None:
        self.spans: Sequence[Span] = ()
        """The written spans at the time of the last sync."""
        self._synced_at = monotonic()

    def clear(self) -> None:
        """Start with an empty file."""
        self.spans, self._synced_at = (), monotonic()

    def reset_unsynced(self) -> None:
        """Start with bytes of an earlier run, which may not have reached the disk."""
        self.spans, self._synced_at = (), -math.inf

    def sync_if_due(self, fd: int, written: Sequence[Span]) -> None:
        """Sync the file if the interval is over, and set ``spans`` to ``written``."""
        if monotonic() - self._synced_at >= (_SYNC_INTERVAL if boot_id() else 0.0):
            _sync(fd)
            self.spans, self._synced_at = written, monotonic()


def _open_locked(destination: OutputPath) -> int:
    """Open and lock the part file of a destination; return its descriptor.

    It is not truncated. Raises OSError, BlockingIOError if another run has locked it, and
    HttpcliError if it is not a file of this user.
    """
    while True:
        fd = os.open(destination.part, _OPEN_FLAGS, 0o666)
        try:
            if _is_same_file(destination.path, fd):
                os.unlink(destination.part)  # a run was killed between link and unlink
            else:
                _refuse_foreign(destination, fd)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_same_file(destination.part, fd):
                    if destination.mode is not None:
                        os.fchmod(fd, stat.S_IMODE(destination.mode) & _PERMISSIONS)
                    return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # another run finished meanwhile and renamed that file


def _rename(part: str, path: str, *, new: bool) -> None:
    """Rename the part file. Raises OSError; FileExistsError if ``new`` and the name is taken."""
    if not new:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # The file system has no hard links: create an empty file to reserve the name.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        try:
            os.replace(part, path)
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            raise
        return
    os.unlink(part)


def _refuse_foreign(destination: OutputPath, fd: int) -> None:
    """Raise HttpcliError unless the part file is a regular file of this user without links."""
    status = os.fstat(fd)
    is_own = status.st_uid == os.geteuid() and status.st_nlink == 1
    if not (is_own and stat.S_ISREG(status.st_mode)):
        part = os.path.basename(destination.part)
        raise destination.failure(
            f"{part} already exists and is not from httpcli (move or delete it)"
        )


def _refuse_locked(path: str) -> None:
    """Raise BlockingIOError if a file is locked: it is the part file of another download."""
    with suppress(FileNotFoundError):
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(fd)


def _is_same_file(path: str, fd: int) -> bool:
    """Return whether ``path`` names the file that ``fd`` refers to."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except OSError:
        return False
