"""What an option is: one paragraph of data.

The parser, the help, the man page and the completions all walk the same rows;
none of them knows an option by name.
"""

from enum import Enum
from typing import NamedTuple


class OptionKind(Enum):
    """How an option is written and what repeating it means."""

    SWITCH = "switch"
    """No value; on."""
    COUNT = "count"
    """No value; each one counts (``-vv``)."""
    VALUE = "value"
    """One value; the last one wins."""
    OPTIONAL = "optional"
    """A value that may be left out, and is attached by ``=``; each one counts."""
    MANY = "many"
    """One value; they add up."""
    ITEM = "item"
    """One value that adds to the request, in the order typed among the items."""


class Option(NamedTuple):
    """One option.

    ``name`` is the long name without dashes, ``letters`` its short ones,
    ``value`` what stands for its value in the help. ``sets`` makes it a short
    way to say another option (name, value). ``plugins`` is the group of entry
    points by which other packages add to its choices. ``conflicts`` names options that
    cannot be typed beside it, ``instead_of`` options that it takes the place
    of (and they of it). ``opposite`` is what its ``--no-`` form says, where that
    is more than to forget it. ``more`` goes into the long help.
    """

    name: str
    help: str
    kind: OptionKind = OptionKind.SWITCH
    letters: str = ""
    value: str = ""
    choices: tuple[str, ...] = ()
    plugins: str = ""
    sets: tuple[str, str] | None = None
    conflicts: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    opposite: str = ""
    more: str = ""

    @property
    def takes_value(self) -> bool:
        """Whether a value follows it."""
        return self.kind in (OptionKind.VALUE, OptionKind.MANY, OptionKind.ITEM)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All ways to write it, long one first."""
        return (f"--{self.name}", *(f"-{letter}" for letter in self.letters))


class OptionGroup(NamedTuple):
    """Options on one subject, as a chapter of the help."""

    title: str
    options: tuple[Option, ...]
