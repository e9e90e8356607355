"""One file that a download fills: which bytes are there, of what, and where the next ones go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from httpcli.model.download import Resume
from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.model.partial import Partial, Span, Spans
from httpcli.model.transfer import amount
from httpcli.protocol.cookie_dates import parse_cookie_date
from httpcli.protocol.ranges import condition, of_response
from httpcli.storage.room import free_bytes

if TYPE_CHECKING:
    from httpcli.model.download import Download
    from httpcli.model.fields import Fields
    from httpcli.model.ports import Progress, Tell
    from httpcli.modes.placing import Place
    from httpcli.storage.partfile import PartFile

_BLOCK = 256 * 1024
"""Bytes that are written at once."""
_EVERY = 1.0
"""Seconds between two records of what is there."""


class Rest(NamedTuple):
    """What is asked for: the bytes from ``start`` up to ``end`` (None: the last).

    ``known`` says of what the bytes are that are there; ``proven``: they are
    joined only if the server still has that.
    """

    start: int
    end: int | None
    known: Partial
    proven: bool


class Divided(NamedTuple):
    """A file that several connections fill: of what; the response at hand goes up to ``limit``."""

    known: Partial
    part: PartFile
    progress: Progress
    limit: int


class Saving:
    """Fills the file of one place. Its methods raise HttpcliError."""

    def __init__(
        self, wish: Download, url: str, place: Place, progress: Progress, tell: Tell
    ) -> None:
        self._wish = wish
        self._url = url
        self._place = place
        self._progress = progress
        self._tell = tell
        self._part: PartFile | None = None
        self._known: Partial | None = None
        self._proven = True
        self._copies = False
        self._pieces: list[bytes] = []
        self._held = 0
        self._at = 0
        self._end: int | None = None
        self._saver: asyncio.Task[None] | None = None
        self._active = False
        self._modified: float | None = None
        self._adopted = False
        self.is_whole = False

    @property
    def is_open(self) -> bool:
        """Whether the file has its name, and is locked."""
        return self._part is not None

    @property
    def part(self) -> PartFile:
        """The part file."""
        if self._part is None:
            raise RuntimeError("the file has no name yet")
        return self._part

    def open(self) -> None:
        """Lock the file, and look at what an earlier run left."""
        self._part = self._place.open()
        if self._wish.resume is not Resume.NO and not self.part.direct:
            self._look_at_leftovers()

    def _look_at_leftovers(self) -> None:
        known = self.part.known
        vouched = self._wish.resume is Resume.TRUST or bool(self._wish.checksum)
        name = self._place.name
        if known is not None and known.url == self._url:
            if condition(known) or vouched:
                self._known, self._proven = known, bool(condition(known))
            elif known.done:
                self._tell(f"{name}: nothing tells whether it has changed: it starts over")
        elif known is not None and known.done and not vouched:
            self._tell(f"{name}: what is there came from another URL: it starts over")
        elif self.part.held and not vouched:
            self._tell(f"{name}: nothing tells what {name}.part holds: it starts over")
        elif vouched and self.part.held:
            self._vouch(self.part.held)
        elif vouched and self.part.existing and (existed := self._place.existed()):
            self._vouch(existed.size)
            self._copies = True

    def _vouch(self, size: int) -> None:
        """Take bytes of unknown origin for those of this file: somebody proves it in the end."""
        self._known = Partial(self._url, None, done=(Span(0, size),) if size else ())
        self._proven = False

    def rest(self) -> Rest | None:
        """Return what has still to be asked for; None where that is all of it."""
        known = self._known
        if known is None or not (self._proven or self._vouched):
            return None
        spans = Spans(known.done)
        if not spans.head and (known.size is None or not spans.total):
            return None
        if known.size is None:
            return Rest(spans.head, None, known, self._proven)
        gaps = spans.gaps(known.size)
        if not gaps:
            return Rest(known.size, None, known, self._proven)
        last = gaps[0].end == known.size
        return Rest(gaps[0].start, None if last else gaps[0].end, known, self._proven)

    @property
    def _vouched(self) -> bool:
        return self._wish.resume is Resume.TRUST or bool(self._wish.checksum)

    def is_finished(self, fields: Fields, length: int | None) -> bool:
        """Tell whether the file that has the name already is what the response would give."""
        if self._wish.resume is Resume.NO or self.part.direct or self._active:
            return False
        existed = self._place.existed()
        if existed is None or existed.size != length or (self.part.held and not self._copies):
            return False
        changed = parse_cookie_date(fields.first("Last-Modified") or "")
        return changed is None or changed <= existed.time

    def is_there(self) -> bool:
        """Tell whether the file that has the name is whole; else the part is (the server says)."""
        if self._copies:
            return True
        if self._known is not None:
            self.part.resume(self._known)
            self.is_whole = self._active = True
        return False

    def begin(self, fields: Fields, length: int | None, *, coded: bool) -> None:
        """Begin from the first byte: the response is all of it."""
        if self.part.direct and self._at:
            raise self._incomplete("the server cannot go on behind what has been written")
        self._check_size(length)
        found = of_response(self._url, fields, length, self._wish.checksum)
        # Of coded content no part can be asked for: it is not kept.
        self._known = None if coded else found
        self._proven = bool(condition(found))
        self._modified = parse_cookie_date(found.last_modified)
        self._copies = False
        self._forget_held()
        self.part.begin(self._known)
        self._at, self._end, self._active = 0, None if coded else length, True
        self._progress.begin(self._place.name, None if coded else length, 0)

    def expect(self, end: int) -> None:
        """Say that the response ends there, although that is not all."""
        self._end = end

    async def go_on(self, fields: Fields, rest: Rest, end: int, size: int | None) -> None:
        """Go on with what is there: the response has the bytes from its end up to ``end``."""
        self._check_size(size)
        known = rest.known
        if not known.etag and not known.last_modified:
            fresh = of_response(self._url, fields, size, self._wish.checksum)
            known = fresh._replace(done=known.done)
        known = known._replace(size=size if known.size is None else known.size)
        if self._copies:
            await asyncio.to_thread(self.part.copy_existing)
            self._copies, self._adopted = False, True
        self._known = known
        self._modified = parse_cookie_date(known.last_modified)
        if not self._active:
            self.part.resume(known)
        self._forget_held()
        self._at, self._end, self._active = rest.start, end, True
        self._progress.begin(self._place.name, known.size, Spans(known.done).total)

    def _check_size(self, size: int | None) -> None:
        """Refuse what is more than was allowed, or than there is room for."""
        most = self._wish.most
        if size is None or self.part.direct:
            return
        if most is not None and size > most:
            raise self._too_large(amount(size))
        free = free_bytes(self._place.folder)
        more = size - self.part.held
        if free is not None and more > free:
            raise HttpcliError(
                f"{self._place.name}: cannot be written: it takes {amount(more)} more,"
                f" and the disk has {amount(free)} left",
                status=ExitStatus.LOCAL,
            )

    def feed(self, data: bytes) -> None:
        """Take a piece of content."""
        self._pieces.append(data)
        self._held += len(data)
        if self._held >= _BLOCK or self.part.direct:
            self.flush()
        self._begin_saving()

    def flush(self) -> None:
        """Write what is held."""
        count, pieces = self._held, self._pieces
        if not count:
            return
        behind = self._at + count
        if self._end is not None and behind > self._end:
            raise self._incomplete("more bytes came than were announced")
        if self._wish.most is not None and behind > self._wish.most:
            self.part.discard()
            raise self._too_large("it")
        self._forget_held()
        if self.part.direct:
            self.part.write_all(pieces)
        else:
            self.part.write_at(pieces, self._at)
        self._at = behind
        self._progress.advance(count)

    def divide(self) -> Divided | None:
        """Let several connections write from now on; None where parts could not be joined."""
        known, limit = self._known, self._end
        if known is None or known.size is None or limit is None:
            return None
        if self.part.direct or not condition(known):
            return None
        self._at = self._end = known.size
        self._begin_saving()
        return Divided(known, self.part, self._progress, limit)

    def _begin_saving(self) -> None:
        if self._saver is None:
            self._saver = asyncio.create_task(self._save_now_and_then())

    def _forget_held(self) -> None:
        self._pieces = []
        self._held = 0

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            try:
                self.flush()
                await asyncio.to_thread(self.part.save)
            except (HttpcliError, OSError):
                return  # whoever writes next meets it, too

    async def pause(self) -> int:
        """No more comes for now; return how many bytes are there that can be gone on with."""
        await self._stop_saving()
        if not self._active or self._known is None:
            return 0
        try:
            self.flush()
        except (HttpcliError, OSError):
            self._forget_held()
        self._note_done()
        return sum(span.length for span in self._known.done) if self.rest() is not None else 0

    def _note_done(self) -> None:
        if self._known is not None:
            direct = (Span(0, self._at),) if self._at else ()
            done = direct if self.part.direct else tuple(self.part.done)
            self._known = self._known._replace(done=done)

    async def ended(self) -> None:
        """The response has ended in an orderly way. Raises HttpcliError where it is too short."""
        await self._stop_saving()
        self.flush()
        if self._end is not None and self._at < self._end:
            raise self._incomplete("fewer bytes came than were announced")
        self._note_done()
        known = self._known
        if known is None or self._end is None:
            self.is_whole = True
        else:
            self.is_whole = known.size is not None and not Spans(known.done).gaps(known.size)

    async def commit(self) -> None:
        """It is whole: it takes its name."""
        if self._wish.keeps_time and self._modified is not None:
            self.part.stamp(self._modified)
        self._place.commit(self.part, replaces=self._adopted)
        self._progress.end("")

    def start_over(self) -> None:
        """Ask for all of it next time: what is there cannot be gone on with."""
        self._known = None
        self._copies = False

    async def leave(self, reason: str) -> str:
        """End without a whole file; return the line that says what is left, empty for nothing."""
        await self._stop_saving()
        part = self._part
        if part is None:
            return ""
        if self._active:
            try:
                self.flush()
            except (HttpcliError, OSError):
                self._forget_held()
            self._progress.end(reason)
        kept, have = part.kept, part.done.total
        part.__exit__(None, None, None)
        if not kept:
            return ""
        size = self._known.size if self._known is not None else None
        of = "" if size is None else f" of {amount(size)}"
        return f"{self._place.name}.part has {amount(have)}{of}; --continue goes on with it"

    async def _stop_saving(self) -> None:
        saver, self._saver = self._saver, None
        if saver is not None:
            saver.cancel()
            await asyncio.wait([saver])

    def _too_large(self, what: str) -> HttpcliError:
        most = amount(self._wish.most or 0)
        return HttpcliError(
            f"{self._place.name}: {what} is more than the {most} of --max-size",
            hint="--max-size sets how large it may be",
        )

    def _incomplete(self, why: str) -> HttpcliError:
        return HttpcliError(f"{self._place.name}: {why}", status=ExitStatus.INCOMPLETE)
