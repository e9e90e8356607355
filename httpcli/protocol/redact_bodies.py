"""Redacts bodies by name: chooses how a body is read, and reads multipart, XML and HTML.

Each redactor takes a body in pieces, holds as little of it as possible, and takes linear time.
"""

from __future__ import annotations

import re
from typing import Final

from httpcli.protocol.media_types import MediaType, parse_media_type
from httpcli.protocol.redact_json import (
    MARK,
    BodyRedactor,
    JsonRedactor,
    is_secret_member,
    redact_bytes,
)
from httpcli.protocol.redact_urls import FormRedactor, is_secret_parameter

EXAMINED: Final = 512
"""Bytes at the beginning of a body that decide how it is read."""
_MAX_PART_HEAD = 1 << 16


class Unchanged:
    """A body without names."""

    def feed(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


# Multipart

_FIRST_BOUNDARY = re.compile(rb"\A\s*(--[^\r\n]{1,200})\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_DISPOSITION_NAME = re.compile(
    rb"""(?:^|[;\s])name(\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]+))""",
    re.IGNORECASE | re.DOTALL,
)
_PART_TYPE = re.compile(
    rb"^Content-Type[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_DISPOSITION = re.compile(
    rb"^Content-Disposition[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE
)


class MultipartRedactor:
    """Redacts the parts with secret names, and the bodies of the others by their types."""

    def __init__(self, boundary: str) -> None:
        self._delimiter = b"--" + boundary.encode("utf-8", "surrogateescape") if boundary else b""
        self._data = b""
        self._reached = 0
        self._part: BodyRedactor | None = Unchanged()
        """Redacts the body of the part; None while its head is read."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        self._data += data
        return self._run(at_end=False)

    def flush(self) -> bytes:
        """Return the rest."""
        return self._run(at_end=True)

    def _run(self, *, at_end: bool) -> bytes:
        pieces: list[bytes] = []
        if not self._delimiter:
            first = _FIRST_BOUNDARY.match(self._data)
            if first is None and not at_end and len(self._data) < EXAMINED:
                return b""
            self._delimiter = first[1] if first else b"--"
        position = 0
        while (reached := self._read(pieces, position, at_end=at_end)) is not None:
            position = reached
        self._data = self._data[self._reached :]
        return b"".join(pieces)

    def _read(self, pieces: list[bytes], position: int, *, at_end: bool) -> int | None:
        """Read a head, or a body with the delimiter behind it; return where it ends.

        None if more data are needed; ``_reached`` is where they continue.
        """
        data = self._data
        self._reached = position
        if self._part is None:
            end = _HEAD_END.search(data, position)
            if end is None and not at_end and len(data) - position < _MAX_PART_HEAD:
                return None
            self._reached = end.end() if end else len(data)
            head = data[position : self._reached]
            pieces.append(head)
            self._part = _part_redactor(head)
            return self._reached if self._reached < len(data) or at_end else None
        place = data.find(self._delimiter, position)
        while place > position and data[place - 1 : place] != b"\n":
            place = data.find(self._delimiter, place + 1)
        if place < 0:
            kept = 0 if at_end else len(self._delimiter) + 2
            self._reached = max(position, len(data) - kept)
            pieces.append(self._part.feed(data[position : self._reached]))
            if at_end:
                pieces.append(self._part.flush())
            return None
        line_end = 2 if data.endswith(b"\r\n", position, place) else min(1, place - position)
        pieces += [self._part.feed(data[position : place - line_end]), self._part.flush()]
        self._reached = place + len(self._delimiter)
        pieces.append(data[place - line_end : self._reached])
        self._part = None
        return self._reached


class _WholePart:
    """The body of a part with a secret name."""

    def __init__(self) -> None:
        self._is_written = False

    def feed(self, data: bytes) -> bytes:
        if self._is_written or not data:
            return b""
        self._is_written = True
        return MARK

    def flush(self) -> bytes:
        return b""


def has_secret_name(head: bytes) -> bool:
    """Return whether a part of a multipart body has the name of a secret; ``head``: its headers.

    >>> has_secret_name(b"Content-Disposition: form-data; name*=utf-8''code")
    True
    """
    disposition = _DISPOSITION.search(head)
    if disposition is None:
        return False
    for extended, quoted, plain in _DISPOSITION_NAME.findall(disposition[1]):
        name = (quoted or plain).replace(b"\\", b"").decode("utf-8", "replace")
        if is_secret_parameter(name.rpartition("'")[2] if extended else name):
            return True
    return False


def _part_redactor(head: bytes) -> BodyRedactor:
    """Return the redactor for the body of a part."""
    if has_secret_name(head):
        return _WholePart()
    media_type = _PART_TYPE.search(head)
    return ChosenRedactor(media_type[1].decode("latin-1") if media_type else "text/plain")


# XML and HTML

# A quoted attribute may contain ``>``. With an odd quotation mark, the tag ends at the first one.
_ELEMENT = re.compile(
    rb"""<([A-Za-z_][\w.:-]*)((?:"[^"<]{0,2000}"|'[^'<]{0,2000}'|[^<>"'])*+|[^<>]*)>"""
)
_NAMED_ELEMENTS = frozenset(
    {
        "arg",
        "data",
        "entry",
        "field",
        "header",
        "item",
        "param",
        "parameter",
        "property",
        "setting",
    }
    | {"string", "textarea", "value", "variable"}
)
"""Elements whose text is the value of the name in an attribute."""
_MAX_ATTRIBUTE = 4096
_ATTRIBUTE = re.compile(rb"""([\w.:-]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""")


class MarkupRedactor:
    """Redacts XML and HTML: the text of secret elements, secret attributes, and JSON in both."""

    def __init__(self) -> None:
        self._json = JsonRedactor()
        self._data = b""
        self._closing = b""
        """The end tag up to which text is dropped; empty if none is."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        self._data += data
        return self._json.feed(self._elements(at_end=False))

    def flush(self) -> bytes:
        """Return the rest."""
        return self._json.feed(self._elements(at_end=True)) + self._json.flush()

    def _elements(self, *, at_end: bool) -> bytes:
        pieces: list[bytes] = []
        done = 0
        while True:
            if self._closing:
                end = self._data.find(self._closing, done)
                if end < 0:
                    kept = 0 if at_end else len(self._closing)
                    self._data = self._data[max(done, len(self._data) - kept) :]
                    return b"".join(pieces)
                done = end
                self._closing = b""
            element = _ELEMENT.search(self._data, done)
            if element is None or (not at_end and self._may_be_longer(element)):
                break
            pieces += [self._data[done : element.start()], self._tag(element)]
            done = element.end()
            name = element[1].decode("ascii", "replace").rpartition(":")[2]
            is_secret = is_secret_member(name) or (
                name.lower() in _NAMED_ELEMENTS
                and any(map(is_secret_member, _names_in(_attributes(element[2]))))
            )
            if not element[2].endswith(b"/") and is_secret:
                pieces.append(MARK)
                self._closing = b"</" + element[1]
        begun = self._data.rfind(b"<", done)
        cut = len(self._data)
        if begun >= 0 and not at_end and cut - begun < _MAX_PART_HEAD:
            cut = begun
        pieces.append(self._data[done:cut])
        self._data = self._data[cut:]
        return b"".join(pieces)

    def _may_be_longer(self, element: re.Match[bytes]) -> bool:
        """Return whether a tag ends within a quoted attribute whose end may follow."""
        is_open = element[2].count(b'"') % 2 or element[2].count(b"'") % 2
        begun = len(self._data) - element.start()
        return (
            bool(is_open) and begun < _MAX_ATTRIBUTE and self._data.find(b"<", element.end()) < 0
        )

    def _tag(self, element: re.Match[bytes]) -> bytes:
        """Return a tag without the values of secret attributes and of inputs with secret names."""
        if b"=" not in element[2]:
            return element[0]
        attributes = _attributes(element[2])
        names = [*_names_in(attributes), attributes.get("id", ""), attributes.get("property", "")]
        is_named = any(map(is_secret_member, names))

        def redact(match: re.Match[bytes]) -> bytes:
            name = match[1].decode("ascii", "replace").lower()
            if not (is_secret_member(name) or (is_named and name in ("value", "content"))):
                return match[0]
            quote = match[3][:1] if match[3][:1] in b"\"'" else b'"'
            return match[1] + match[2] + quote + MARK + quote

        return b"<" + element[1] + _ATTRIBUTE.sub(redact, element[2]) + b">"


def _attributes(text: bytes) -> dict[str, str]:
    """Return the attributes in a tag by their names in lower case."""
    return {
        name.lower().decode("ascii", "replace"): value.strip(b"\"'").decode("utf-8", "replace")
        for name, _, value in _ATTRIBUTE.findall(text)
    }


def _names_in(attributes: dict[str, str]) -> list[str]:
    """Return the names that an element gives to its value."""
    return [attributes.get("name", ""), attributes.get("key", "")]


# The choice

_JSON_START = re.compile(rb"\s*(?:[\[{]\s*(?:[\"'\[{}\]]|\Z)|\)\]\}'|while\s*\(|for\s*\(;;\))")
_FORM_START = re.compile(rb"\s*[^\s=&<>{}\"'(),]{1,200}=")
_MULTIPART_START = re.compile(rb"\s*--[^\r\n]{1,200}\r?\nContent-", re.IGNORECASE)
_WITHOUT_NAMES = frozenset({"image", "audio", "video", "font"})
_WITH_BARE_NAMES = ("javascript", "ecmascript", "json5", "hjson", "yaml", "toml")


class ChosenRedactor:
    """Chooses the redactor of a body by its first bytes and its media type.

    The bytes decide if they are clear: forms are sent as JSON by mistake, and vice versa.
    """

    def __init__(self, content_type: str) -> None:
        self._media = parse_media_type(content_type)
        self._start = b""
        self._chosen: BodyRedactor | None = None

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        if self._chosen is None:
            self._start += data
            if len(self._start) < EXAMINED and not _is_clear(self._media, self._start):
                return b""
            data, self._start = self._start, b""
            self._chosen = choose_redactor(self._media, data)
        return self._chosen.feed(data)

    def flush(self) -> bytes:
        """Return the rest."""
        if self._chosen is None:
            self._chosen = choose_redactor(self._media, self._start)
            return redact_bytes(self._chosen, self._start)
        return self._chosen.flush()


def _is_clear(media: MediaType, start: bytes) -> bool:
    """Return whether the first bytes of a body decide already how it is read."""
    return (
        media.is_event_stream
        or media.type == "multipart"
        or (_JSON_START.match(start) is not None and len(start) > 16)
    )


def choose_redactor(media: MediaType, start: bytes) -> BodyRedactor:
    """Return the redactor for a body with this media type, which begins with these bytes."""
    start = start.removeprefix(b"\xef\xbb\xbf")
    if media.type == "multipart" or _MULTIPART_START.match(start):
        return MultipartRedactor(media.parameters.get("boundary", ""))
    if media.type in _WITHOUT_NAMES and "xml" not in media.subtype:
        return Unchanged()
    is_form = "x-www-form-urlencoded" in media.subtype
    if _JSON_START.match(start):
        return JsonRedactor(bare_names=any(word in media.subtype for word in _WITH_BARE_NAMES))
    if is_form:
        return FormRedactor()
    if "xml" in media.subtype or "html" in media.subtype or start.lstrip()[:1] == b"<":
        return MarkupRedactor()
    may_be_form = not media.type or media.essence == "text/plain" or "json" in media.subtype
    if may_be_form and _FORM_START.match(start):
        return FormRedactor(lines=True)
    return JsonRedactor(
        bare_names=any(word in media.subtype for word in _WITH_BARE_NAMES),
        assigned_names=media.essence == "text/plain",
    )
