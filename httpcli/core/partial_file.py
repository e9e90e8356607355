"""What is known of a file that is not whole yet: which of its bytes are there, and of what."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """Bytes from ``start`` up to ``end``, which is not among them."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes they are."""
        return self.end - self.start


class Partial(NamedTuple):
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
    done: tuple[Span, ...] = ()
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
    def head(self) -> int:
        """How many bytes there are from the first one on, without a gap."""
        return self._spans[0].end if self._spans and self._spans[0].start == 0 else 0

    @property
    def total(self) -> int:
        """How many bytes there are."""
        return sum(span.length for span in self._spans)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)
