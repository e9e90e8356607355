"""Types of the functions and objects that packages hand to each other."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Protocol

from httpcli.core.body import Body
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.request import Request
from httpcli.core.session import CookieFile, SessionContents

Send = Callable[[Request], AsyncGenerator[Event, None]]
"""Send one request and yield its events. Closing the generator ends the exchange."""

AuthFlow = Generator[Request, ResponseStarted, None]
"""Yields a request and is sent its response; yields the next request, or returns."""

Authenticate = Callable[[Request], AuthFlow]
"""Begin the authentication of one request; it may remember earlier challenges."""

Entropy = Callable[[int], bytes]
"""Return the given number of random bytes."""

OpenBody = Callable[[Body], AsyncIterator[bytes]]
"""Read a body in chunks."""

Write = Callable[[bytes], None]
"""Write all of the bytes. Raises OSError."""

Redraw = Callable[[int, bytes], None]
"""Erase so many lines, the cursor being on the last one, and write text there. Raises OSError."""

Notify = Callable[[str], None]
"""Print a message for the user on stderr."""


class Format(Protocol):
    """Formats text in chunks; the output does not depend on where the text is divided."""

    def feed(self, text: str) -> Iterator[str]:
        """Take the next chunk; yield the output that later chunks cannot change."""

    def pause(self) -> Iterator[str]:
        """Yield output that a person should not wait for, because no chunk came for a while.

        Only here the output, namely its colours, may depend on the chunks.
        """

    def flush(self) -> Iterator[str]:
        """End the text, complete or not; yield the remaining output."""


class Decoder(Protocol):
    """Decodes one content coding (RFC 9110, 8.4.1), in chunks of limited size."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take encoded bytes; yield decoded ones. Raises ValueError for invalid data."""

    def flush(self) -> None:
        """End the encoded bytes. Raises ValueError if the data is incomplete."""


class Encoder(Protocol):
    """Encodes one content coding, in constant memory.

    The methods have the names of zlib: the objects of zlib and zstd are encoders.
    """

    def compress(self, data: bytes, /) -> bytes:
        """Take plain bytes; return encoded ones."""

    def flush(self) -> bytes:
        """End the plain bytes; return the remaining encoded ones."""


class Files(Protocol):
    """Reads the user's files for the planner. Paths are as typed unless stated otherwise."""

    def path(self, typed: str) -> str:
        """Return the absolute path, with ``~`` expanded."""

    def read(self, path: str) -> bytes:
        """Return the contents of a file.

        ``env:NAME`` is an environment variable, ``file:PATH`` a file that holds a secret.
        Raises UsageError, naming the path.
        """

    def size(self, path: str) -> int | None:
        """Return a readable file's size in bytes; None for a FIFO or device.

        Raises UsageError.
        """

    def netrc_login(self, host: str) -> tuple[str, str] | None:
        """Return the user name and password of a host in the user's netrc file.

        None if the file has no entry for it.
        """

    def check_readable(self, path: str) -> None:
        """Raise UsageError unless the path is a readable file or directory."""

    def session(self, path: str, host: str, *, by_path: bool) -> SessionContents:
        """Return the contents of a session file, empty if the file does not exist yet.

        ``path`` is absolute. ``by_path``: whether the user typed the path. Cookies without
        a domain belong to ``host``. Raises HttpcliError.
        """

    def cookie_file(self, path: str) -> CookieFile:
        """Return the contents of a cookie file, empty if the file does not exist yet.

        Raises HttpcliError, also for an invalid line.
        """
