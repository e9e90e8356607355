"""Decides what an interrupted download may keep, and which bytes to request next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import PartialState, Resume, Span, Spans
from httpcli.protocol.ranges import if_range_validator

if TYPE_CHECKING:
    from httpcli.core.download import Download
    from httpcli.core.interfaces import Notify
    from httpcli.download.target import DownloadTarget
    from httpcli.storage.part_file import PartFile


class MissingRange(NamedTuple):
    """The range that a request asks for."""

    start: int
    """Offset of the first byte."""
    end: int | None
    """Offset after the last byte; None for the end of the file."""
    state: PartialState
    """The representation that the bytes at hand belong to."""
    conditional: bool
    """Whether the request has a validator, so that only the same representation is joined."""


class ResumePoint(NamedTuple):
    """Bytes of an earlier run that may be resumed."""

    state: PartialState
    """The representation that they belong to, and their spans."""
    in_target: bool = False
    """Whether they are in the file at the final path, and not in the part file."""


def allows_unproven(settings: Download) -> bool:
    """Notify whether bytes may be joined without a validator: trusted, or proven by a checksum."""
    return settings.resume is Resume.TRUST or bool(settings.checksum_text)


def find_resume_point(
    part: PartFile, target: DownloadTarget, settings: Download, url: str, notify: Notify
) -> ResumePoint | None:
    """Return what can be resumed; None if the download starts over, after ``notify`` said why."""
    record, unproven, name = part.saved_state(), allows_unproven(settings), target.name
    if record is not None and record.url == url and (unproven or if_range_validator(record)):
        return ResumePoint(record)
    if not unproven:
        if record is not None and record.spans:
            same = record.url == url
            why = "nothing tells whether it has changed" if same else "it is of another URL"
            notify(f"{name}: what is there is not gone on with, {why}")
        elif record is None and part.length:
            notify(f"{name}: what is there is not gone on with, nothing tells what it is")
        return None
    if part.length:
        return ResumePoint(_trusted(url, part.length))
    existing = target.existing_file() if part.target_exists else None
    return None if existing is None else ResumePoint(_trusted(url, existing.size), in_target=True)


def _trusted(url: str, size: int) -> PartialState:
    """Return the record of bytes that come with no record."""
    return PartialState(url, spans=(Span(0, size),) if size else ())


def missing_range(record: PartialState | None, settings: Download) -> MissingRange | None:
    """Return the range to request next; None if the whole file is requested.

    With nothing missing the range starts at the end: the server confirms the size with 416.
    """
    if record is None or not record.spans:
        return None
    conditional = bool(if_range_validator(record))
    if not conditional and not allows_unproven(settings):
        return None
    spans = Spans(record.spans)
    if record.size is None:
        return (
            MissingRange(spans.prefix_length, None, record, conditional)
            if spans.prefix_length
            else None
        )
    gaps = spans.gaps(record.size)
    if not gaps:
        return MissingRange(record.size, None, record, conditional)
    last = gaps[0].end == record.size
    return MissingRange(gaps[0].start, None if last else gaps[0].end, record, conditional)
