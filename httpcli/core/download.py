"""What is known of a file that is not whole yet: which of its bytes are there, and of what."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.transfers import ProgressStyle

if TYPE_CHECKING:
    from httpcli.core.transfers import ProgressStyle
    from httpcli.core.url import Url


class Span(NamedTuple):
    """Bytes from ``start`` up to ``end``, which is not among them."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes they are."""
        return self.end - self.start


class PartialState(NamedTuple):
    """Which representation a part file holds bytes of, and which bytes.

    ``url`` is the URL that was asked for, not where a redirect led. ``size``:
    of the whole, None where nobody said. ``etag``, ``last_modified`` and ``date``
    are the fields as they came, empty where there were none. ``checksum`` is the one
    that was asked for, as typed.
    """

    url: str
    size: int | None = None
    etag: str = ""
    last_modified: str = ""
    date: str = ""
    spans: tuple[Span, ...] = ()
    checksum: str = ""


class Spans:
    """A set of bytes by their offsets: sorted spans that neither overlap nor touch."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans: list[Span] = []
        for span in spans:
            self.add(*span)

    def add(self, start: int, end: int) -> None:
        """Add the bytes from ``start`` up to ``end``."""
        if start >= end:
            return
        spans = self._spans
        if spans and spans[-1].end == start:  # the next piece of one stream
            spans[-1] = Span(spans[-1].start, end)
            return
        first = bisect_left(spans, start, key=lambda span: span.end)
        last = first
        while last < len(spans) and spans[last].start <= end:
            start, end = min(start, spans[last].start), max(end, spans[last].end)
            last += 1
        spans[first:last] = [Span(start, end)]

    def clear(self) -> None:
        """Forget all of them."""
        self._spans.clear()

    def gaps(self, size: int) -> tuple[Span, ...]:
        """Return what is missing of ``size`` bytes."""
        missing = []
        at = 0
        for span in self._spans:
            if at < min(span.start, size):
                missing.append(Span(at, min(span.start, size)))
            at = span.end
        return (*missing, Span(at, size)) if at < size else tuple(missing)

    def within(self, size: int) -> Iterator[Span]:
        """Give the spans as far as they lie in the first ``size`` bytes."""
        for span in self._spans:
            if span.start < size:
                yield Span(span.start, min(span.end, size))

    @property
    def prefix_length(self) -> int:
        """How many bytes there are from the first one on, without a gap."""
        return self._spans[0].end if self._spans and self._spans[0].start == 0 else 0

    @property
    def total(self) -> int:
        """How many bytes there are."""
        return sum(span.length for span in self._spans)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)


# What proves that a file arrived as it was: the hash that it must have.


class Checksum(NamedTuple):
    """A hash by ``algorithm`` (a name of hashlib's); ``source`` says who promised it."""

    algorithm: str
    digest: bytes
    source: str = ""

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.digest.hex()}"


class ExpectedChecksum(NamedTuple):
    """What ``--checksum`` says: one of a checksum, the text of a list, the URL of a list."""

    text: str
    checksum: Checksum | None = None
    list_text: str | None = None
    list_url: "Url | None" = None


# How a response becomes a file: where it goes, and what may be there already.


class ExistingFile(Enum):
    """What happens where a file by that name is there already."""

    NUMBER = "number"
    """The new one gets a number; a name that the user typed is replaced."""
    REPLACE = "replace"
    SKIP = "skip"
    NEWER = "newer"
    """It is replaced where the server's is newer."""


class Resume(Enum):
    """Whether an earlier run's part is gone on with."""

    NO = "no"
    CHECKED = "checked"
    """Where it is sure that its bytes are of what the server has."""
    TRUST = "trust"
    """Also where nothing tells: the user vouches for it."""


class Download(NamedTuple):
    """What is done with the content of a response.

    ``output`` is the file as typed, None where the response names it; ``folder``
    goes before it, as typed. ``most``: bytes, more are an error; None for no limit.
    ``checksum`` is what the user asked for, as typed. ``progress_style``: how the user
    is told how far it is, None for not at all. ``connections``: how many at most.
    ``wanted``: what ``checksum`` means.
    """

    output: str | None = None
    directory: str = ""
    existing: ExistingFile = ExistingFile.NUMBER
    resume: Resume = Resume.NO
    set_modified_time: bool = False
    create_directories: bool = False
    max_size: int | None = None
    checksum_text: str = ""
    progress_style: "ProgressStyle | None" = None
    max_connections: int = 1
    expected_checksum: "ExpectedChecksum | None" = None

    @property
    def to_stdout(self) -> bool:
        """Whether the content goes to standard output."""
        return self.output == "-"
