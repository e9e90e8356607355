"""The shapes of the doors between the rooms; nothing here runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Protocol

from httpcli.core.body import Body
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.request import Request
from httpcli.core.session import CookieFile, SessionContents

Send = Callable[[Request], AsyncGenerator[Event, None]]
"""Send one request and tell what happens. Closing the iterator closes the exchange."""

AuthFlow = Generator[Request, ResponseStarted, None]
"""Yields a request, is sent its response head; yields again or returns."""

Authenticate = Callable[[Request], AuthFlow]
"""Begin to send one request as somebody; who, and what was learned before, it knows."""

Entropy = Callable[[int], bytes]
"""Give that many random bytes."""

OpenBody = Callable[[Body], AsyncIterator[bytes]]
"""Read a body piece by piece."""

Write = Callable[[bytes], None]
"""Write all of these bytes, at once or not at all. Raises OSError."""

Notify = Callable[[str], None]
"""Say something to the user beside the output, once."""


class Format(Protocol):
    """Text in, formatted text out, a piece at a time.

    However the text is cut into pieces, the output is the same.
    """

    def feed(self, text: str) -> Iterator[str]:
        """Take the next piece; give what can be said already."""

    def pause(self) -> Iterator[str]:
        """Nothing came, or was given, for a while: give what a person should not wait for.

        Only here the output may depend on the pieces, and only its colours.
        """

    def flush(self) -> Iterator[str]:
        """The text has ended (whole or cut short); give what is left."""


class Decoder(Protocol):
    """Undoes one content coding (RFC 9110, 8.4.1), in bounded pieces."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take coded bytes. Raises ValueError where they are not of the coding."""

    def flush(self) -> None:
        """The coded bytes have ended. Raises ValueError where that is too early."""


class Encoder(Protocol):
    """Applies one content coding, in memory that does not grow with the content.

    In the words of zlib's own objects, and zstd's: they are encoders as they are.
    """

    def compress(self, data: bytes, /) -> bytes:
        """Take plain bytes; give what is coded so far."""

    def flush(self) -> bytes:
        """The content has ended; give the rest."""


class Files(Protocol):
    """What the planner may ask about the user's files (paths as typed)."""

    def path(self, typed: str) -> str:
        """Return the path that is meant: absolute, ``~`` replaced."""

    def read(self, path: str) -> bytes:
        """Return what the file holds; ``env:NAME`` is a variable, ``file:PATH`` a secret file.

        Raises UsageError, naming the path.
        """

    def size(self, path: str) -> int | None:
        """Return a readable file's size in bytes; None for a FIFO or device, which has none.

        Raises UsageError.
        """

    def login(self, host: str) -> tuple[str, str] | None:
        """Return the user and password that the user's netrc file has for a host, if any."""

    def check(self, path: str) -> None:
        """Raise UsageError unless it is a file or directory that can be read."""

    def session(self, path: str, host: str) -> SessionContents:
        """Return what a session file holds, nothing where there is none yet.

        Cookies without a domain are those of ``host``. Raises HttpcliError.
        """

    def cookie_file(self, path: str) -> CookieFile:
        """Return what a cookie jar's file holds, nothing where there is none yet.

        Raises HttpcliError, for a line that is no cookie too.
        """


class BatchReportPart(Protocol):
    """What one line of a batch adds to the reports of the run."""

    @property
    def number(self) -> int:
        """The number of the line."""

    def secrets(self, own: frozenset[str]) -> frozenset[str]:
        """Return what this line's parts hide: its own, and those of the lines before it."""

    def writes(self) -> list[tuple[str, Write]]:
        """Return the kinds of report, and what takes the part of each."""
