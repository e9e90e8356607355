"""Header fields of a message; order, case and duplicates are kept (RFC 9110, 5)."""

from collections.abc import Iterable
from typing import Self

from httpcli.core.named_tuple import NamedTuple

TOKEN_CHARACTERS = "!#$%&'*+.^_`|~0-9A-Za-z-"  # noqa: S105  # RFC 9110's, not a secret
"""The characters of a token (RFC 9110, 5.6.2), for the brackets of a regular expression."""
TOKEN = rf"[{TOKEN_CHARACTERS}]+"
"""A token: the name of a field, a method, either half of a media type."""
CONTROLS = r"[\x00-\x08\x0a-\x1f\x7f]"
"""Characters that no value may contain, as a regular expression (RFC 9110, 5.5)."""


class Field(NamedTuple):
    """One field line."""

    name: str
    value: str
    """The value, decoded as UTF-8; other bytes from a server are surrogate escapes:
    ``value.encode("utf-8", "surrogateescape")`` returns the bytes that were sent."""
    secret: bool = False
    """Whether the value was given by reference and is never printed."""


_NO_CODING = ("", "identity")
_MAX_LENGTH = 1 << 63
"""A Content-Length from this size on is no size of a body: its end is the connection's."""


def parse_content_length(values: Iterable[str]) -> int | None:
    """Return the length in bytes that all values give; None without one, or for a huge one.

    Equal lengths may be repeated, also in a list (RFC 9110, 8.6). Raises ValueError with
    ``differ`` for different lengths, and with ``invalid`` for a value that is not a number.

    >>> parse_content_length(["5", "05, 5"])
    5
    """
    lengths = set()
    for value in values:
        for item in value.split(","):
            digits = item.strip(" \t")
            if not (digits.isascii() and digits.isdigit()):
                raise ValueError("invalid")
            lengths.add(digits.lstrip("0"))
    if len(lengths) > 1:
        raise ValueError("differ")
    for digits in lengths:
        # Python refuses to parse thousands of digits.
        length = int(digits or "0") if len(digits) < 20 else _MAX_LENGTH
        return length if length < _MAX_LENGTH else None
    return None


class Fields(tuple[Field, ...]):
    """An immutable sequence of field lines, looked up by name in any case."""

    __slots__ = ()

    def has(self, name: str) -> bool:
        """Return whether a field of that name exists."""
        return self.first(name) is not None

    def first(self, name: str) -> str | None:
        """Return the first value of that name, or None."""
        wanted = name.lower()
        for field in self:
            if field.name.lower() == wanted:
                return field.value
        return None

    def all_values(self, name: str) -> list[str]:
        """Return all values of that name, in order."""
        wanted = name.lower()
        return [field.value for field in self if field.name.lower() == wanted]

    def single(self, name: str) -> str | None:
        """Return the value of a header that must have one value (RFC 9110, 5.3).

        None without the header, and if it was sent with different values: none of them can be
        believed. Identical copies are one value.

        >>> Fields([Field("ETag", "1"), Field("ETag", "1"), Field("Age", "1")]).single("etag")
        '1'
        """
        values = self.all_values(name)
        return values[0] if values and values.count(values[0]) == len(values) else None

    def contradicts(self, name: str) -> bool:
        """Return whether a header that must have one value was sent with different values."""
        return self.has(name) and self.single(name) is None

    def tokens(self, name: str) -> list[str]:
        """Return the elements of lists in all values of that name, in lower case."""
        return [
            token.strip(" \t").lower()
            for value in self.all_values(name)
            for token in value.split(",")
        ]

    @property
    def transfer_codings(self) -> list[str]:
        """The transfer codings in lower case, without ``identity`` (RFC 9112, 7)."""
        return [token for token in self.tokens("Transfer-Encoding") if token not in _NO_CODING]

    @property
    def content_length(self) -> int | None:
        """The value of Content-Length in bytes (RFC 9110, 8.6); None without a valid one.

        Also None beside a transfer coding, which overrules it (RFC 9112, 6.3).

        >>> Fields([Field("Content-Length", "12")]).content_length
        12
        """
        if self.transfer_codings:
            return None
        try:
            return parse_content_length(self.all_values("Content-Length"))
        except ValueError:
            return None

    def without(self, *names: str) -> Self:
        """Return the fields except the ones with these names."""
        dropped = {name.lower() for name in names}
        return type(self)([field for field in self if field.name.lower() not in dropped])

    def plus(self, more: Iterable[Field]) -> Self:
        """Return the fields followed by ``more``."""
        return type(self)((*self, *more))

    def with_defaults(self, defaults: Iterable[Field]) -> Self:
        """Return the defaults whose names these fields do not have, then these fields."""
        taken = {field.name.lower() for field in self}
        return type(self)((*(d for d in defaults if d.name.lower() not in taken), *self))
