"""Listeners to content on its way: one keeps a copy of it, one takes its hash."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from httpcli.core.events import (
    Event,
    RequestChunk,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.observers.base import ExitStatusObserver, Observer
from httpcli.storage.part_file import PartFile

if TYPE_CHECKING:
    from httpcli.core.interfaces import Notify, Write
    from httpcli.core.plan import Plan
    from httpcli.core.transfers import ContentCopies
    from httpcli.run_context import RunContext


def make_tee(plan: Plan, context: RunContext, _stdout: Write, _stderr: Write) -> Tee:
    """Open the copy, before anything is sent. Raises HttpcliError."""
    name = _of(plan).tee
    verdict = ExitStatusObserver(check_status=plan.check_status, following=plan.send_policy.follow)
    return Tee(PartFile(name, context.files.path(name)), verdict)


def make_hash_observer(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> HashObserver:
    """Make the listener."""
    return HashObserver(_of(plan).hash, context.notices.text)


def _of(plan: Plan) -> ContentCopies:
    if plan.content_copies is None:
        raise ValueError("nothing is made of content on its way")
    return plan.content_copies


class Tee(Observer):
    """Keeps the content of the answer; it takes its name when all is whole.

    As with ``--output``, content that ``--check-status`` fails is not kept.
    """

    def __init__(self, part: PartFile, verdict: ExitStatusObserver) -> None:
        self._part = part.__enter__()
        self._verdict = verdict
        self._answered = False
        self._whole = False

    def observe(self, event: Event) -> None:
        """Keep content. Raises HttpcliError."""
        self._verdict.observe(event)
        match event:
            case ResponseStarted(intermediary=intermediary):
                self._answered = not intermediary and self._verdict.status is ExitStatus.OK
            case ResponseChunk(data) if self._answered:
                self._part.write(data)
            case ResponseEnded() if self._answered:
                self._whole = True

    def finish(self, _outcome: Outcome) -> None:
        """Give the copy its name, or drop it. Raises HttpcliError."""
        try:
            if self._whole:
                self._part.commit()
        finally:
            self._part.__exit__()


class HashObserver(Observer):
    """Takes the hash of the last content in each direction, and says it in the end."""

    def __init__(self, algorithm: str, say: Notify) -> None:
        self._algorithm = algorithm
        self._say = say
        self._sent: hashlib._Hash | None = None
        self._received = self._new()
        self._lines: list[str] = []

    def observe(self, event: Event) -> None:
        """Take note of content."""
        match event:
            case RequestStarted() | Retrying():
                self._sent = None
                self._lines.clear()
            case RequestChunk(data):
                self._sent = self._sent or self._new()
                self._sent.update(data)
            case ResponseStarted():
                self._received = self._new()
            case ResponseChunk(data):
                self._received.update(data)
            case ResponseEnded():
                sent = [] if self._sent is None else [self._line(self._sent, "sent")]
                self._lines = [*sent, self._line(self._received, "received")]

    def finish(self, _outcome: Outcome) -> None:
        """Say what is whole, a line each."""
        for line in self._lines:
            self._say(line)

    def _line(self, content: hashlib._Hash, way: str) -> str:
        return f"{self._algorithm}:{content.hexdigest()}  {way}"

    def _new(self) -> hashlib._Hash:
        return hashlib.new(self._algorithm, usedforsecurity=False)
