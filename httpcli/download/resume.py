"""Decides which bytes of an interrupted download are kept, and which to request next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.download import PartialState, Resume, Span, Spans
from httpcli.core.named_tuple import NamedTuple
from httpcli.protocol.ranges import if_range_validator

if TYPE_CHECKING:
    from httpcli.core.download import Download
    from httpcli.core.interfaces import Notify
    from httpcli.download.target import DownloadTarget
    from httpcli.storage.part_file import PartFile
    from httpcli.storage.sidecar import SavedState


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
    is_proven: bool = True
    """Whether this program received them, or the user trusts them; else a checksum must."""


class Restart(NamedTuple):
    """Why a download starts over."""

    reason: str
    trust_helps: bool = False
    """Whether ``--continue=trust`` would resume it."""

    def message(self, name: str) -> str:
        """Return the message for the user about the file ``name``."""
        hint = "; --continue=trust resumes it anyway" if self.trust_helps else ""
        return f"{name}: starting over: {self.reason}{hint}"


NO_VALIDATOR = "the server sent no ETag or Last-Modified that proves that the file is unchanged"


def resumes_without_validator(settings: Download) -> bool:
    """Return whether to resume without a validator: with ``=trust``, or if there is a checksum."""
    return settings.resume is Resume.TRUST or bool(settings.checksum_text)


def find_resume_point(
    part: PartFile, target: DownloadTarget, settings: Download, url: str, notify: Notify
) -> ResumePoint | None:
    """Return what can be resumed; None if the download restarts, after ``notify`` reported why."""
    saved = part.saved_state()
    needs_proof = not resumes_without_validator(settings)
    is_trusted = settings.resume is Resume.TRUST
    if saved is not None:
        restart = why_not_resumed(saved, url, target.name)
        if restart is None:
            return ResumePoint(saved.state)
        if not needs_proof:
            state = (
                saved.state if saved.state.url == url else _without_validators(saved.state, url)
            )
            return ResumePoint(state, is_proven=is_trusted or saved.is_proven)
        if saved.state.spans:
            notify(restart.message(target.name))
        return None
    if part.length and part.has_unreadable_sidecar:
        # The bytes may have gaps: a sidecar lists where.
        notify(Restart(f"{target.name}.part.json cannot be read").message(target.name))
        return None
    if part.length:
        if needs_proof:
            reason = f"the origin of {target.name}.part is unknown"
            notify(Restart(reason, trust_helps=True).message(target.name))
            return None
        return ResumePoint(_state_without_sidecar(url, part.length), is_proven=is_trusted)
    if needs_proof or not part.target_exists or target.has_name_from_server:
        return None  # a server could choose any file of the user's
    existing = target.existing_file()
    if existing is None:
        return None
    state = _state_without_sidecar(url, existing.size)
    return ResumePoint(state, in_target=True, is_proven=is_trusted)


def why_not_resumed(saved: SavedState, url: str, name: str) -> Restart | None:
    """Return why a partial file is not resumed without trust; None if it is."""
    if saved.state.url != url:
        return Restart("the partial file is of another URL", trust_helps=True)
    if not saved.is_proven:
        reason = f"{name}.part.json is not a record of this file that your httpcli wrote"
        return Restart(reason, trust_helps=True)
    if not if_range_validator(saved.state):
        return Restart(NO_VALIDATOR, trust_helps=True)
    return None


def _without_validators(state: PartialState, url: str) -> PartialState:
    """Return the state of a trusted partial file as one of another URL."""
    return PartialState(url, spans=state.spans)


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
