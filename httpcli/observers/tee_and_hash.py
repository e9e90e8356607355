"""Observers for ``--tee`` and ``--hash``: copy the body of a response, or hash bodies."""

from __future__ import annotations

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
from httpcli.observers.base import Observer, ResponseStatus
from httpcli.protocol.checksums import Hashes
from httpcli.protocol.ranges import content_range
from httpcli.storage.part_file import PartFile

if TYPE_CHECKING:
    from httpcli.core.interfaces import Notify, Write
    from httpcli.core.plan import Plan
    from httpcli.core.plan_options import TeeAndHash
    from httpcli.run_context import RunContext


def make_tee(plan: Plan, context: RunContext, _stdout: Write, _stderr: Write) -> Tee:
    """Open the file of the copy before anything is sent. Raises HttpcliError."""
    name = _options_of(plan).tee
    response_status = ResponseStatus(
        check_status=plan.check_status, following=plan.send_policy.follow
    )
    return Tee(PartFile(name, context.files.path(name)), response_status)


def make_hash_observer(
    plan: Plan, context: RunContext, _stdout: Write, _stderr: Write
) -> HashObserver:
    """Return the observer for a plan with ``--hash``."""
    return HashObserver(_options_of(plan).hashes, context.notices.text)


def _options_of(plan: Plan) -> TeeAndHash:
    if plan.tee_and_hash is None:
        raise ValueError("the plan copies no content")
    return plan.tee_and_hash


def _continues(response: ResponseStarted, received: int) -> bool:
    """Return whether a response continues after the first ``received`` bytes of a file.

    A download that is interrupted and retried requests only the missing bytes.
    """
    if response.status != 206 or not received:
        return False
    part = content_range(response.fields.single("Content-Range"))
    return part is not None and part.start == received


class Tee(Observer):
    """Copies the body of the last response to a file, which gets its final name when complete.

    As with ``--output``, the body of a response that ``--check-status`` fails is not copied.
    """

    def __init__(self, part: PartFile, response_status: ResponseStatus) -> None:
        self._part = part.__enter__()
        self._response_status = response_status
        self._copies = False
        self._is_complete = False
        self._copied = 0
        """Bytes of the copy."""

    def observe(self, event: Event) -> None:
        """Copy a piece of the body. Raises HttpcliError."""
        self._response_status.observe(event)
        match event:
            case ResponseStarted(is_followed=is_followed):
                self._copies = not is_followed and self._response_status.status is ExitStatus.OK
                self._is_complete = False
                if self._copies and not _continues(event, self._copied):
                    self._part.begin()
                    self._copied = 0
            case ResponseChunk(data) if self._copies:
                self._part.write(data)
                self._copied += len(data)
            case ResponseEnded() if self._copies:
                self._is_complete = True

    def finish(self, _outcome: Outcome) -> None:
        """Rename a complete copy to its final name, or delete it. Raises HttpcliError."""
        try:
            if self._is_complete:
                self._part.commit()
        finally:
            self._part.__exit__()


class HashObserver(Observer):
    """Hashes the last body in each direction, and prints the digests at the end."""

    def __init__(self, algorithms: tuple[str, ...], write_line: Notify) -> None:
        self._algorithms = algorithms
        self._write_line = write_line
        self._sent: Hashes | None = None
        self._hashes = False
        self._received = self._new()
        self._received_count = 0
        """Bytes that ``_received`` has hashed."""
        self._lines: list[str] = []

    def observe(self, event: Event) -> None:
        """Hash a piece of a body."""
        match event:
            case RequestStarted() | Retrying():
                self._sent = None
                self._lines.clear()
            case RequestChunk(data):
                self._sent = self._sent or self._new()
                self._sent.update(data)
            case ResponseStarted(is_followed=is_followed):
                self._hashes = not is_followed
                if self._hashes and not _continues(event, self._received_count):
                    self._received, self._received_count = self._new(), 0
            case ResponseChunk(data) if self._hashes:
                self._received.update(data)
                self._received_count += len(data)
            case ResponseEnded() if self._hashes:
                sent = [] if self._sent is None else _lines(self._sent, "sent")
                self._lines = [*sent, *_lines(self._received, "received")]

    def finish(self, _outcome: Outcome) -> None:
        """Print one line for each complete body."""
        for line in self._lines:
            self._write_line(line)

    def _new(self) -> Hashes:
        return Hashes(self._algorithms)


def _lines(hashes: Hashes, direction: str) -> list[str]:
    return [f"{name}:{digest.hex()}  {direction}" for name, digest in hashes.digests().items()]
