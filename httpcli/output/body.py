"""One message's content on its way to the reader: charset, guard, format, charset again.

What to do is settled by the media type and the first piece. Content that needs
nothing goes through as the very bytes that came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from httpcli.model.fields import Fields
from httpcli.model.plan import Show
from httpcli.model.ports import Format, Tell
from httpcli.model.shown import visible
from httpcli.output.registry import choose
from httpcli.output.safety import Guard
from httpcli.output.text import Text, charset_of, is_wide, may_be_mark
from httpcli.protocol.mediatypes import MediaType, parse

_BATCH = 1 << 18
"""Characters that are encoded and written at once."""

_BINARY_TYPES = frozenset({"audio", "font", "image", "video"})
_BINARY_SUBTYPES = frozenset(
    {
        "epub+zip",
        "gzip",
        "java-archive",
        "msword",
        "octet-stream",
        "pdf",
        "protobuf",
        "vnd.apache.parquet",
        "wasm",
        "x-7z-compressed",
        "x-brotli",
        "x-bzip2",
        "x-gzip",
        "x-tar",
        "x-xz",
        "zip",
        "zstd",
    }
)
_BINARY_FAMILIES = ("vnd.openxmlformats-", "vnd.oasis.opendocument.", "vnd.ms-", "x-zip")
_UNITS = ("kB", "MB", "GB", "TB")


class Body:
    """Makes of a message's content what is shown of it, piece by piece."""

    def __init__(self, show: Show, fields: Fields, tell: Tell, *, received: bool) -> None:
        self._show = show
        self._fields = fields
        self._received = received
        self._tell = tell
        self._start = b""
        self._begun = False
        self._text: Text | None = None
        self._chain: list[Format] = []
        self.suppressed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next piece of content; give what can be shown of it."""
        if not self._begun:
            if self._start:
                data, self._start = self._start + data, b""
            if may_be_mark(data):
                self._start = data
                return
            yield from self._begin(data)
        if self.suppressed:
            return
        if self._text is None:
            yield data
        else:
            yield from self._batches(self._formatted(self._text.decode(data)))

    def pause(self) -> Iterator[bytes]:
        """Nothing came for a while: give what a person should not have to wait for."""
        yield from self._batches(self._paused())

    def flush(self) -> Iterator[bytes]:
        """The content has ended, or was cut short; give what is left to show."""
        if self._start:
            yield from self._begin(self._start)
            if self._text is None and not self.suppressed:
                yield self._start
        if self._text is not None:
            last = self._text.decode(self._start, last=True)
            yield from self._batches(self._ended(last))
            yield self._text.encode("", last=True)

    def _begin(self, start: bytes) -> Iterator[bytes]:
        """Settle what to do with content that begins so."""
        if not start:
            return
        self._begun = True
        show = self._show
        media = parse(self._fields.first("content-type") or "")
        charset = charset_of(media.charset or "", start)
        nul = b"\0" in start and not is_wide(charset)
        if show.guard and (nul or _is_binary(media)):
            self.suppressed = True
            yield self._notice(media).encode()
            return
        beginning = "" if nul else start.decode(charset, "replace")
        chosen = choose(show, media, beginning, self._tell)
        if show.guard:
            # Where a format writes colours of its own, none but those are live.
            self._chain.append(Guard(colours=not chosen.formats, keeps=chosen.keeps))
        self._chain += chosen.formats
        if self._chain:
            self._text = Text(charset, shown=show.terminal or show.guard)

    def _formatted(self, text: str) -> Iterator[str]:
        """Send text through the chain."""
        return _through(self._chain, [text]) if text else iter(())

    def _ended(self, text: str) -> Iterator[str]:
        """Send the last text through the chain, and empty its members one by one."""
        if text:
            yield from _through(self._chain, [text])
        for number, member in enumerate(self._chain, 1):
            yield from _through(self._chain[number:], member.flush())

    def _paused(self) -> Iterator[str]:
        """Have each member give what can be given, through those behind it."""
        for number, member in enumerate(self._chain, 1):
            yield from _through(self._chain[number:], member.pause())

    def _batches(self, texts: Iterable[str]) -> Iterator[bytes]:
        """Encode what comes, much at a time."""
        held: list[str] = []
        size = 0
        for text in texts:
            held.append(text)
            size += len(text)
            if size >= _BATCH:
                yield self._encode("".join(held))
                held.clear()
                size = 0
        if size:
            yield self._encode("".join(held))

    def _encode(self, text: str) -> bytes:
        return self._text.encode(text) if self._text is not None else b""

    def _notice(self, media: MediaType) -> str:
        """Return what is shown instead of binary content."""
        facts = [visible(media.essence) or "unknown type"]
        length = self._fields.first("content-length") or ""
        if length.isascii() and length.isdigit() and not self._fields.has("content-encoding"):
            facts.append(_size(length))
        advice = "; save it with -o FILE, or pipe it" if self._received else ""
        return f"(binary content: {', '.join(facts)}{advice})"


def _through(chain: list[Format], texts: Iterable[str]) -> Iterator[str]:
    """Send texts through the members of a chain, one after the other."""
    for member in chain:
        texts = _fed(member, texts)
    return iter(texts)


def _fed(member: Format, texts: Iterable[str]) -> Iterator[str]:
    """Feed texts to one member."""
    for text in texts:
        yield from member.feed(text)


def _is_binary(media: MediaType) -> bool:
    """Tell whether content of that type is no text, whatever it begins with."""
    if media.suffix in ("json", "xml"):
        return False
    if media.type in _BINARY_TYPES:
        return True
    subtype = media.subtype
    return media.type == "application" and (
        subtype in _BINARY_SUBTYPES or subtype.startswith(_BINARY_FAMILIES)
    )


def _size(digits: str) -> str:
    """Return a number of bytes for people, in powers of a thousand.

    >>> _size("12345")
    '12.3 kB'
    """
    if len(digits) > 18:
        return f"{digits[:40]} bytes"
    size = float(digits)
    if size < 1000:
        return f"{digits} byte{'' if size == 1 else 's'}"
    for unit in _UNITS:
        size /= 1000
        if size < 999.95 or unit == _UNITS[-1]:
            return f"{size:.1f} {unit}"
    return digits
