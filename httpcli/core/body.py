"""The kinds of request bodies, as plain data: this module opens no file.

Each kind has a ``length`` in bytes (None if it is not known before sending) and
is ``replayable`` or not. They are not in ``core.request``, so that a request
without a body does not load them.
"""

from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import Url


class BytesBody(NamedTuple):
    """A body in memory."""

    data: bytes

    @property
    def length(self) -> int | None:
        """Size in bytes; None if it is not known before sending."""
        return len(self.data)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return True


class FileBody(NamedTuple):
    """A body that is read from a file while it is sent."""

    path: str
    length: int | None
    """The size of a regular file when the plan was made; the request fails if it changes.
    None for a FIFO or device, which is read once, to its end."""

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return self.length is not None


class StdinBody(NamedTuple):
    """A body from standard input."""

    head: bytes = b""
    """Bytes of the body that were already read from standard input."""
    length: int | None = None
    """The bytes left in a regular file; None for a pipe."""

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return False


class FormPart(NamedTuple):
    """One part of a multipart body."""

    head: bytes
    """Its headers, without the empty line after them."""
    content: BytesBody | FileBody | StdinBody


class MultipartBody(NamedTuple):
    """A body in parts (RFC 7578), each read while it is sent."""

    boundary: str
    parts: tuple[FormPart, ...]

    @property
    def length(self) -> int | None:
        """Size in bytes; None if it is not known before sending."""
        overhead = len(self.delimiter) + len(b"\r\n\r\n") + len(b"\r\n")
        total = len(self.end)
        for part in self.parts:
            if part.content.length is None:
                return None
            total += overhead + len(part.head) + part.content.length
        return total

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return all(part.content.replayable for part in self.parts)

    @property
    def delimiter(self) -> bytes:
        """The line before each part."""
        return f"--{self.boundary}\r\n".encode()

    @property
    def end(self) -> bytes:
        """The line after the last part."""
        return f"--{self.boundary}--\r\n".encode()


class BodyFromUrl(NamedTuple):
    """A body that is downloaded from a URL while it is sent."""

    url: Url
    user: str = ""
    """The user name in the URL; empty for none."""
    password: str = ""
    """The password in the URL."""
    length: int | None = None
    """The Content-Length of the source's response; None before the response or without one."""

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return False


class CompressedBody(NamedTuple):
    """A body that is compressed while it is sent."""

    body: BytesBody | FileBody | StdinBody | MultipartBody | BodyFromUrl
    coding: str
    """A content coding (RFC 9110, 8.4.1)."""

    @property
    def length(self) -> int | None:
        """None: not known before all is compressed."""
        return None

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return self.body.replayable


class SpooledBody(NamedTuple):
    """A body that can be read only once; it is copied to disk while it is sent, for retries."""

    body: FileBody | StdinBody | MultipartBody | BodyFromUrl | CompressedBody

    @property
    def length(self) -> int | None:
        """Size in bytes; None if it is not known before sending."""
        return self.body.length

    @property
    def replayable(self) -> bool:
        """Whether it can be sent again."""
        return True


Body = (
    BytesBody | FileBody | StdinBody | MultipartBody | BodyFromUrl | CompressedBody | SpooledBody
)


class Compression(NamedTuple):
    """The option to compress a body."""

    coding: str
    """A content coding (RFC 9110, 8.4.1)."""
    force: bool = False
    """Whether to compress even if a short body gets longer."""
