"""Takes DER apart (ITU-T X.690), as far as certificates need it."""

from collections.abc import Iterator
from typing import NamedTuple

UTC_TIME = 0x17
_OBJECT_IDENTIFIER = 0x06

_CHARSETS = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}
"""Those of BMPString, UniversalString and T61String; all others are within UTF-8."""


class Node(NamedTuple):
    """One value: its tag, what it holds, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    @property
    def children(self) -> list["Node"]:
        """The values inside. Raises ValueError."""
        return list(_nodes(self.content))

    @property
    def text(self) -> str:
        """What a string of any kind says."""
        return self.content.decode(_CHARSETS.get(self.tag, "utf-8"), "replace")

    @property
    def identifier(self) -> str:
        """An object identifier, dotted. Raises ValueError where it is none."""
        if self.tag != _OBJECT_IDENTIFIER or not self.content or self.content[-1] & 0x80:
            raise ValueError("not an object identifier")
        arcs, arc = [], 0
        for byte in self.content:
            arc = arc << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def parse(data: bytes) -> Node:
    """Return the one value that ``data`` is. Raises ValueError."""
    nodes = list(_nodes(data))
    if len(nodes) != 1:
        raise ValueError("not one value")
    return nodes[0]


def _nodes(data: bytes) -> Iterator[Node]:
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        length, at = _length(data, at + 1)
        if tag & 0x1F == 0x1F or at + length > len(data):
            raise ValueError("not DER")
        yield Node(tag, data[at : at + length], data[start : at + length])
        at += length


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return a length, and where it ends. Raises ValueError."""
    if at >= len(data):
        raise ValueError("cut short")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    if not 1 <= first & 0x7F <= 4 or end > len(data):
        raise ValueError("not DER")
    return int.from_bytes(data[at + 1 : end], "big"), end
