"""Reads HTTP/1 responses from a connection, as its bytes arrive (RFC 9112).

The reader does no I/O: ``feed`` takes bytes and returns events, in this order::

    Head* (interim) Head bytes* Ended
    Head* (interim) Head Upgraded

Bytes after the end of a response belong to no request. The reader drops and counts them
(``surplus``), and the connection must not be used again (``is_reusable``): they may be
another response, which would be taken for the response to the next request.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from httpcli.core.headers import Fields
from httpcli.core.limits import (
    MAX_CHUNK_LINE,
    MAX_HEADER_SIZE,
    MAX_HEADERS,
    MAX_INTERIM_RESPONSES,
)
from httpcli.protocol.http1_head import (
    BAD_CHUNK_SIZE,
    CHUNK_LINE_TOO_LONG,
    CHUNK_TOO_LONG,
    CUT_IN_BODY,
    CUT_IN_CHUNKS,
    CUT_IN_HEAD,
    CUT_IN_TRAILERS,
    HEAD_TOO_LARGE,
    NOT_HTTP,
    PREFIX,
    TOO_MANY_FIELDS,
    TOO_MANY_INTERIM,
    TRAILERS_TOO_LARGE,
    Ended,
    Event,
    Framing,
    Head,
    Http1Error,
    Upgraded,
    framing,
    head_end,
    is_persistent,
    parse_head,
    parse_trailers,
)

if TYPE_CHECKING:
    from re import Pattern


_NO_FIELDS = Fields()

_HEAD, _LENGTH, _UNTIL_CLOSE, _CHUNKS, _TRAILERS, _DONE = range(6)
_LINE_FEED, _RETURN = b"\n\r"
_MAX_BLANK = 4
"""Bytes of empty lines before a head; Chromium ignores as many bytes of any kind."""
_MAX_HEX_DIGITS = 16
_MAX_CHUNK = 1 << 63
_MAX_PIECES = 4096
"""Pieces that are joined at once: each one takes 184 bytes until then."""
_CHUNK_LINE = rb"\r?\n([0-9A-Fa-f]{1,15})\r?\n"


class ResponseReader:
    """Reads one response, and the interim responses before it.

    ``max_header_size``: bytes of all these heads together, and of the trailers.
    ``max_headers``: how many a head may have.

    ``has_no_content``: the request is a HEAD. ``opens_tunnel``: it is a CONNECT; a 2xx
    response to it has no content, whatever its headers say (RFC 9110, 9.3.6).
    """

    __slots__ = (
        "_buffer",
        "_has_no_content",
        "_head_size",
        "_interim",
        "_is_after_chunk",
        "_max_header_size",
        "_max_headers",
        "_opens_tunnel",
        "_skipped",
        "_state",
        "endless",
        "has_content",
        "is_reusable",
        "left",
        "surplus",
    )

    def __init__(
        self,
        max_header_size: int = MAX_HEADER_SIZE,
        max_headers: int = MAX_HEADERS,
        *,
        has_no_content: bool = False,
        opens_tunnel: bool = False,
    ) -> None:
        self._max_header_size = max_header_size
        self._max_headers = max_headers
        self._has_no_content = has_no_content
        self._opens_tunnel = opens_tunnel
        self._state = _HEAD
        self._buffer = bytearray()
        """The beginning of a head, a trailer section or a chunk's size line."""
        self._skipped = 0
        """Bytes of empty lines before the head."""
        self._head_size = 0
        """Bytes of the heads up to now, without those in the buffer."""
        self._interim = 0
        """Interim responses up to now."""
        self._is_after_chunk = False
        """Whether the line end after a chunk is missing."""
        self.left = 0
        """So many of the next bytes are content for certain."""
        self.endless = False
        """Whether all following bytes are content."""
        self.has_content = False
        """Whether content may follow the head."""
        self.is_reusable = False
        """Whether the connection may be used for another request."""
        self.surplus = 0
        """Bytes received after the end of the response."""

    @property
    def is_done(self) -> bool:
        """Whether the response is complete."""
        return self._state == _DONE

    @property
    def is_in_content(self) -> bool:
        """Whether the head is complete and the content is not."""
        return self._state not in (_HEAD, _DONE)

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes; return the events that they complete.

        Raises Http1Error, with the events before the error; do not call it again then.
        """
        events: list[Event] = []
        try:
            while data:
                state = self._state
                if state == _HEAD:
                    data = self._feed_head(data, events)
                elif state == _LENGTH:
                    data = self._feed_length(data, events)
                elif state == _CHUNKS:
                    data = self._feed_chunks(data, events)
                elif state == _UNTIL_CLOSE:
                    events.append(data)
                    break
                elif state == _TRAILERS:
                    data = self._feed_trailers(data, events)
                else:
                    self.surplus += len(data)
                    self.is_reusable = False
                    break
        except Http1Error as error:
            error.events = events
            raise
        return events

    def end_of_input(self) -> list[Event]:
        """Take the end of the connection; return ``Ended`` if it ends the content.

        Raises Http1Error if the response is incomplete. Before the first byte of a head
        it returns nothing.
        """
        self.is_reusable = False
        state = self._state
        if state == _UNTIL_CLOSE:
            self._state = _DONE
            self.endless = False
            return [Ended(_NO_FIELDS)]
        if state == _HEAD:
            if not self._buffer:
                return []
            raise Http1Error(CUT_IN_HEAD)
        if state == _LENGTH:
            raise Http1Error(CUT_IN_BODY)
        if state == _CHUNKS:
            raise Http1Error(CUT_IN_CHUNKS)
        if state == _TRAILERS:
            raise Http1Error(CUT_IN_TRAILERS if len(self._buffer) > 2 else CUT_IN_CHUNKS)
        return []

    def _feed_head(self, data: bytes, events: list[Event]) -> bytes:
        """Take bytes of a head; return those after it."""
        if not self._buffer and data[0] in b"\r\n":
            stripped = data.lstrip(b"\r\n")
            self._skipped += len(data) - len(stripped)
            if self._skipped > _MAX_BLANK:
                raise Http1Error(NOT_HTTP, received=data)
            data = stripped
            if not data:
                return b""
        if len(self._buffer) < len(PREFIX):
            begin = data if not self._buffer else bytes(self._buffer) + data
            if not _is_http(begin):
                raise Http1Error(NOT_HTTP, received=begin)
        block = self._take_block(data)
        if block is None:
            return b""
        raw, rest = block
        head = parse_head(raw)
        self._check_fields(head.fields)
        if head.is_interim:
            self._interim += 1
            if self._interim > MAX_INTERIM_RESPONSES:
                raise Http1Error(TOO_MANY_INTERIM, MAX_INTERIM_RESPONSES)
            events.append(head)
            return rest
        return self._begin_content(head, rest, events)

    def _begin_content(self, head: Head, rest: bytes, events: list[Event]) -> bytes:
        status = head.status
        if status == 101:
            self._state = _DONE
            events += (head, Upgraded(rest))
            return b""
        has_none = self._has_no_content or status in (204, 304)
        if has_none or (self._opens_tunnel and 200 <= status <= 299):
            names = {field.name.lower() for field in head.fields}
            found = Framing(length=0, is_persistent=is_persistent(head, names))
        else:
            found = framing(head)
        events.append(head)  # only now: the framing may be wrong
        self._start(found)
        if self._state == _DONE:
            events.append(Ended(_NO_FIELDS))
        return rest

    def _start(self, found: Framing) -> None:
        self.is_reusable = found.is_persistent
        if found.is_chunked:
            self._state = _CHUNKS
        elif found.length is None:
            self._state = _UNTIL_CLOSE
            self.endless = True
        else:
            self._state = _LENGTH if found.length else _DONE
            self.left = found.length
        self.has_content = self._state != _DONE

    def _feed_length(self, data: bytes, events: list[Event]) -> bytes:
        """Take content of a known length; return the bytes after it."""
        left = self.left
        if len(data) < left:
            self.left = left - len(data)
            events.append(data)
            return b""
        events.append(data[:left])
        self._end(events)
        return data[left:]

    def _feed_chunks(self, data: bytes, events: list[Event]) -> bytes:
        """Take chunks (RFC 9112, 7.1); return the bytes after the last one's size."""
        pieces: list[memoryview] = []
        try:
            end = self._read_chunks(data, pieces, events)
        finally:
            if pieces:
                events.append(b"".join(pieces))
        return data[end:]

    def _read_chunks(self, data: bytes, pieces: list[memoryview], events: list[Event]) -> int:
        """Append the content to ``pieces``; return the index after the last byte used.

        A line with a size is usually the same as the one before it, and nearly always
        has no extension: these cases are fast.
        """
        pattern = _chunk_line_pattern()
        view = memoryview(data)
        size, position = len(data), 0
        last_line, last_size = b"", 0
        while position < size:
            left = self.left
            if left:
                end = position + left
                if end > size:
                    pieces.append(view[position:])
                    self.left = end - size
                    return size
                pieces.append(view[position:end])
                position = end
                self.left = 0
                self._is_after_chunk = True
                if len(pieces) >= _MAX_PIECES:
                    events.append(b"".join(pieces))
                    pieces.clear()
                if position == size:
                    break
            if self._is_after_chunk and not self._buffer:
                if last_line and data.startswith(last_line, position):
                    position += len(last_line)
                    self.left = last_size
                    continue
                found = pattern.match(data, position)
                if found is not None and (length := int(found[1], 16)):
                    last_line, last_size = found[0], length
                    position = found.end()
                    self.left = length
                    continue
            position = self._read_chunk_line(data, position)
            if self._state != _CHUNKS:
                break
        return position

    def _read_chunk_line(self, data: bytes, position: int) -> int:
        """Read the line end after a chunk, or the next line with a size; return the index.

        Both may arrive in parts.
        """
        buffer = self._buffer
        if self._is_after_chunk:
            byte = data[position]
            if byte == _LINE_FEED:
                self._is_after_chunk = False
                buffer.clear()
            elif byte == _RETURN and not buffer:
                buffer.append(byte)
            else:
                raise Http1Error(CHUNK_TOO_LONG)
            return position + 1
        end = data.find(b"\n", position)
        is_complete = end >= 0
        buffer += data[position : end if is_complete else len(data)]
        if len(buffer) > MAX_CHUNK_LINE:
            raise Http1Error(CHUNK_LINE_TOO_LONG, MAX_CHUNK_LINE)
        if not is_complete:
            return len(data)
        length = parse_chunk_size(bytes(buffer))
        buffer.clear()
        if length:
            self.left = length
        else:
            self._state = _TRAILERS
            # The trailers end like a head: with an empty line, which may be the first one.
            buffer += b"\n"
            self._head_size = -1
        return end + 1

    def _feed_trailers(self, data: bytes, events: list[Event]) -> bytes:
        """Take bytes of the trailers (RFC 9112, 7.1.2); return those after them."""
        block = self._take_block(data)
        if block is None:
            return b""
        raw, rest = block
        raw = raw.removeprefix(b"\n")
        trailers = _NO_FIELDS
        if raw not in (b"\r\n", b"\n"):
            trailers = parse_trailers(raw)
            self._check_fields(trailers)
        self._end(events, trailers)
        return rest

    def _end(self, events: list[Event], trailers: Fields = _NO_FIELDS) -> None:
        self._state = _DONE
        self.left = 0
        events.append(Ended(trailers))

    def _take_block(self, data: bytes) -> tuple[bytes, bytes] | None:
        """Take bytes; return a whole head and the bytes after it, or None until it is whole.

        Raises Http1Error if the heads are too large.
        """
        buffer = self._buffer
        if buffer:
            start = max(0, len(buffer) - 2)
            buffer += data
            end = head_end(buffer, start)
        else:
            end = head_end(data)
            if end < 0:
                buffer += data
        size = self._head_size + (len(buffer) if end < 0 else end)
        if size > self._max_header_size:
            start_of_head = bytes(buffer or data)[: self._max_header_size]
            folded = start_of_head.count(b"\n ") + start_of_head.count(b"\n\t")
            if start_of_head.count(b"\n") - folded > self._max_headers:
                raise Http1Error(TOO_MANY_FIELDS, self._max_headers)
            problem = TRAILERS_TOO_LARGE if self._state == _TRAILERS else HEAD_TOO_LARGE
            raise Http1Error(problem, self._max_header_size)
        if end < 0:
            return None
        self._head_size = size
        if not buffer:
            return data[:end], data[end:]
        block = bytes(buffer[:end]), bytes(buffer[end:])
        buffer.clear()
        return block

    def _check_fields(self, fields: Fields) -> None:
        if len(fields) > self._max_headers:
            raise Http1Error(TOO_MANY_FIELDS, self._max_headers)


def parse_chunk_size(line: bytes) -> int:
    r"""Return the size in the line before a chunk, without its extensions. Raises Http1Error.

    >>> parse_chunk_size(b'1f ; name="value"\r')
    31
    """
    digits = line.partition(b";")[0].rstrip(b" \t\r")
    # int() would accept a sign, underscores and 0x.
    if not 0 < len(digits) <= _MAX_HEX_DIGITS or digits.strip(b"0123456789abcdefABCDEF"):
        raise Http1Error(BAD_CHUNK_SIZE)
    length = int(digits, 16)
    if length >= _MAX_CHUNK:
        raise Http1Error(BAD_CHUNK_SIZE)
    return length


def _is_http(data: bytes | bytearray) -> bool:
    """Return whether the bytes may begin a head."""
    return data[:5].upper() == PREFIX[: len(data)]


@cache
def _chunk_line_pattern() -> Pattern[bytes]:
    """Compile ``_CHUNK_LINE``, only when a chunk is read: it costs as much as 100 heads."""
    import re

    return re.compile(_CHUNK_LINE)
