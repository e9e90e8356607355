"""Formats one message's body: decoding, terminal guard, formats, encoding.

The media type and the first piece decide which of these steps apply. A body that needs none
passes through unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from httpcli.core.headers import Fields
from httpcli.core.interfaces import Format, Notify
from httpcli.core.plan import Display
from httpcli.core.terminal_guard import BODY_STYLES, TerminalGuard
from httpcli.output.binary import SIGNATURE_SIZE, binary_notice, expects_binary, is_binary
from httpcli.output.decoding import BodyCodec
from httpcli.output.formats.registry import choose
from httpcli.output.theme import RESET
from httpcli.protocol.declared_charsets import (
    MAX_MARK_SIZE,
    ReadAs,
    charset_of,
    charset_search_size,
    could_be_mark,
)
from httpcli.protocol.media_types import MediaType, parse_media_type

_BATCH = 1 << 18
"""Characters that are encoded at once."""

_MAX_TAIL = len(f"\n{RESET}")


class BodyFormatter:
    """Formats the body of a message, piece by piece."""

    def __init__(
        self, display: Display, fields: Fields, notify: Notify, *, received: bool
    ) -> None:
        self._display = display
        self._fields = fields
        self._received = received
        self._notify = notify
        self._media = displayed_media_type(display, fields, received=received)
        self._unbuffered = _is_unbuffered(display, self._media)
        self._examined_size = (
            MAX_MARK_SIZE
            if self._unbuffered
            else max(SIGNATURE_SIZE, charset_search_size(self._media))
        )
        self._start = b""
        """The first bytes, until there are enough to examine."""
        self._started = False
        self._codec: BodyCodec | None = None
        self._chain: list[Format] = []
        self._tail = ""
        """The last characters of the output."""
        self.suppressed = False
        """Whether no more of the body is shown: it is binary."""
        self.coloured = False
        """Whether it is shown in colours."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next piece of the body; yield the output that is ready."""
        if not self._started:
            data, self._start = self._start + data, b""
            if len(data) < self._examined_size:
                self._start = data
                return
        yield from self._take(data)

    def pause(self) -> Iterator[bytes]:
        """Yield held output, because no data arrived for a while."""
        if self._start and not could_be_mark(self._start):
            start, self._start = self._start, b""
            yield from self._take(start)
        if self._codec is not None and not self.suppressed:
            yield from self._formatted_text(self._codec.pause())
            yield from self._batches(self._paused())

    def flush(self) -> Iterator[bytes]:
        """Yield the rest of the output. The body is complete or was cut short."""
        if self._start:
            start, self._start = self._start, b""
            yield from self._take(start)
        if self._codec is not None and not self.suppressed:
            yield from self._formatted_text(self._codec.decode(b"", last=True))
        if self._codec is not None and not self.suppressed:
            yield from self._batches(self._flushed())
            yield self._codec.encode("", last=True)

    def _take(self, data: bytes) -> Iterator[bytes]:
        """Take a piece. The first one decides how the body is formatted."""
        if not self._started:
            self._started = True
            yield from self._start_body(data)
        if self.suppressed:
            return
        if self._codec is None:
            yield data
        else:
            yield from self._formatted_text(self._codec.decode(data))

    def _start_body(self, start: bytes) -> Iterator[bytes]:
        """Choose the formats by the first bytes; yield a notice if the body is binary."""
        display, media = self._display, self._media
        charset = charset_of(media, start)
        # Only these bytes, so that the result does not depend on how the body is split.
        examined = start[:MAX_MARK_SIZE] if self._unbuffered else start
        if is_binary(
            examined,
            declared=charset.is_stated,
            wide=charset.is_wide,
            expected=expects_binary(media),
        ):
            # Without the guard it passes through unchanged.
            if display.guard_terminal:
                yield from self._suppress()
            return
        formats = choose(display, media, start.decode(charset.name, "replace"), self._notify)
        self.coloured = bool(display.colours and media.type)
        if display.guard_terminal and not formats.guards:
            if media.is_event_stream:
                from httpcli.output.formats.event_stream import LineEnds

                self._chain.append(LineEnds())
            # If a format adds colours, the colours of the body are escaped.
            styles = None if formats.formats else BODY_STYLES
            self._chain.append(TerminalGuard(styles=styles, keeps=formats.keeps, drops_mark=True))
        self._chain += formats.formats
        if self._chain:
            self._codec = BodyCodec(
                charset, for_terminal=display.to_terminal or display.guard_terminal
            )

    def _formatted_text(self, text: str) -> Iterator[bytes]:
        """Format text. If it contains binary data, only the complete lines before it."""
        # An event stream is always text, and events may follow a NUL.
        may_be_binary = self._display.guard_terminal and not self._media.is_event_stream
        nul = text.find("\0") if may_be_binary else -1
        complete = text if nul < 0 else text[: text.rfind("\n", 0, nul) + 1]
        yield from self._batches(self._through_chain(complete))
        if nul >= 0:
            yield from self._batches(self._flushed())
            if self._tail and not self._tail.removesuffix(RESET).endswith("\n"):
                yield b"\n"
            yield from self._suppress()

    def _suppress(self) -> Iterator[bytes]:
        """Yield the notice that the body is binary, and suppress the rest."""
        self.suppressed = True
        compressed = self._fields.has("content-encoding")
        length = "" if compressed else self._fields.first("content-length") or ""
        sent = parse_media_type(self._fields.first("content-type") or "")
        yield binary_notice(sent, length, received=self._received).encode()

    def _through_chain(self, text: str) -> Iterator[str]:
        """Pass text through all formats."""
        return _through(self._chain, [text]) if text else iter(())

    def _flushed(self) -> Iterator[str]:
        """Flush the formats one by one, and their output through those after each."""
        for number, format_ in enumerate(self._chain, 1):
            yield from _through(self._chain[number:], format_.flush())

    def _paused(self) -> Iterator[str]:
        """Pause the formats one by one, and their output through those after each."""
        for number, format_ in enumerate(self._chain, 1):
            yield from _through(self._chain[number:], format_.pause())

    def _batches(self, texts: Iterable[str]) -> Iterator[bytes]:
        """Encode texts in large batches."""
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
        self._tail = f"{self._tail}{text[-_MAX_TAIL:]}"[-_MAX_TAIL:]
        return self._codec.encode(text) if self._codec is not None else b""


def _is_unbuffered(display: Display, media: MediaType) -> bool:
    """Return whether the body may arrive slowly, so that nothing may be held to examine it.

    Only the bytes of a byte order mark are waited for, which also reveal the charset of JSON
    (RFC 4627, 3).
    """
    return display.stream or media.is_event_stream or "json" in media.subtype


def displayed_media_type(display: Display, fields: Fields, *, received: bool) -> MediaType:
    """Return the media type of a body: the declared one, or the one that overrides it."""
    if not received:
        return parse_media_type(fields.first("content-type") or "")
    return ReadAs(display.response_media_type, display.response_charset).media_type_of(fields)


def _through(chain: list[Format], texts: Iterable[str]) -> Iterator[str]:
    """Pass texts through all formats of a chain."""
    for format_ in chain:
        texts = _fed(format_, texts)
    return iter(texts)


def _fed(format_: Format, texts: Iterable[str]) -> Iterator[str]:
    """Feed texts to one format."""
    for text in texts:
        yield from format_.feed(text)
