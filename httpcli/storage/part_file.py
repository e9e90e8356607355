"""What of a file is on the disk for sure.

A run that is killed loses nothing that it wrote; a machine that stops may. So a
file is synced now and then only: a disk that is slower than the network would
else be waited for all the time.
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

from httpcli.core.download import PartialState, Span, Spans
from httpcli.core.errors import HttpcliError
from httpcli.storage import sidecar
from httpcli.storage.output_path import OutputPath
from httpcli.storage.sidecar import boot

_sync = getattr(os, "fdatasync", os.fsync)
_EVERY = 30.0
"""Seconds between two of them, where the system tells when it was started."""


class SyncedSpans:
    """The spans of one file that would survive the machine's end."""

    def __init__(self) -> None:
        self.spans: Sequence[Span] = ()
        self._at = monotonic()

    def clear(self) -> None:
        """Say that the file begins anew."""
        self.spans, self._at = (), monotonic()

    def doubt(self) -> None:
        """Say that an earlier run wrote to it: who knows what is on the disk."""
        self.spans, self._at = (), -math.inf

    def consider(self, fd: int, written: Sequence[Span]) -> None:
        """Sync where it is time to: then all of ``written`` is there. Raises OSError."""
        if monotonic() - self._at >= (_EVERY if boot() else 0.0):
            _sync(fd)
            self.spans, self._at = written, monotonic()


# How a part file is made this run's own, and how it gets its name at the end.


_NEW = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
"""Neither through a link that somebody put there, nor waiting for a FIFO's reader."""


def claimed(destination: OutputPath) -> int:
    """Open the part file of a destination and lock it; return its descriptor.

    Its bytes stay. Raises OSError, BlockingIOError where another run has it,
    HttpcliError where it is not ours.
    """
    while True:
        fd = os.open(destination.part, _NEW, 0o666)
        try:
            if _is(destination.path, fd):
                os.unlink(destination.part)  # a run was killed when it had just named it
            else:
                _refuse_foreign(destination, fd)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is(destination.part, fd):
                    if destination.mode is not None:
                        os.fchmod(fd, stat.S_IMODE(destination.mode))
                    return fd
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # another run finished meanwhile and took that file away


def name_it(part: str, path: str, *, new: bool) -> None:
    """Give the part its name. Raises OSError; FileExistsError where it must be new."""
    if not new:
        os.replace(part, path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: the name is taken by an empty file first.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        os.replace(part, path)
        return
    os.unlink(part)


def _refuse_foreign(destination: OutputPath, fd: int) -> None:
    """Raise HttpcliError where the part file is not a plain file of this user's alone."""
    status = os.fstat(fd)
    own = status.st_uid == os.geteuid() and status.st_nlink == 1
    if not (own and stat.S_ISREG(status.st_mode)):
        part = os.path.basename(destination.part)
        raise destination.failure(f"{part} is in the way: not a file of ours")


def _is(path: str, fd: int) -> bool:
    """Tell whether ``path`` names the file that ``fd`` has open."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except OSError:
        return False


# A file that takes its name only when it is whole, and can be gone on with until then.
#
# Bytes go to ``NAME.part`` beside the destination, with a record of what they are in
# ``NAME.part.json``, and a rename puts them in place: a failure never harms a file that was
# good. A lock keeps a second run out. Only bytes that the record names are ever taken for
# content: whatever else a killed run left is written over.
#
# ::
#
# with PartFile(typed, path) as part: known = part.known # what an earlier run left, or None
# part.begin(Partial(url, size, ...)) # from nothing part.resume(known) # or with the bytes that
# are there part.write(data) # one stream: behind the last byte part.write_at(pieces, offset) #
# several: each where it belongs await to_thread(part.save) # now and then part.commit()


_BLOCK = 1 << 20
_MOST_PIECES = 512
"""What one system call takes: a system may have 1024 at most."""


class PartFile:
    """Writes a file; ``commit`` gives it its name.

    Leaving without it keeps the part where it was begun with a record, and removes
    it where it was begun without: nobody could go on with it. What was neither begun
    nor resumed stays. Symbolic links are resolved, an existing file's mode is kept.
    What is written ``direct``ly (a device, a FIFO) has no record.
    Every method raises HttpcliError with status LOCAL.
    ``BusyError`` is the one of a file that another run is writing.
    """

    def __init__(self, typed: str, path: str) -> None:
        self._destination = OutputPath(typed, path)
        self._fd = -1
        self._at = 0
        self._record: PartialState | None = None
        self._saved: PartialState | None = None
        self._synced = SyncedSpans()
        self._saving = threading.RLock()  # a record in the making must not outlive its bytes
        self._fresh = True
        self._touched = False
        self.done = Spans()

    @property
    def direct(self) -> bool:
        """Whether bytes go where they belong at once: there is no part, and no going back."""
        return self._destination.direct

    @property
    def path(self) -> str:
        """The path of the file when it is whole."""
        return self._destination.name

    @property
    def existing(self) -> bool:
        """Whether a regular file stands where the new one will."""
        return not self.direct and self._destination.mode is not None

    @property
    def held(self) -> int:
        """How long the part is, whatever its bytes are."""
        return 0 if self.direct else os.fstat(self._fd).st_size

    @property
    def known(self) -> PartialState | None:
        """What the record of an earlier run says, as far as the part has the bytes."""
        if self.direct or self._fresh:
            return None
        found = sidecar.read(self._destination.sidecar)
        if found is None:
            return None
        return found._replace(spans=tuple(Spans(found.spans).within(self.held)))

    def __enter__(self) -> PartFile:
        """Open and lock it, before anything is sent; what is there stays. Raises HttpcliError."""
        destination = self._destination
        destination.check()
        try:
            if destination.inherited is not None:
                # Not opened anew: that would begin at the start of a file that others write, too.
                self._fd = os.dup(destination.inherited)
            elif self.direct:
                self._fd = os.open(destination.name, os.O_WRONLY)
            else:
                self._fd = claimed(destination)
                self._fresh = os.fstat(self._fd).st_size == 0
        except BlockingIOError:
            raise destination.busy() from None
        except OSError as error:
            raise destination.failure(error) from None
        return self

    def begin(self, record: PartialState | None = None) -> None:
        """Begin from nothing. ``record`` says what will come, where one could go on with it."""
        self._record = record
        self._saved = None
        self._touched = True
        self.done.clear()
        self._at = 0
        if self.direct:
            return
        try:
            with self._saving:
                self._synced.clear()
                # First the record: bytes without one are nothing, a record without bytes is a lie.
                sidecar.remove(self._destination.sidecar)
                os.ftruncate(self._fd, 0)
            self._fresh = False
        except OSError as error:
            raise self._destination.failure(error) from None

    def resume(self, record: PartialState) -> None:
        """Go on with what is there: ``record.done`` says which bytes count."""
        self._record = record
        self._touched = True
        self._synced.doubt()
        self.done = Spans(record.spans)
        self._at = self.done.prefix_length

    def copy_existing(self) -> int:
        """Begin with the bytes of the file that has the name, and return how many: in a thread."""
        self.begin(self._record)
        try:
            source = os.open(self._destination.path, os.O_RDONLY)
            with open(source, "rb", buffering=0) as file:
                while block := file.read(_BLOCK):
                    self.write(block)
        except OSError as error:
            raise self._destination.failure(error) from None
        return self._at

    def reserve(self, size: int) -> None:
        """Make room for ``size`` bytes in all, so that writers can each begin where they like.

        From then on the length of the part says nothing: the record is saved first.
        Where a file system cannot set room aside, the file is only made that long.
        """
        if self.direct:
            return
        self.save()
        try:
            os.ftruncate(self._fd, max(size, self.held))
            if size and hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._fd, 0, size)
        except OSError as error:
            raise self._destination.failure(error) from None

    def write(self, data: bytes) -> None:
        """Write all of these bytes behind those before."""
        self.write_all((data,))

    def write_all(self, pieces: Sequence[bytes]) -> None:
        """Write all of these pieces behind those before, at one go."""
        if self.direct:
            for piece in pieces:
                self._write_direct(piece)
            return
        self._at = self.write_at(pieces, self._at)

    def write_at(self, pieces: Sequence[bytes], offset: int) -> int:
        """Write all of these pieces from ``offset`` on; return the offset behind them."""
        if len(pieces) > _MOST_PIECES:
            pieces = (b"".join(pieces),)
        self._touched = True
        start = offset
        end = start + sum(map(len, pieces))
        try:
            offset += os.pwritev(self._fd, pieces, offset)
            while offset < end:  # a disk that is nearly full takes less
                rest = memoryview(b"".join(pieces))[offset - start :]
                offset += os.pwrite(self._fd, rest, offset)
        except OSError as error:
            raise self._destination.failure(error) from None
        finally:
            self.done.add(start, offset)
        return offset

    def _write_direct(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                try:
                    view = view[os.write(self._fd, view) :]
                except BlockingIOError:
                    # A sibling process made the shared descriptor non-blocking.
                    select.select([], [self._fd], [])
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._destination.failure(error) from None

    def read(self, span: Span) -> Iterator[bytes]:
        """Give the bytes of a span that are there, a block at a time; for another thread."""
        at = span.start
        while at < span.end:
            try:
                block = os.pread(self._fd, min(_BLOCK, span.end - at), at)
            except OSError as error:
                raise self._destination.failure(error) from None
            if not block:
                return
            at += len(block)
            yield block

    def save(self) -> None:
        """Write the record of what is there, and which of it is on the disk for sure.

        It may take long, and may be called from another thread while bytes are written.
        """
        if self._record is None or self.direct:
            return
        with self._saving:
            record = self._record._replace(spans=tuple(self.done))
            if record == self._saved or self._fd < 0:
                return
            try:
                self._synced.consider(self._fd, record.spans)
                sidecar.write(self._destination.sidecar, record, self._synced.spans)
            except OSError as error:
                raise self._destination.failure(error) from None
            self._saved = record

    def commit(self, path: str | None = None, *, new: bool = False) -> None:
        """Say that it is whole: it takes its name, or that of ``path`` in the same folder.

        ``new``: raises FileExistsError where there is a file by that name; then
        another ``path`` can be tried.
        """
        try:
            with self._saving:
                if not self.direct:
                    # Still open, so still locked: nobody can write to what takes the name.
                    name_it(self._destination.part, path or self._destination.path, new=new)
                    sidecar.remove(self._destination.sidecar)
                self._close()
        except FileExistsError:
            raise
        except OSError as error:
            raise self._destination.failure(error) from None

    def stamp(self, seconds: float) -> None:
        """Say when it was last changed, in seconds since 1970; a file system may not keep that."""
        if not self.direct:
            with suppress(OSError, OverflowError):
                os.utime(self._fd, (seconds, seconds))

    def discard(self) -> None:
        """Say that nobody will go on with it: leaving removes it."""
        self._record = None

    def __exit__(self, *_error: object) -> None:
        """Keep what can be gone on with; remove what cannot."""
        if self._fd < 0:
            return
        with self._saving:
            if self.kept:
                with suppress(HttpcliError):  # whatever failed before says more
                    self.save()
            elif not self.direct and (self._touched or self.held == 0):
                with suppress(OSError):
                    os.unlink(self._destination.part)
                sidecar.remove(self._destination.sidecar)
            with suppress(OSError):
                self._close()

    @property
    def kept(self) -> bool:
        """Whether leaving now would keep the part."""
        whole = self._record is not None and self.done.total > 0
        return whole and not self.direct and self._fd >= 0

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        os.close(fd)
