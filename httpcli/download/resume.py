"""What an earlier run left of a file, and whether it may be gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import PartialState, Resume, Span, Spans
from httpcli.protocol.ranges import condition

if TYPE_CHECKING:
    from httpcli.core.download import Download
    from httpcli.core.interfaces import Notify
    from httpcli.download.target import Target
    from httpcli.storage.part_file import PartFile


class MissingRange(NamedTuple):
    """What is asked for: the bytes from ``start`` up to ``end`` (None: the last).

    ``known`` says of what the bytes are that are there; ``proven``: they are
    joined only if the server still has that.
    """

    start: int
    end: int | None
    known: PartialState
    proven: bool


class ResumePoint(NamedTuple):
    """Bytes that may be gone on with.

    ``copies``: they are those of the file that has the name, and no part yet.
    """

    known: PartialState
    copies: bool = False


def is_vouched(wish: Download) -> bool:
    """Tell whether bytes may be joined that no validator proves: something else will, or must."""
    return wish.resume is Resume.TRUST or bool(wish.checksum_text)


def leftover_of(
    part: PartFile, place: Target, wish: Download, url: str, tell: Notify
) -> ResumePoint | None:
    """Return what can be gone on with; None where it starts over, and ``tell`` was told why."""
    known, vouched, name = part.known, is_vouched(wish), place.name
    if known is not None and known.url == url and (vouched or condition(known)):
        return ResumePoint(known)
    if not vouched:
        if known is not None and known.spans:
            same = known.url == url
            why = "nothing tells whether it has changed" if same else "it is of another URL"
            tell(f"{name}: what is there is not gone on with, {why}")
        elif known is None and part.held:
            tell(f"{name}: what is there is not gone on with, nothing tells what it is")
        return None
    if part.held:
        return ResumePoint(_vouched(url, part.held))
    existed = place.existed() if part.existing else None
    return None if existed is None else ResumePoint(_vouched(url, existed.size), copies=True)


def _vouched(url: str, size: int) -> PartialState:
    return PartialState(url, spans=(Span(0, size),) if size else ())


def rest_of(known: PartialState | None, wish: Download) -> MissingRange | None:
    """Return what has still to be asked for; None where that is all of it."""
    if known is None or not known.spans:
        return None
    proven = bool(condition(known))
    if not proven and not is_vouched(wish):
        return None
    spans = Spans(known.spans)
    if known.size is None:
        return (
            MissingRange(spans.prefix_length, None, known, proven) if spans.prefix_length else None
        )
    gaps = spans.gaps(known.size)
    if not gaps:
        return MissingRange(known.size, None, known, proven)
    last = gaps[0].end == known.size
    return MissingRange(gaps[0].start, None if last else gaps[0].end, known, proven)
