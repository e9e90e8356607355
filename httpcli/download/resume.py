"""Decides which bytes of an interrupted download are kept, and which to request next."""

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
    """A range of the file to request."""

    start: int
    """Offset of the first byte."""
    end: int | None
    """Offset after the last byte; None for the end of the file."""
    state: PartialState
    """The state of the bytes that the range is added to."""
    is_conditional: bool
    """Whether the request has a validator, so that the server sends no other representation."""


class ResumePoint(NamedTuple):
    """Bytes of an earlier run that may be resumed."""

    state: PartialState
    """Their representation and their spans."""
    in_target: bool = False
    """Whether they are in the file at the final path, and not in the part file."""


def resumes_without_validator(settings: Download) -> bool:
    """Return whether to resume without a validator: with ``=trust``, or if there is a checksum."""
    return settings.resume is Resume.TRUST or bool(settings.checksum_text)


def find_resume_point(
    part: PartFile, target: DownloadTarget, settings: Download, url: str, notify: Notify
) -> ResumePoint | None:
    """Return what can be resumed; None if the download restarts, after ``notify`` reported why."""
    state, name = part.saved_state(), target.name
    needs_validator = not resumes_without_validator(settings)
    has_validator = state is not None and bool(if_range_validator(state))
    if state is not None and state.url == url and (has_validator or not needs_validator):
        return ResumePoint(state)
    if needs_validator:
        if state is not None and state.spans:
            is_same_url = state.url == url
            why = "nothing tells whether it has changed" if is_same_url else "it is of another URL"
            notify(f"{name}: what is there is not gone on with, {why}")
        elif state is None and part.length:
            notify(f"{name}: what is there is not gone on with, nothing tells what it is")
        return None
    if part.length:
        return ResumePoint(_state_without_sidecar(url, part.length))
    existing = target.existing_file() if part.target_exists else None
    if existing is None:
        return None
    return ResumePoint(_state_without_sidecar(url, existing.size), in_target=True)


def _state_without_sidecar(url: str, size: int) -> PartialState:
    """Return a state for a file without a sidecar, whose first ``size`` bytes are trusted."""
    return PartialState(url, spans=(Span(0, size),) if size else ())


def missing_range(state: PartialState | None, settings: Download) -> MissingRange | None:
    """Return the range to request next; None if the whole file is requested.

    If nothing is missing, the range starts at the end: the server confirms the size with 416.
    """
    if state is None or not state.spans:
        return None
    is_conditional = bool(if_range_validator(state))
    if not is_conditional and not resumes_without_validator(settings):
        return None
    spans = Spans(state.spans)
    if state.size is None:
        if not spans.prefix_length:
            return None
        return MissingRange(spans.prefix_length, None, state, is_conditional)
    gaps = spans.gaps(state.size)
    if not gaps:
        return MissingRange(state.size, None, state, is_conditional)
    start, end = gaps[0]
    return MissingRange(start, None if end == state.size else end, state, is_conditional)
