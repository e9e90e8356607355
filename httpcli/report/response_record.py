"""What was seen of one answer, as far as somebody has expectations of it.

A message that is not HTTP's (of a WebSocket) is ``ResponseRecord`` too: content, and
nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.expectation import NEED_BODY_TEXT, Subject
from httpcli.protocol import media_types as mediatypes
from httpcli.protocol.charsets import UTF_8, codec_of
from httpcli.syntax.json_values import Json, NotJsonError, parse

if TYPE_CHECKING:
    from httpcli.core.connection_info import Timings

MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of content that body and JSON expectations look at."""

_SECONDS_A_DAY: Final = 86_400


class UnknownError(Exception):
    """What is asked for is not there to be judged; says why."""


class ResponseRecord:
    """Takes note of an exchange, event by event; of several answers the last one counts.

    ``subjects`` are what will be looked at: content is held, or hashed, only for
    those who need it. ``clock`` gives seconds, for differences, where the events
    do not tell their times: they may come later than what they tell of.
    """

    def __init__(self, subjects: Collection[Subject], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._holds = bool(NEED_BODY_TEXT & set(subjects))
        self._hashes = Subject.SHA256 in subjects
        self._restart()

    def _restart(self) -> None:
        self._began: float | None = None
        self._epoch: float | None = None
        self.redirects = 0
        self._forget()

    def _forget(self) -> None:
        self.head: ResponseStarted | None = None
        self.size = 0
        self.until_answer: float | None = None
        self.elapsed: float | None = None
        self._content = bytearray()
        self._hash = hashlib.sha256() if self._hashes else None
        self._parsed: list[Json] = []

    def observe(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case RequestStarted():
                if self._began is None:
                    self._began = self._clock()
            case Retrying():
                self._restart()
            case ResponseStarted(timings=timings):
                if timings is not None and self._epoch is None:
                    self._epoch = timings.started_at
                self._answered(event)
            case ResponseChunk(data) if self.head is not None:
                self.add(data)
            case ResponseEnded(timings=timings) if self.head is not None:
                self.elapsed = self._since(timings, timings and timings.ended)

    def _answered(self, head: ResponseStarted) -> None:
        if head.intermediary:
            self.redirects += 300 <= head.status <= 399
            return
        self._forget()
        self.head = head
        self.until_answer = self._since(head.timings, head.timings and head.timings.responded)

    def add(self, data: bytes) -> None:
        """Take a piece of content."""
        self.size += len(data)
        if self._hash is not None:
            self._hash.update(data)
        if self._holds and self.size <= MOST_HELD:
            self._content += data

    @property
    def sha256(self) -> str:
        """The content's digest, in hexadecimal digits."""
        return "" if self._hash is None else self._hash.hexdigest()

    @property
    def text(self) -> str:
        """The content as text; what cannot be decoded is U+FFFD. Raises UnknownError."""
        if self.size > MOST_HELD:
            raise UnknownError(f"the content has more than {MOST_HELD >> 20} MiB")
        return bytes(self._content).decode(self._charset(), "replace")

    @property
    def json(self) -> Json:
        """The content as a JSON value. Raises UnknownError."""
        if not self._parsed:
            text = self.text.removeprefix("\ufeff")
            try:
                self._parsed.append(parse(text))
            except NotJsonError as error:
                line = text.count("\n", 0, error.position) + 1
                column = error.position - text.rfind("\n", 0, error.position)
                where = f"line {line}, column {column}: {error}" if text else "it is empty"
                raise UnknownError(f"the content is not JSON ({where})") from None
        return self._parsed[0]

    @property
    def days_left(self) -> float:
        """Days for which the certificate is valid yet. Raises UnknownError."""
        connection = self.head.connection if self.head is not None else None
        if connection is None or connection.certificate_expires is None:
            raise UnknownError("there is no certificate")
        return connection.certificate_time_left.total_seconds() / _SECONDS_A_DAY

    def _charset(self) -> str:
        told = self.head.fields.first("content-type") if self.head is not None else None
        return codec_of(mediatypes.parse(told or "").charset or "") or UTF_8

    def _since(self, timings: Timings | None, instant: float | None) -> float | None:
        """Return the seconds since the first request of this try began."""
        if timings is not None and instant is not None and self._epoch is not None:
            return timings.started_at - self._epoch + instant
        return None if self._began is None else self._clock() - self._began
