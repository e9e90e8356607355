"""How far transfers are, and in which way the user is told; settled in the plan."""

from enum import Enum


class Telling(Enum):
    """How the user is told how far transfers are."""

    NONE = "none"
    DRAWN = "drawn"
    """Lines at the bottom of a terminal, drawn again and again."""
    ENDS = "ends"
    """A line where a file begins, and one where it ends."""
    PLAIN = "plain"
    """That, and a line every 30 seconds."""
    JSON = "json"
    """One JSON object a line: begins, how far it is every second, ends."""
