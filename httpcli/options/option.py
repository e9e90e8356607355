"""The type of an option: one row of data for the parser, the help and the completions."""

from enum import Enum

from httpcli.core.named_tuple import NamedTuple


class OptionKind(Enum):
    """The values that an option takes, and the effect of repeating it."""

    SWITCH = "switch"
    """Takes no value; turns something on."""
    COUNT = "count"
    """Takes no value; each use counts (``-vv``)."""
    VALUE = "value"
    """Takes one value; the last use wins."""
    OPTIONAL = "optional"
    """Takes an optional value, attached with ``=``; all uses are kept."""
    REPEATABLE = "many"
    """Takes one value; all uses are kept."""
    ITEM = "item"
    """Takes one value that adds to the request, in order with the positional items."""


class Option(NamedTuple):
    """One option, as the help shows it and the parser reads it."""

    name: str
    """The long name, without dashes."""
    help: str
    """The first sentence of the help."""
    kind: OptionKind = OptionKind.SWITCH
    """The values that it takes, and the effect of repeating it."""
    letters: str = ""
    """Its short names, one letter each."""
    value: str = ""
    """The placeholder for its value in the help."""
    choices: tuple[str, ...] = ()
    """The allowed values; empty: any."""
    plugins: str = ""
    """The group of entry points by which other packages add choices; empty: none."""
    short_for: tuple[str, str] | None = None
    """The option and the value that it is short for; None if it is an option itself."""
    conflicts: tuple[str, ...] = ()
    """Options that cannot be given together with it."""
    overrides: tuple[str, ...] = ()
    """Options that it turns off if it comes later on the command line."""
    opposite: str = ""
    """The option that its ``--no-`` form means; empty: the form removes the option."""
    details: str = ""
    """Further sentences of the help."""

    @property
    def takes_value(self) -> bool:
        """Whether a value has to follow it."""
        return self.kind in (OptionKind.VALUE, OptionKind.REPEATABLE, OptionKind.ITEM)

    @property
    def spellings(self) -> tuple[str, ...]:
        """All ways to write it, the long one first."""
        return (f"--{self.name}", *(f"-{letter}" for letter in self.letters))


class OptionGroup(NamedTuple):
    """Options on one subject: a section of the help."""

    title: str
    """The heading of the section."""
    options: tuple[Option, ...]
    """The options, in the order of the help."""
