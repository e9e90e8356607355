"""One message's content on its way to the reader: charset, guard, format, charset again.

What to do is settled by the media type and the first piece. Content that needs
nothing goes through as the very bytes that came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from httpcli.core.headers import Fields
from httpcli.core.interfaces import Format, Notify
from httpcli.core.plan import Display
from httpcli.output.binary import ENOUGH, binary_notice, expects_binary, is_binary
from httpcli.output.decoding import BodyCodec
from httpcli.output.formats.registry import choose
from httpcli.output.terminal_guard import TerminalGuard
from httpcli.output.theme import RESET
from httpcli.protocol.charsets import LONGEST_MARK, charset_of, may_be_mark, prescanned
from httpcli.protocol.media_types import MediaType, parse

_BATCH = 1 << 18
"""Characters that are encoded and written at once."""

_LONGEST_TAIL = len(f"\n{RESET}")


class BodyFormatter:
    """Makes of a message's content what is shown of it, piece by piece.

    ``suppressed``: none of it is shown; ``coloured``: it is shown in colours,
    as far as its type has any.
    """

    def __init__(self, display: Display, fields: Fields, tell: Notify, *, received: bool) -> None:
        self._show = display
        self._fields = fields
        self._received = received
        self._tell = tell
        self._media = displayed_media_type(display, fields, received=received)
        self._flows = _flows(display, self._media)
        self._looked_at = LONGEST_MARK if self._flows else max(ENOUGH, prescanned(self._media))
        self._start = b""
        self._begun = False
        self._text: BodyCodec | None = None
        self._chain: list[Format] = []
        self._tail = ""
        self.suppressed = False
        self.coloured = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next piece of content; give what can be shown of it."""
        if not self._begun:
            data, self._start = self._start + data, b""
            if len(data) < self._looked_at:
                self._start = data
                return
        yield from self._taken(data)

    def pause(self) -> Iterator[bytes]:
        """Nothing came for a while: give what a person should not have to wait for."""
        if self._start and not may_be_mark(self._start):
            start, self._start = self._start, b""
            yield from self._taken(start)
        if self._text is not None and not self.suppressed:
            yield from self._written(self._text.pause())
            yield from self._batches(self._paused())

    def flush(self) -> Iterator[bytes]:
        """The content has ended, or was cut short; give what is left to show."""
        if self._start:
            start, self._start = self._start, b""
            yield from self._taken(start)
        if self._text is not None and not self.suppressed:
            yield from self._written(self._text.decode(b"", last=True))
        if self._text is not None and not self.suppressed:
            yield from self._batches(self._ended())
            yield self._text.encode("", last=True)

    def _taken(self, data: bytes) -> Iterator[bytes]:
        """Take a piece; the first one settles what is done to all."""
        if not self._begun:
            self._begun = True
            yield from self._begin(data)
        if self.suppressed:
            return
        if self._text is None:
            yield data
        else:
            yield from self._written(self._text.decode(data))

    def _begin(self, start: bytes) -> Iterator[bytes]:
        """Settle what to do with content that begins so."""
        display, media = self._show, self._media
        charset = charset_of(media, start)
        # What flows is judged by as much of it as has to be there, however it is cut.
        judged = start[:LONGEST_MARK] if self._flows else start
        if is_binary(
            judged, told=charset.told, wide=charset.is_wide, expected=expects_binary(media)
        ):
            # Unguarded, it goes through as it came.
            if display.guard_terminal:
                yield from self._stop()
            return
        chosen = choose(display, media, start.decode(charset.name, "replace"), self._tell)
        self.coloured = bool(display.colours and media.type)
        if display.guard_terminal and not chosen.guards:
            if media.is_events:
                from httpcli.output.formats.event_stream import LineEnds

                self._chain.append(LineEnds())
            # Where a format writes colours of its own, none but those are live.
            self._chain.append(TerminalGuard(colours=not chosen.formats, keeps=chosen.keeps))
        self._chain += chosen.formats
        if self._chain:
            self._text = BodyCodec(charset, shown=display.terminal or display.guard_terminal)

    def _written(self, text: str) -> Iterator[bytes]:
        """Write text; where it turns out to be binary, its whole lines until there."""
        # An event stream is text whatever is in it, and much may come behind a NUL.
        nul = text.find("\0") if self._show.guard_terminal and not self._media.is_events else -1
        whole = text if nul < 0 else text[: text.rfind("\n", 0, nul) + 1]
        yield from self._batches(self._formatted(whole))
        if nul >= 0:
            yield from self._batches(self._ended())
            if self._tail and not self._tail.removesuffix(RESET).endswith("\n"):
                yield b"\n"
            yield from self._stop()

    def _stop(self) -> Iterator[bytes]:
        """Say that what follows is binary, and show no more."""
        self.suppressed = True
        coded = self._fields.has("content-encoding")
        length = "" if coded else self._fields.first("content-length") or ""
        sent = parse(self._fields.first("content-type") or "")
        yield binary_notice(sent, length, received=self._received).encode()

    def _formatted(self, text: str) -> Iterator[str]:
        """Send text through the chain."""
        return _through(self._chain, [text]) if text else iter(())

    def _ended(self) -> Iterator[str]:
        """Empty the members of the chain one by one."""
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
        self._tail = f"{self._tail}{text[-_LONGEST_TAIL:]}"[-_LONGEST_TAIL:]
        return self._text.encode(text) if self._text is not None else b""


def _flows(display: Display, media: MediaType) -> bool:
    """Tell whether content may come line by line, so that none may be held to judge it.

    A mark has time to come; so has JSON's charset, which shows in as many bytes
    (RFC 4627, 3).
    """
    return display.stream or media.is_events or "json" in media.subtype


def displayed_media_type(display: Display, fields: Fields, *, received: bool) -> MediaType:
    """Return what content is taken for: what it says, or the user says instead."""
    sent = parse(fields.first("content-type") or "")
    if not received:
        return sent
    media = parse(display.response_media_type) if display.response_media_type else sent
    charset = display.response_charset or media.charset or sent.charset
    return (
        media._replace(parameters={**media.parameters, "charset": charset}) if charset else media
    )


def _through(chain: list[Format], texts: Iterable[str]) -> Iterator[str]:
    """Send texts through the members of a chain, one after the other."""
    for member in chain:
        texts = _fed(member, texts)
    return iter(texts)


def _fed(member: Format, texts: Iterable[str]) -> Iterator[str]:
    """Feed texts to one member."""
    for text in texts:
        yield from member.feed(text)
