"""What a request's content is made of: plain data, nothing is opened here.

Each kind has a ``length`` (bytes, where that is known before sending) and is
``replayable`` or not. Apart from ``model.request``, because a request without
content, the usual one, does not load it.
"""

from typing import NamedTuple

from httpcli.core.url import Url


class BytesBody(NamedTuple):
    """Content at hand."""

    data: bytes

    @property
    def length(self) -> int | None:
        """Bytes, where it is known before sending."""
        return len(self.data)

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return True


class FileBody(NamedTuple):
    """Content that is read from a file while it is sent.

    ``length``, in bytes, is what a regular file had when the plan was made; if it
    has another while it is sent, the request ends. None: a FIFO or device, which
    is read once, to its end.
    """

    path: str
    length: int | None

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return self.length is not None


class StdinBody(NamedTuple):
    """Content from standard input; what was read of it already stands in ``head``.

    ``length`` is what is left of a regular file, None for a pipe.
    """

    head: bytes = b""
    length: int | None = None

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return False


class FormPart(NamedTuple):
    """One part of multipart content: its fields (without their empty line), and what it holds."""

    head: bytes
    content: BytesBody | FileBody | StdinBody


class MultipartBody(NamedTuple):
    """Content in parts (RFC 7578), each read while it is sent."""

    boundary: str
    parts: tuple[FormPart, ...]

    @property
    def length(self) -> int | None:
        """Bytes, where it is known before sending."""
        environment = len(self.delimiter) + len(b"\r\n\r\n") + len(b"\r\n")
        total = len(self.end)
        for part in self.parts:
            if part.content.length is None:
                return None
            total += environment + len(part.head) + part.content.length
        return total

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return all(part.content.replayable for part in self.parts)

    @property
    def delimiter(self) -> bytes:
        """What begins a part."""
        return f"--{self.boundary}\r\n".encode()

    @property
    def end(self) -> bytes:
        """What ends the content."""
        return f"--{self.boundary}--\r\n".encode()


class BodyFromUrl(NamedTuple):
    """Content that another request fetches while it is sent.

    ``user`` and ``password``: who the URL says is asking, ``user`` empty for nobody.
    ``length``: None until its source has said it, or where it does not.
    """

    url: Url
    user: str = ""
    password: str = ""
    length: int | None = None

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return False


class CompressedBody(NamedTuple):
    """Content that is compressed while it is sent, by a coding of RFC 9110, 8.4.1."""

    body: BytesBody | FileBody | StdinBody | MultipartBody | BodyFromUrl
    coding: str

    @property
    def length(self) -> int | None:
        """Nobody knows before it is done."""
        return None

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return self.body.replayable


class SpooledBody(NamedTuple):
    """Content that comes once, and is copied to disk while it is sent, to be sent again."""

    body: FileBody | StdinBody | MultipartBody | BodyFromUrl | CompressedBody

    @property
    def length(self) -> int | None:
        """Bytes, where it is known before sending."""
        return self.body.length

    @property
    def replayable(self) -> bool:
        """Whether it can be sent a second time."""
        return True


Body = (
    BytesBody | FileBody | StdinBody | MultipartBody | BodyFromUrl | CompressedBody | SpooledBody
)


class Compression(NamedTuple):
    """A wish to compress; ``force``: even where short content would grow by it."""

    coding: str
    force: bool = False
