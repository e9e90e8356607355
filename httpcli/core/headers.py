"""Header fields as they stand in a message: order, case and duplicates kept (RFC 9110, 5)."""

from collections.abc import Iterable
from typing import NamedTuple, Self

TOKEN_CHARACTERS = "!#$%&'*+.^_`|~0-9A-Za-z-"  # noqa: S105  # RFC 9110's, not a secret
"""What a token is made of (RFC 9110, 5.6.2), for the brackets of a regular expression."""
TOKEN = rf"[{TOKEN_CHARACTERS}]+"
"""A field's name, a method, either half of a media type."""


class Field(NamedTuple):
    """One field line.

    ``value`` is text whose bytes on the wire are UTF-8; bytes of a server's
    that are not UTF-8 are held as surrogate escapes, so that
    ``value.encode("utf-8", "surrogateescape")`` gives back what was sent.
    ``secret``: the value was given by reference and is never shown.
    """

    name: str
    value: str
    secret: bool = False


class Fields(tuple[Field, ...]):
    """An immutable sequence of field lines, looked up by name in any case."""

    __slots__ = ()

    def has(self, name: str) -> bool:
        """Tell whether a field of that name is there."""
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

    @property
    def content_length(self) -> int | None:
        """How many bytes of content Content-Length tells of (RFC 9110, 8.6); None for none.

        >>> Fields([Field("Content-Length", "12")]).length
        12
        """
        told = self.first("Content-Length") or ""
        return int(told) if told.isascii() and told.isdigit() else None

    def without(self, *names: str) -> Self:
        """Return the fields less those of these names."""
        dropped = {name.lower() for name in names}
        return type(self)([field for field in self if field.name.lower() not in dropped])

    def plus(self, more: Iterable[Field]) -> Self:
        """Return the fields with ``more`` after them."""
        return type(self)((*self, *more))

    def with_defaults(self, defaults: Iterable[Field]) -> Self:
        """Return the defaults that these fields do not name, then these fields."""
        taken = {field.name.lower() for field in self}
        return type(self)((*(d for d in defaults if d.name.lower() not in taken), *self))
