r"""Finds secret values in text and bytes, in the encodings in which servers repeat them.

Before the search, escapes are decoded in the text and in the secrets: those of JSON, URLs and
HTML, in any mixture and nested in each other. Blanks equal ``+``; line ends, NUL bytes and the
backslashes of escapes are removed, so that UTF-16 and wrapped base64 are found too. Base64 and
hexadecimal digits of a secret are searched as texts of their own.

Not found: a secret that is compressed, encrypted, hashed, reversed, split by other text, or
written in another case or alphabet.
"""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from json import dumps

from httpcli.core.escaping import REDACTED
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import form_quote, quote_all

_MARK = REDACTED.encode()
_MIN_ENCODED = 4
"""Bytes of a secret that is searched in base64 and hexadecimal: shorter ones match anything."""
_MAX_ROUNDS = 4
"""How deeply escapes may be nested in other kinds of escapes."""
_LONGEST_ESCAPE = 24
"""Bytes of one escaped character."""
_ESCAPES = re.compile(
    # Each alternative begins with a literal: the search is several times faster.
    rb"\\\\*(?:u(d[89ab][0-9a-f]{2})\\+u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|u\{0*([0-9a-f]{1,6})\}"
    rb"|x([0-9a-f]{2})|([bfnrt])|)"
    rb"|%(?:25)*(?:u([0-9a-f]{4})|([0-9a-f]{2}))"
    rb"|&(?:amp;)*(?:\#0*(\d{1,7});?|\#x0*([0-9a-f]{1,6});?|([a-z][a-z0-9]{1,31};))"
    rb"|\r[\r\n\0]*|\n[\r\n\0]*|\0[\r\n\0]*",
    re.IGNORECASE,
)
_ESCAPE_MARKS = re.compile(rb"\\[bfnrtux]|%|&", re.IGNORECASE)
"""Without these in the data, line ends, NUL bytes and backslashes are all that is removed."""
_REMOVED = b"\r\n\0\\"
_INCOMPLETE_ESCAPE = re.compile(
    rb"(?:\\+(?:u[0-9a-f{]{0,7})?|%(?:25)*u?[0-9a-f]{0,3}|&[\#a-z0-9;]{0,31})\Z", re.IGNORECASE
)
"""Text at the end of a piece of data that may be the beginning of an escape."""
_SHORT_ESCAPES = {b"b": b"\b", b"f": b"\f", b"n": b"", b"r": b"", b"t": b"\t"}
_BLANK_AS_PLUS = bytes.maketrans(b" ", b"+")
_STANDARD_BASE64 = bytes.maketrans(b"-_", b"+/")
_IN_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class KnownSecrets:
    """Finds and redacts known secret values."""

    def __init__(self, secrets: Iterable[str]) -> None:
        texts = {text for text in secrets if text}
        contents = {content for text in texts for content in _contents(text)}
        plain = {content for text in texts for content in _in_charsets(text)}
        self._verbatim = tuple(contents)
        """Searched in the data as it is."""
        self._decoded = tuple({_decode(content).data for content in plain} - {b""})
        """Searched where escapes are decoded."""
        self._hexadecimal = tuple(
            separator.join(f"{byte:02x}" for byte in content).encode()
            for content in contents
            if len(content) >= _MIN_ENCODED
            for separator in ("", ":", "+")
        )
        """Searched in the decoded data in lower case."""
        self._base64 = tuple(
            form
            for content in contents
            if len(content) >= _MIN_ENCODED
            for form in _base64_forms(content)
        )
        """Searched in the decoded data, in the standard alphabet."""
        lengths = [len(form) for form in self._verbatim]
        lengths += [len(form) * _LONGEST_ESCAPE for form in self._decoded]
        self.longest = max(lengths, default=0)
        """The length of the longest spelling of a secret in bytes; 0 without secrets."""

    def __bool__(self) -> bool:
        return bool(self._verbatim)

    def redact(self, text: str) -> str:
        """Return the text with the secrets redacted."""
        if not self._verbatim:
            return text
        data = _utf_8(text)
        redacted = self.redact_bytes(data)
        return text if redacted == data else redacted.decode("utf-8", "surrogateescape")

    def redact_bytes(self, data: bytes) -> bytes:
        """Return the bytes with the secrets redacted."""
        pieces: list[bytes] = []
        done = 0
        for start, end in self._places(data):
            pieces += [data[done:start], _MARK]
            done = end
        return b"".join([*pieces, data[done:]]) if pieces else data

    def redact_beginning(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the part of the data that is certain, redacted, and the rest.

        The rest may be the beginning of a secret, whose end the next piece of data contains.
        """
        cut = self._uncertain_from(data)
        for start, end in self._places(data):
            if start < cut < end:
                cut = end
        return self.redact_bytes(data[:cut]), data[cut:]

    def _places(self, data: bytes) -> list[tuple[int, int]]:
        """Return the start and end of each secret in the data; they do not overlap."""
        if not self._verbatim or not data:
            return []
        places = [place for form in self._verbatim for place in _occurrences(data, form)]
        if not places and not self._may_contain(_decoded_text(data)):
            return []
        decoded = _decode(data)
        text = decoded.data
        found = [place for form in self._decoded for place in _occurrences(text, form)]
        lower_case = text.lower()
        found += [place for form in self._hexadecimal for place in _occurrences(lower_case, form)]
        standard = text.translate(_STANDARD_BASE64)
        for form in self._base64:
            found += [_with_edges(text, form, *p) for p in _occurrences(standard, form.core)]
        places += [decoded.original(*place) for place in found]
        return _merged(places)

    def _may_contain(self, text: bytes) -> bool:
        """Return whether a secret is in decoded text: a quick search, without places."""
        lower_case, standard = text.lower(), text.translate(_STANDARD_BASE64)
        return (
            any(form in text for form in self._decoded)
            or any(form in lower_case for form in self._hexadecimal)
            or any(form.core in standard for form in self._base64)
        )

    def _uncertain_from(self, data: bytes) -> int:
        """Return where the end of the data begins that may be the beginning of a secret."""
        if not self._verbatim:
            return len(data)
        first = max(0, len(data) - self.longest)
        tail = data[first:]
        escape = _INCOMPLETE_ESCAPE.search(tail[-64:])
        complete = tail[: max(0, len(tail) - 64) + escape.start()] if escape else tail
        decoded = _decode(complete)
        text = decoded.data
        longest = max((_overlap(text, form) for form in self._decoded), default=0)
        lower_case = text.lower()
        longest = max([longest, *(_overlap(lower_case, form) for form in self._hexadecimal)])
        standard = text.translate(_STANDARD_BASE64)
        for form in self._base64:
            overlap = _overlap(standard, form.core + b"\0" * form.has_end)
            longest = max(longest, overlap + form.has_start if overlap else 0)
        longest = min(longest, len(text))
        certain = decoded.original(len(text) - longest, len(text))[0] if longest else len(complete)
        verbatim = max(_overlap(tail, form) for form in self._verbatim)
        return first + min(certain, len(tail) - verbatim)


class _Replacement(NamedTuple):
    """The places of the replaced texts, before and after."""

    starts_after: list[int]
    lengths_after: list[int]
    starts_before: list[int]
    ends_before: list[int]


class _Decoded(NamedTuple):
    """Data with replaced parts, and where they were."""

    data: bytes
    rounds: list[_Replacement]
    """The replacements, the last one at the end."""

    def replaced(
        self, pattern: re.Pattern[bytes], replace: Callable[[re.Match[bytes]], bytes]
    ) -> _Decoded:
        """Return the data with each match of a pattern replaced."""
        pieces: list[bytes] = []
        places = _Replacement([], [], [], [])
        done = size = 0
        for match in pattern.finditer(self.data):
            text = replace(match)
            if text == match[0]:
                continue
            start, end = match.span()
            pieces += [self.data[done:start], text]
            size += start - done
            places.starts_after.append(size)
            places.lengths_after.append(len(text))
            places.starts_before.append(start)
            places.ends_before.append(end)
            size += len(text)
            done = end
        if not pieces:
            return self
        data = b"".join([*pieces, self.data[done:]])
        return _Decoded(data, [*self.rounds, places])

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where the text ``data[start:end]`` was before all replacements."""
        for places in reversed(self.rounds):
            start = _before(places, start)[0]
            end = _before(places, end - 1)[1]
        return start, end


def _decode(data: bytes) -> _Decoded:
    """Decode the escapes in the data."""
    decoded = _Decoded(data.translate(_BLANK_AS_PLUS), [])
    for _ in range(_MAX_ROUNDS):
        following = decoded.replaced(_ESCAPES, _unescaped)
        if following is decoded:
            break
        decoded = following._replace(data=following.data.translate(_BLANK_AS_PLUS))
    return decoded


def _decoded_text(data: bytes) -> bytes:
    """Return ``_decode(data).data``, in fewer steps: it remembers no places."""
    if _ESCAPE_MARKS.search(data) is None:
        return data.translate(_BLANK_AS_PLUS, _REMOVED)
    data = data.translate(_BLANK_AS_PLUS)
    for _ in range(_MAX_ROUNDS):
        decoded = _ESCAPES.sub(_unescaped, data).translate(_BLANK_AS_PLUS)
        if decoded == data:
            break
        data = decoded
    return data


def _before(places: _Replacement, position: int) -> tuple[int, int]:
    """Return the start and end of the byte at a position before the replacements."""
    # Of removed texts at one position, the last one is found: the byte is behind all of them.
    index = bisect_right(places.starts_after, position) - 1
    if index < 0:
        return position, position + 1
    offset = position - places.starts_after[index]
    if offset < places.lengths_after[index]:
        return places.starts_before[index], places.ends_before[index]
    original = places.ends_before[index] + offset - places.lengths_after[index]
    return original, original + 1


def _unescaped(match: re.Match[bytes]) -> bytes:
    """Return the character of an escape in UTF-8; of ``%xx`` the byte."""
    high, low, unit, code, short_code, short, percent_unit, byte, decimal, hexa, name = (
        match.groups()
    )
    if byte is not None:
        return bytes.fromhex(byte.decode("ascii"))
    if high is not None and low is not None:
        pair = bytes.fromhex((high + low).decode("ascii"))
        return pair.decode("utf-16-be").encode()
    if name is not None:
        from html.entities import html5

        text = html5.get(name.decode("ascii"))
        return match[0] if text is None else text.encode()
    if short is not None:
        return _SHORT_ESCAPES[short.lower()]
    digits = unit or code or short_code or percent_unit or hexa
    if digits is None and decimal is None:
        return b""
    number = int(digits, 16) if digits is not None else int(decimal)
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else match[0]


def _utf_8(text: str) -> bytes:
    """Return a text in UTF-8, and escaped bytes as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _in_charsets(text: str) -> Iterator[bytes]:
    """Yield a text in UTF-8 and in the charsets with one byte for each character."""
    yield _utf_8(text)
    for charset in ("latin-1", "cp1252"):
        with suppress(UnicodeEncodeError):
            yield text.encode(charset)


def _contents(text: str) -> Iterator[bytes]:
    """Yield a secret in the charsets and escapes that servers encode as a whole."""
    yield from _in_charsets(text)
    with suppress(UnicodeEncodeError):  # for a byte that is not text
        for charset in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            yield text.encode(charset)
        yield dumps(text, ensure_ascii=False)[1:-1].encode()
        yield dumps(text)[1:-1].encode()
        yield form_quote(text).encode()
        yield quote_all(text, "").encode()


class _Base64Form(NamedTuple):
    """A secret as a part of a text in base64."""

    core: bytes
    """The characters that encode bits of the secret alone."""
    has_start: bool
    """Whether the character before encodes bits of the secret too."""
    has_end: bool
    """Whether the character behind does."""


def _base64_forms(content: bytes) -> Iterator[_Base64Form]:
    """Yield a secret after 0, 1 and 2 other bytes, which shift its bits."""
    for offset in range(3):
        encoded = b64encode(b"\0" * offset + content)
        start = (8 * offset + 5) // 6
        end = 8 * (offset + len(content)) // 6
        yield _Base64Form(encoded[start:end], offset > 0, 8 * (offset + len(content)) % 6 != 0)


def _with_edges(text: bytes, form: _Base64Form, start: int, end: int) -> tuple[int, int]:
    """Include the characters at the edges that encode bits of the secret too."""
    if form.has_start and start and text[start - 1] in _IN_BASE64:
        start -= 1
    if form.has_end and end < len(text) and text[end] in _IN_BASE64:
        end += 1
    return start, end


def _occurrences(data: bytes, form: bytes) -> Iterator[tuple[int, int]]:
    position = data.find(form)
    while position >= 0:
        yield position, position + len(form)
        position = data.find(form, position + len(form))


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the places in order, with those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlap(text: bytes, form: bytes) -> int:
    """Return the length of the longest end of the text that is a beginning of the form."""
    size = min(len(text), len(form) - 1)
    tail = text[len(text) - size :] if size else b""
    position = tail.find(form[:1])
    while position >= 0:
        if form.startswith(tail[position:]):
            return size - position
        position = tail.find(form[:1], position + 1)
    return 0
