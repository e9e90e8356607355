"""The options of a download, its checksum, and the state of a partial file."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING

from httpcli.core.named_tuple import NamedTuple

if TYPE_CHECKING:
    from httpcli.core.plan_options import ProgressStyle
    from httpcli.core.url import Url


class Span(NamedTuple):
    """The bytes from ``start`` up to, but not including, ``end``."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """The number of bytes."""
        return self.end - self.start


class PartialState(NamedTuple):
    """The remote file that a partial file belongs to, and the bytes received of it."""

    url: str
    """The requested URL, before redirects."""
    size: int | None = None
    """The size of the complete file; None if the server did not state it."""
    etag: str = ""
    """The ETag header as received; empty for none."""
    last_modified: str = ""
    """The Last-Modified header as received; empty for none."""
    date: str = ""
    """The Date header as received; empty for none."""
    spans: tuple[Span, ...] = ()
    """The bytes that the partial file has."""
    checksum: str = ""
    """The value of ``--checksum``, as typed."""
    coding: str | None = None
    """The content coding of the bytes, in lower case; empty for none, None if unknown."""


class Spans:
    """A set of byte offsets, as sorted spans that neither overlap nor touch."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for span in spans:
            self.add(*span)

    def add(self, start: int, end: int) -> None:
        """Add the bytes from ``start`` up to ``end``."""
        if start >= end:
            return
        spans = self._spans
        if spans and spans[-1].end == start:  # the usual case: the next piece of one stream
            spans[-1] = Span(spans[-1].start, end)
            return
        first = bisect_left(spans, start, key=lambda span: span.end)
        last = first
        while last < len(spans) and spans[last].start <= end:
            start, end = min(start, spans[last].start), max(end, spans[last].end)
            last += 1
        spans[first:last] = [Span(start, end)]

    def clear(self) -> None:
        """Remove all bytes."""
        self._spans.clear()

    def gaps(self, size: int) -> tuple[Span, ...]:
        """Return the spans missing from the first ``size`` bytes."""
        missing = []
        end = 0
        for span in self._spans:
            if end < min(span.start, size):
                missing.append(Span(end, min(span.start, size)))
            end = span.end
        return (*missing, Span(end, size)) if end < size else tuple(missing)

    def within(self, size: int) -> Iterator[Span]:
        """Yield the spans, cut off at ``size`` bytes."""
        for span in self._spans:
            if span.start < size:
                yield Span(span.start, min(span.end, size))

    @property
    def prefix_length(self) -> int:
        """The number of bytes from the beginning up to the first gap."""
        return self._spans[0].end if self._spans and self._spans[0].start == 0 else 0

    @property
    def total(self) -> int:
        """The number of bytes in all spans."""
        return sum(span.length for span in self._spans)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)


class Checksum(NamedTuple):
    """The hash that a file must have."""

    algorithm: str
    """The name of the hash algorithm in hashlib."""
    digest: bytes
    source: str = ""
    """Where the checksum comes from, for messages."""

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest.hex()}"


class ExpectedChecksum(NamedTuple):
    """The meaning of one ``--checksum``: a checksum, or a list of them."""

    text: str
    """The value as typed."""
    checksum: Checksum | None = None
    """The checksum itself; None for a list."""
    list_text: str | None = None
    """The text of a list of checksums; None for no local list."""
    list_url: "Url | None" = None
    """The URL of a list of checksums; None for no list to download."""


class ExistingFile(Enum):
    """What to do if the file exists already."""

    NUMBER = "number"
    """Add a number to the new file's name; but replace a file that the user named."""
    REPLACE = "replace"
    SKIP = "skip"
    NEWER = "newer"
    """Replace it if the server's file is newer."""


class Resume(Enum):
    """Whether to resume a partial file."""

    NO = "no"
    CHECKED = "checked"
    """Only if the server proves that the file is unchanged."""
    TRUST = "trust"
    """Even if the server cannot prove it."""


class Download(NamedTuple):
    """How to save a response's body to a file."""

    output: str | None = None
    """The file as typed; None if the response names it."""
    directory: str = ""
    """The directory of the file, as typed."""
    existing: ExistingFile = ExistingFile.NUMBER
    resume: Resume = Resume.NO
    set_modified_time: bool = False
    """Whether the file gets the time of Last-Modified."""
    create_directories: bool = False
    """Whether missing directories are created."""
    max_size: int | None = None
    """Bytes; a larger body is an error. None for no limit."""
    checksum_text: str = ""
    """The values of ``--checksum``, as typed."""
    progress_style: "ProgressStyle | None" = None
    """How progress is reported; None for not at all."""
    max_connections: int = 1
    """Connections that the file is downloaded over in segments."""
    expected_checksums: "tuple[ExpectedChecksum, ...]" = ()
    """What the file must have: all of them."""

    @property
    def writes_to_stdout(self) -> bool:
        """Whether the body goes to standard output."""
        return self.output == "-"
