r"""Redacts the values of secret names in JSON, in any spelling and any surroundings.

Takes a text in pieces, holds as little of it as possible, and takes linear time. The syntax need
not be valid: a response may be cut, or one text be within another. Below a secret name the whole
value is redacted, whatever its type. In pairs such as ``{"name": "token", "value": "x"}`` the
value of ``name`` is the name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Protocol

from httpcli.core.escaping import REDACTED
from httpcli.protocol.secrets import is_secret_name

MARK: Final = REDACTED.encode()
_MAX_NAME = 4096
"""Bytes of a name in JSON."""
_NAME_SEPARATORS = re.compile(r"[\[\]./\s]+")


@lru_cache(maxsize=4096)
def is_secret_member(name: str) -> bool:
    """Return whether a name in a body is secret, or one of its parts, as in ``user[password]``."""
    return is_secret_name(name) or any(map(is_secret_name, _NAME_SEPARATORS.split(name)))


class BodyRedactor(Protocol):
    """Redacts the values of secret names in a body that arrives in pieces."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""

    def flush(self) -> bytes:
        """Return the rest: the body is complete, or was cut."""


def redact_bytes(redactor: BodyRedactor, data: bytes) -> bytes:
    """Return a text of which all is there, redacted."""
    return redactor.feed(data) + redactor.flush()


# A quotation mark of one of three kinds, with the backslashes before it: in a text of JSON
# within a string of JSON it has one, and so on. ``\u0022`` is one more level of escapes.
_QUOTES: Final[dict[bytes, re.Pattern[bytes]]] = {
    b'"': re.compile(rb'(?<!\\)(\\*+)("|u0022)'),
    b"'": re.compile(rb"(?<!\\)(\\*+)('|u0027)"),
    b"&": re.compile(rb"(?<!\\)(\\*+)(&quot;|&#0*34;|&#[xX]0*22;)"),
    b"`": re.compile(rb"(?<!\\)(\\*+)(`)"),
}
_KINDS = {b"u0022": b'"', b"u0027": b"'"}
NAME_END = re.compile(rb"(\"|'|u0022|u0027|&quot;|&#0*34;|&#[xX]0*22;)(?:\s|\\+[nrt])*+(?::|=>)")
_BARE_NAME_END = re.compile(NAME_END.pattern + rb"|(?<=[\w$-])[ \t]*+:(?!//)")
_ASSIGNED_NAME_END = re.compile(NAME_END.pattern + rb"|(?<=[\w$\]-])[ \t]*+(?::(?!//)|=(?![=>~]))")
_BARE_NAME = re.compile(rb"[\w$.\[\]-]+[ \t]*\Z")
_MAY_BE_NAME_END = re.compile(
    rb"(?:\"|'|u0022|u0027|&quot;|&#0*34;|&#[xX]0*22;)(?:\s|\\+[nrt]?)*+=?\Z"
    rb"|\\*u?0{0,2}2{0,2}\Z|&[#a-zA-Z0-9]{0,12}\Z"
)
_BLANKS = re.compile(rb"(?:\s|\\+[nrt])*")
_SCALAR_END = re.compile(rb"[,}\]\s\"'<>&\\;]")
_BARE_SCALAR_END = re.compile(rb"[,}\]\r\n\"'<>&;]")
_ASSIGNED_END = re.compile(rb"[\r\n&<>]")
_JSON_SCALAR = re.compile(rb"-?\d|true\b|false\b")
_UNFINISHED = re.compile(rb"(?:\\+(?:u0?0?2?)?|&[#a-zA-Z0-9]{0,12})\Z")
_JSON_ESCAPE = re.compile(rb"\\+u([0-9A-Fa-f]{4})")
_MAY_BE_OPENING = re.compile(rb"n|nu|nul|null|\\+(?:u0?0?2?)?|&[#a-zA-Z0-9]{0,12}")


# The member of a pair that holds the name of its value, up to the name of the next member.
_NAME_OF_PAIR = re.compile(
    rb"[\"'](?:key|name|variable)\\*[\"'](?:\s|\\+[nrt])*+:(?:\s|\\+[nrt])*+"
    rb"\\*[\"']([^\"'{}]{1,200}?)\\*[\"'](?:\s|\\+[nrt])*+,"
    rb"(?:[^{}\[\],]{1,200},){0,2}(?:\s|\\+[nrt])*+\\*[\"']\Z",
    re.IGNORECASE,
)
_REST_OF_PAIR = re.compile(rb"[^{}\[\]]{0,200}")
"""From the end of the value of ``key`` to the beginning of the name ``value``."""
_LONGEST_KEY = 256
_LONGEST_PAIR = 512
"""Bytes before the name ``value`` that are searched for the name of the pair."""
_NAMES_OF_PAIRS = ("key", "name", "variable")


def value_in_pair(members: Mapping[str, Any]) -> str | None:
    """Return the member whose value is secret in ``{"name": "token", "value": "x"}``; or None.

    >>> value_in_pair({"key": "password", "value": "x"}), value_in_pair({"key": "a", "value": "x"})
    ('value', None)
    """
    lower = {name.lower(): name for name in members}
    names = [members[lower[name]] for name in _NAMES_OF_PAIRS if name in lower]
    if any(isinstance(name, str) and is_secret_member(name) for name in names):
        return lower.get("value")
    return None


def _level(backslashes: int, mark: bytes) -> int:
    """Return in how many strings a quotation mark is nested, by the backslashes before it."""
    if mark in _KINDS:
        return backslashes.bit_length()
    return (backslashes ^ (backslashes + 1)).bit_length() - 1


def json_name(data: bytes) -> str:
    """Return a name in JSON without its escapes."""
    if b"\\" in data:
        data = _JSON_ESCAPE.sub(_escaped_character, data).replace(b"\\", b"")
    return data.decode("utf-8", "replace")


@lru_cache(maxsize=4096)
def _is_secret_json_name(data: bytes) -> bool:
    """Return whether a name as it is written in JSON is secret."""
    return is_secret_member(json_name(data))


@lru_cache(maxsize=4096)
def _may_be_secret_name(data: bytes) -> bool:
    """Return whether a name is secret, or is the ``value`` of a pair."""
    return data.lower() == b"value" or _is_secret_json_name(data)


def _escaped_character(match: re.Match[bytes]) -> bytes:
    return chr(int(match[1], 16)).encode("utf-8", "replace")


class JsonRedactor:
    """Redacts members of JSON, wherever they are: in lines, in other text, in strings.

    Reads no structure but finds the ends of names, so that nothing before them matters.
    ``bare_names`` are those of JavaScript and YAML, without quotation marks. ``assigned_names``
    are those and ``name = value``, as in a file of settings, where a value ends with its line.
    ``in_message``: the text is a sentence, in which words may follow a quoted name and a colon.
    """

    def __init__(
        self, *, bare_names: bool = False, assigned_names: bool = False, in_message: bool = False
    ) -> None:
        self._in_message = in_message
        self._name_end = _BARE_NAME_END if bare_names else NAME_END
        self._assigns = assigned_names
        if assigned_names:
            self._name_end = _ASSIGNED_NAME_END
        self._data = b""
        self._position = 0
        """Where the data begin that are not handled yet. A name may begin before it."""
        self._name_limit = 0
        """Where the earliest name may begin."""
        self._read: Callable[[bool], bytes | None] = self._find_name
        self._quote = (b'"', 0, b'"')
        """The kind, level and spelling of the quotation mark of the name, then of the value."""
        self._is_bare = False
        """Whether the name has no quotation marks."""
        self._key: bytes | None = None
        """The beginning of the last redacted value, if its name is ``key``."""
        self._depth = 0
        self._in_string = b""
        """The kind of the string within a redacted value; empty outside of strings."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        self._data += data
        return self._run(at_end=False)

    def flush(self) -> bytes:
        """Return the rest."""
        return self._run(at_end=True)

    def _run(self, *, at_end: bool) -> bytes:
        pieces = []
        while (piece := self._read(at_end)) is not None:
            pieces.append(piece)
        first = max(self._name_limit, self._position - _MAX_NAME)
        self._data = self._data[first:]
        self._position -= first
        self._name_limit = 0
        return b"".join(pieces)

    def _take(self, end: int) -> bytes:
        """Return the data up to there."""
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def _drop(self, end: int) -> None:
        """Drop the data up to there: no name begins in them."""
        self._position = self._name_limit = end

    def _find_name(self, at_end: bool) -> bytes | None:
        """Pass bytes on up to the end of a secret name and its colon."""
        data, begin = self._data, self._position
        position = begin
        limit = self._name_limit
        for match in self._name_end.finditer(data, max(limit, begin - 16)):
            if match.end() <= begin:
                continue
            position = match.end()
            if match[1] == b'"':
                # The common case, by fewer steps: a name of which no character is escaped.
                end = match.start()
                opening = data.rfind(b'"', max(limit, end - _MAX_NAME), end)
                name = data[opening + 1 : end]
                if opening >= 0 and b"\\" not in name and not _may_be_secret_name(name):
                    continue
            if self._is_secret_name(match):
                self._read = self._begin_value
                return self._take(position)
        if begin == len(data):
            return None
        held = None if at_end else _MAY_BE_NAME_END.search(data, max(position, len(data) - 256))
        end = held.start() if held else len(data)
        return self._take(end) if end > begin else None

    def _is_secret_name(self, match: re.Match[bytes]) -> bool:
        """Return whether the name is secret that ends with this match."""
        data, mark = self._data, match[1]
        self._is_bare = mark is None
        if mark is None:
            first = max(self._name_limit, match.start() - 256)
            bare = _BARE_NAME.search(data, first, match.start())
            self._quote = (b'"', 0, b"" if self._assigns else b'"')
            return bare is not None and is_secret_member(bare[0].decode("latin-1").strip())
        end = match.start()
        while end and data[end - 1] == 0x5C:
            end -= 1
        kind = _KINDS.get(mark, mark[:1])
        self._quote = (kind, _level(match.start() - end, mark), data[end : match.end(1)])
        start = max(self._name_limit, end - _MAX_NAME)
        for spelling in {mark, mark if kind == b"&" else kind}:
            found = data.rfind(spelling, start, end)
            start = max(start, found + len(spelling)) if found >= 0 else start
        name = data[start:end]
        if name.lower() == b"value":
            return self._is_named_by_pair(start)
        is_secret = _is_secret_json_name(name)
        if is_secret:
            self._key = b"" if name.lower() == b"key" else None
        return is_secret

    def _is_named_by_pair(self, start: int) -> bool:
        """Return whether the member before ``start`` has the name of a secret as its value."""
        first = max(self._name_limit, start - _LONGEST_PAIR)
        before = self._data[first:start]
        if self._key and _is_secret_json_name(self._key) and _REST_OF_PAIR.fullmatch(before):
            return True
        pair = _NAME_OF_PAIR.search(before)
        return pair is not None and _is_secret_json_name(pair[1])

    def _begin_value(self, at_end: bool) -> bytes | None:
        """Decide of what type the value is, and write the mark in its place."""
        data, begin = self._data, self._position
        blanks = _BLANKS.match(data, begin)
        if blanks is not None and blanks.end() > begin:
            return self._take(blanks.end())
        start = data[begin : begin + 16]
        if not start or (not at_end and _MAY_BE_OPENING.fullmatch(start)):
            return None
        if start.startswith(b"null") and not start[4:5].isalnum():
            self._read = self._find_name
            return self._take(begin + 4)
        spelling = self._quote[2]
        for kind, pattern in _QUOTES.items():
            opening = pattern.match(data, begin)
            if opening is not None and (kind != b"`" or self._name_end is not NAME_END):
                self._quote = (kind, _level(len(opening[1]), opening[2]), opening[0])
                self._drop(opening.end())
                self._read = self._skip_string
                return opening[0] + MARK
        if start[:1] in b"{[":
            self._depth = 1
            self._in_string = b""
            self._drop(begin + 1)
            self._read = self._skip_container
            return spelling + MARK + spelling
        is_word = self._in_message and _JSON_SCALAR.match(start) is None
        if is_word or _SCALAR_END.match(start):  # there is no value
            self._read = self._find_name
            return b""
        self._read = self._skip_scalar
        return spelling + MARK + spelling

    def _end_value(self, end: int, closing: bytes = b"") -> bytes:
        self._drop(end)
        self._read = self._find_name
        return closing

    def _drop_all(self, *, at_end: bool) -> None:
        """Drop the data but for what may be the beginning of a quotation mark."""
        begin = max(self._position, len(self._data) - _MAX_NAME)
        rest = None if at_end else _UNFINISHED.search(self._data, begin)
        self._drop(rest.start() if rest else len(self._data))

    def _skip_string(self, at_end: bool) -> bytes | None:
        kind, level, spelling = self._quote
        for match in _QUOTES[kind].finditer(self._data, self._position):
            found = _level(len(match[1]), match[2])
            if found <= level:
                self._keep_key(self._position, match.start())
                return self._end_value(match.end() if found == level else match.start(), spelling)
        start = self._position
        self._drop_all(at_end=at_end)
        self._keep_key(start, self._position)
        return None

    def _keep_key(self, start: int, end: int) -> None:
        """Keep the dropped value of a member named ``key``, which may be the name of a pair."""
        if self._key is not None:
            self._key = (self._key + self._data[start:end])[:_LONGEST_KEY]

    def _skip_container(self, at_end: bool) -> bytes | None:
        kind, level, _ = self._quote
        for match in _CONTAINER_MARKS[kind].finditer(self._data, self._position):
            if match[1] is None:
                if not self._in_string:
                    self._depth += 1 if match[0] in b"{[" else -1
                    if self._depth == 0:
                        return self._end_value(match.end())
                continue
            found = _level(len(match[1]), match[2])
            if found < level:
                return self._end_value(match.start())
            string_kind = _KINDS.get(match[2], match[2][:1])
            if found == level and not self._in_string:
                self._in_string = string_kind
            elif found == level and self._in_string == string_kind:
                self._in_string = b""
        self._drop_all(at_end=at_end)
        return None

    def _skip_scalar(self, _at_end: bool) -> bytes | None:
        ends = _BARE_SCALAR_END if self._is_bare else _SCALAR_END
        if self._is_bare and self._assigns:
            ends = _ASSIGNED_END
        end = ends.search(self._data, self._position)
        if end is None:
            self._drop(len(self._data))
            return None
        return self._end_value(end.start())


_CONTAINER_MARKS: Final[dict[bytes, re.Pattern[bytes]]] = {
    b'"': re.compile(_QUOTES[b'"'].pattern + rb"|[{}\[\]]"),
    b"'": re.compile(rb"(?<!\\)(\\*+)([\"']|u002[27])|[{}\[\]]"),
    b"&": re.compile(_QUOTES[b"&"].pattern + rb"|[{}\[\]]"),
    b"`": re.compile(rb"(?<!\\)(\\*+)([\"'`])|[{}\[\]]"),
}
