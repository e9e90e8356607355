"""Parses the head of an HTTP/1 response, and its trailers (RFC 9112, 4 and 5; 7.1.2).

Servers send heads that are not valid, and browsers and curl read many of them. This
parser reads what can be read in one way only, and keeps the bytes as they were sent.
``Head.oddities`` names each deviation after which the end of the response is less certain,
so that the connection is not used for another request.
"""

from __future__ import annotations

from typing import TypeAlias

from httpcli.core.headers import Field, Fields, parse_content_length
from httpcli.core.named_tuple import NamedTuple

_AS_TEXT = ("utf-8", "surrogateescape")
_BLANKS = " \t"
_AFTER_CODE = ("", " ")
_NEEDS_CARE = ("\n ", "\n\t", " :", "\t:")
"""Text in a head with a folded line or a blank before a colon; also in some others."""
PREFIX = b"HTTP/"
"""How every response begins, in any case of the letters."""


Problem: TypeAlias = str
"""Why a response cannot be read, as the end of a sentence: one of the constants below."""
NOT_HTTP: Problem = "it does not begin with HTTP/"
UNSUPPORTED_VERSION: Problem = "this version of HTTP is not supported"
BAD_STATUS_LINE: Problem = "bad status line"
NO_COLON: Problem = "a header without a colon"
NUL_BYTE: Problem = "a NUL byte in the headers"
CARRIAGE_RETURN: Problem = "a carriage return within a header"
BAD_LENGTH: Problem = "a Content-Length that is not a number"
DIFFERENT_LENGTHS: Problem = "two Content-Lengths that differ"
CODING_AFTER_CHUNKED: Problem = "a transfer coding after chunked"
BAD_CHUNK_SIZE: Problem = "the size of a chunk is not a number"
CHUNK_TOO_LONG: Problem = "a chunk is longer than its size"
CHUNK_LINE_TOO_LONG: Problem = "a chunk extension is too long"
HEAD_TOO_LARGE: Problem = "the headers are too long"
TRAILERS_TOO_LARGE: Problem = "the trailers are too long"
TOO_MANY_FIELDS: Problem = "too many headers"
TOO_MANY_INTERIM: Problem = "too many interim responses (1xx)"
CUT_IN_HEAD: Problem = "the connection was closed within the headers"
CUT_IN_BODY: Problem = "received fewer bytes than the Content-Length header announces"
CUT_IN_CHUNKS: Problem = "the last chunk is missing"
CUT_IN_TRAILERS: Problem = "the connection was closed within the trailers"
CONNECTION_RESET: Problem = "the connection was reset"
CUT = (CUT_IN_HEAD, CUT_IN_BODY, CUT_IN_CHUNKS, CUT_IN_TRAILERS, CONNECTION_RESET)
"""The problems of a response that was cut off: another attempt may get all of it."""


class Head(NamedTuple):
    """The head of a response."""

    raw: bytes
    """The bytes as sent, with the empty line at the end."""
    version: str
    """Such as ``1.1``."""
    status: int
    reason: str
    """The reason phrase; bytes that are not UTF-8 as in ``core.headers.Field``."""
    fields: Fields
    oddities: tuple[str, ...] = ()
    """Deviations from the standard after which the connection is not used again."""

    @property
    def is_interim(self) -> bool:
        """Whether another head follows (RFC 9110, 15.2). After a 101 none does."""
        return self.status < 200 and self.status != 101


# These classes are no NamedTuples, which cost a short run 0.05 % each.
class Ended:
    """The content is complete."""

    __slots__ = ("trailers",)

    def __init__(self, trailers: Fields) -> None:
        self.trailers = trailers


class Upgraded:
    """The connection speaks another protocol from here on (101)."""

    __slots__ = ("received",)

    def __init__(self, received: bytes) -> None:
        self.received = received
        """The first bytes of that protocol; may be empty."""


Event: TypeAlias = "Head | bytes | Ended | Upgraded"
"""What a response consists of; bytes are content."""


class Http1Error(Exception):
    """A response that cannot be read, or only up to this point."""

    def __init__(
        self, problem: Problem, limit: int = 0, *, version: str = "", received: bytes = b""
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.limit = limit
        """The limit that was exceeded; 0 for another problem."""
        self.version = version
        """The version that is not supported; empty for another problem."""
        self.received = received
        """The first bytes received, if they are not HTTP."""
        self.events: list[Event] = []
        """The events before the error."""


def head_end(data: bytes | bytearray, start: int = 0) -> int:
    r"""Return the index after the empty line that ends a head; -1 if there is none.

    Lines end with CR LF or with LF alone (RFC 9112, 2.2). ``start``: where to begin.

    >>> head_end(b"HTTP/1.1 200 OK\r\n\r\nbody"), head_end(b"A: b\n\nbody")
    (19, 6)
    """
    with_return = data.find(b"\n\r\n", start)
    end = len(data) if with_return < 0 else with_return + 1
    bare = data.find(b"\n\n", start, end)
    if bare >= 0:
        return bare + 2
    return -1 if with_return < 0 else with_return + 3


def parse_head(raw: bytes) -> Head:
    """Parse a head, with the empty line at its end. Raises Http1Error."""
    text = raw.decode(*_AS_TEXT)
    lines = _lines(text)
    version, status, reason, odd_line = _parse_status_line(lines[0], raw)
    del lines[0]
    fields, oddities = _parse_fields(lines, text)
    if odd_line:
        oddities = (odd_line, *oddities)
    return Head(raw, version, status, reason, fields, oddities)


def parse_trailers(raw: bytes) -> Fields:
    """Parse trailers, with the empty line at their end. Raises Http1Error."""
    text = "\n" + raw.decode(*_AS_TEXT)
    return _parse_fields(_lines(text)[1:], text)[0]


def _lines(text: str) -> list[str]:
    """Return the lines without their ends, and without the empty line. Raises Http1Error."""
    lines = text.split("\r\n")
    if not text.count("\r") == text.count("\n") == len(lines) - 1:
        lines = text.replace("\r\n", "\n").split("\n")
        if text.count("\r") > text.count("\r\n"):
            raise Http1Error(CARRIAGE_RETURN)
    if "\0" in text:
        raise Http1Error(NUL_BYTE)
    del lines[-2:]
    return lines


def _parse_status_line(line: str, raw: bytes) -> tuple[str, int, str, str]:
    """Return version, status, reason and the oddity, if any. Raises Http1Error.

    >>> _parse_status_line("http/1.1  404OK", b"")
    ('1.1', 404, 'OK', 'a status line that is not valid')
    """
    code = line[9:12]
    is_usual = line[:9] == "HTTP/1.1 " and line[12:13] in _AFTER_CODE and "100" <= code <= "999"
    if is_usual and code.isascii() and code.isdigit():
        return "1.1", int(code), line[12:].strip(_BLANKS), ""
    version, rest = line[5:8], line[8:]
    if line[:5].upper() != "HTTP/":
        raise Http1Error(NOT_HTTP, received=raw)
    code = rest.lstrip(_BLANKS)
    digits = code[:3]
    is_version = version[1:2] == "." and (version[:1] + version[2:]).isdigit()
    if not is_version or version[0] not in "01" or not version.isascii():
        if version[:1].isdigit() and version[1:2] in (".", " ", "\t"):
            number = version if version[1] == "." else version[0]
            raise Http1Error(UNSUPPORTED_VERSION, version=f"HTTP/{number}")
        raise Http1Error(BAD_STATUS_LINE)
    is_status = len(digits) == 3 and digits.isascii() and digits.isdigit() and digits >= "100"
    if not is_status or rest == code or code[3:4].isdigit():
        raise Http1Error(BAD_STATUS_LINE)
    reason = code[3:].strip(_BLANKS)
    is_valid = line.startswith("HTTP/1.") and rest[0] == " " and rest[1:] == code
    is_valid = is_valid and code[3:4] in ("", " ")
    return version, int(digits), reason, "" if is_valid else "a status line that is not valid"


def _parse_fields(lines: list[str], text: str) -> tuple[Fields, tuple[str, ...]]:
    """Return the fields of these lines of ``text``, and the oddities. Raises Http1Error."""
    for mark in _NEEDS_CARE:
        if mark in text:
            return _parse_odd_fields(lines)
    fields = []
    new = tuple.__new__  # half of the time of calling Field
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise Http1Error(NO_COLON)
        fields.append(new(Field, (name, value.strip(_BLANKS), False)))
    return Fields(fields), ()


def _parse_odd_fields(lines: list[str]) -> tuple[Fields, tuple[str, ...]]:
    """Do the same for folded lines, and names with blanks around them."""
    fields: list[Field] = []
    oddities: list[str] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[0] in _BLANKS:
            # A folded line continues the value before it (RFC 9112, 5.2).
            if fields:
                more = line.strip(_BLANKS)
                if more:
                    last = fields[-1]
                    fields[-1] = Field(last.name, f"{last.value} {more}".lstrip(" "))
                continue
            if not colon:
                continue
            oddities.append("a blank before the first header")
            name = name.lstrip(_BLANKS)
        if not colon:
            raise Http1Error(NO_COLON)
        if name[-1:] in (" ", "\t"):
            oddities.append("a blank before a colon")
            name = name.rstrip(_BLANKS)
        fields.append(Field(name, value.strip(_BLANKS)))
    return Fields(fields), tuple(oddities)


class Framing:
    """How the end of a response's content is found (RFC 9112, 6.3)."""

    __slots__ = ("is_chunked", "is_persistent", "length")

    def __init__(self, *, length: int | None, is_persistent: bool, is_chunked: bool = False):
        self.length = length
        """None if it is chunked, or ends with the connection."""
        self.is_persistent = is_persistent
        """Whether the connection may be used for another request afterwards."""
        self.is_chunked = is_chunked


def framing(head: Head) -> Framing:
    """Return the framing of a response that may have content. Raises Http1Error.

    Transfer-Encoding overrules Content-Length, whatever its value. After both, after
    chunks in HTTP/1.0, and after a repeated length the connection is closed.
    """
    fields = head.fields
    names = {field.name.lower() for field in fields}
    persistent = is_persistent(head, names)
    codings = fields.transfer_codings if "transfer-encoding" in names else ()
    if "chunked" in codings:
        first = codings.index("chunked")
        if any(coding != "chunked" for coding in codings[first:]):
            raise Http1Error(CODING_AFTER_CHUNKED)
        is_plain = head.version >= "1.1" and "content-length" not in names
        return Framing(length=None, is_persistent=persistent and is_plain, is_chunked=True)
    if codings:
        return Framing(length=None, is_persistent=False)
    if "content-length" not in names:
        return Framing(length=None, is_persistent=False)
    values = fields.all_values("Content-Length")
    try:
        length = parse_content_length(values)
    except ValueError as error:
        raise Http1Error(DIFFERENT_LENGTHS if error.args[0] == "differ" else BAD_LENGTH) from None
    is_single = len(values) == 1 and values[0].isdigit()
    return Framing(length=length, is_persistent=persistent and length is not None and is_single)


def is_persistent(head: Head, names: set[str]) -> bool:
    """Return whether the connection stays open after the response (RFC 9112, 9.3).

    ``names``: the names of its headers, in lower case.
    """
    if head.oddities:
        return False
    if "connection" not in names:
        return head.version >= "1.1"
    tokens = head.fields.tokens("Connection")
    if "close" in tokens:
        return False
    return head.version >= "1.1" or "keep-alive" in tokens
