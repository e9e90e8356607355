"""argv becomes an Invocation; the only module that says click.

click's parser takes the words apart (bundled letters, ``--name=value``, ``--``)
by the option table. It is driven one positional at a time, because click tells
the order of options and the order of positionals but not how the two mix, and
items and the explicit options that stand for them keep the order typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import click

from httpcli.core.errors import UsageError
from httpcli.core.invocation import Invocation, TypedItem
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS

Value = bool | int | str | tuple[str, ...]
Settings = dict[str, Value]

_WITH_VALUE = "-of"

NEED_NO_URL = frozenset({"help", "manual", "version"})


class _Switch(click.Option):
    """An option of ours as click knows it."""

    def __init__(self, option: Option, *, negated: bool = False, with_value: bool = False) -> None:
        spellings, identifier = option.spellings, f"is_{option.name}"
        if negated:
            spellings, identifier = (f"--no-{option.name}",), f"no_{option.name}"
        elif with_value:
            spellings, identifier = (f"--{option.name}{_WITH_VALUE}",), f"of_{option.name}"
        identifier = identifier.replace("-", "_").replace(".", "_")
        if with_value or (option.takes_value and not negated):
            super().__init__([*spellings, identifier], multiple=True, type=click.UNPROCESSED)
        else:
            super().__init__([*spellings, identifier], multiple=True, is_flag=True, flag_value="")
        self.option = option
        self.negated = negated


class Word(NamedTuple):
    """One meaningful piece of the command line: an option with its value, or a positional."""

    switch: _Switch | None
    value: str


class ParsedWords:
    """What words came to: adds up word by word, the settings' first and then those typed.

    ``ranks`` and ``locations`` say of options that come from the settings how far
    they yield, and where they stand.
    """

    def __init__(self) -> None:
        self.positionals: list[TypedItem] = []
        self.options: Settings = {}
        self.ranks: dict[str, int] = {}
        self.locations: dict[str, str] = {}


def parse_command_line(argv: Sequence[str]) -> tuple[Invocation, list[Word]]:
    """Parse a command line, without the user's settings.

    Returns the invocation and the words that it came from. Raises UsageError for an
    unknown option, a missing or unwanted value, a missing URL, and options that
    exclude each other.
    """
    words = list(words_of(list(argv)))
    said = ParsedWords()
    take(words, said)
    if (NEED_NO_URL | {"batch"}) & said.options.keys():
        return Invocation(None, "", (), said.options), words
    refuse_conflicts(said)
    return invocation_of(said), words


def take(words: Iterable[Word], said: ParsedWords, rank: int = 0, place: str = "") -> None:
    """Add what these words say to what was said before."""
    for word in words:
        if word.switch is None:
            said.positionals.append(TypedItem("", word.value, rank))
            continue
        option, negated = word.switch.option, word.switch.negated
        if option.kind is not OptionKind.ITEM:
            name = _apply(option, word.value, said.options, negated=negated)
            said.ranks[name] = rank
            said.locations.pop(name, None)
            if place:
                said.locations[name] = place
        elif negated:
            said.positionals[:] = [one for one in said.positionals if not _is_of(option.name, one)]
        else:
            said.positionals.append(TypedItem(option.name, word.value, rank))


def _is_of(name: str, typed: TypedItem) -> bool:
    # A field of the settings whose value is a reference stands there as an item.
    return typed.option == name or (name == "header" and not typed.option and typed.rank > 0)


def read_words(argv: Sequence[str], options: tuple[Option, ...]) -> tuple[list[str], Settings]:
    """Take the words of another command line than a request's apart. Raises UsageError."""
    words: list[str] = []
    values: Settings = {}
    for word in words_of(list(argv), options):
        if word.switch is None:
            words.append(word.value)
        else:
            _apply(word.switch.option, word.value, values, negated=word.switch.negated)
    return words, values


def words_of(argv: list[str], options: tuple[Option, ...] = OPTIONS) -> Iterator[Word]:
    """Give each piece of a command line in its order. Raises UsageError."""
    argv = _detached(argv, options)
    known, negatable = _named(argv, options), any(word.startswith("--no-") for word in argv)
    while argv:
        try:
            values, rest, order = _parser(known, negatable).parse_args(list(argv))
        except click.UsageError as error:
            if known == options:
                raise _usage_error(error) from None
            known = options  # so that the error knows what might have been meant
            continue
        last = ""
        for switch in order:
            if isinstance(switch, _Switch):
                last = str(values[str(switch.name)].pop(0) or "")
                yield Word(switch, last)
        taken = len(argv) - len(rest)
        if taken > 0 and argv[taken - 1] == "--" and last != "--":
            yield from (Word(None, text) for text in rest)
            return
        if rest:
            yield Word(None, rest.pop(0))
        argv = rest


def _named(argv: Sequence[str], options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Return the options that some word may name: one costs 0.1 ms to make for click."""
    words = {word.partition("=")[0].removesuffix(_WITH_VALUE) for word in argv if word[:1] == "-"}
    spelled = words | {f"-{letter}" for word in words for letter in word}
    spelled |= {f"--{word.removeprefix('--no-')}" for word in words}
    return tuple(option for option in options if not spelled.isdisjoint(option.spellings))


@cache
def _parser(options: tuple[Option, ...], negatable: bool) -> Any:
    """Return click's parser, whose class has no public name, with or without ``--no-`` forms."""
    switches: list[click.Parameter] = [_Switch(option) for option in options]
    switches += [
        _Switch(option, with_value=True)
        for option in options
        if option.kind is OptionKind.OPTIONAL
    ]
    if negatable:
        switches += [_Switch(option, negated=True) for option in options]
    command = click.Command("httpcli", params=switches, add_help_option=False)
    parser = command.make_parser(click.Context(command))
    parser.allow_interspersed_args = False
    return parser


def _detached(argv: Sequence[str], options: Sequence[Option]) -> list[str]:
    """Return the words with ``--name=value`` of optional values written as click can read it.

    click has only options that always take a value and options that never do;
    so the two ways to write one of ours are two options for it.
    """
    names = [f"--{option.name}" for option in options if option.kind is OptionKind.OPTIONAL]
    takers = {spelling: option for option in options for spelling in option.spellings}
    words: list[str] = []
    is_value = ended = False
    for word in argv:
        ended = ended or (word == "--" and not is_value)
        name, equals, value = word.partition("=")
        if equals and name in names and not is_value and not ended:
            words += [name + _WITH_VALUE, value]
        else:
            words.append(word)
        is_value = not is_value and not ended and _awaits_value(word, takers)
    return words


def _awaits_value(word: str, takers: Mapping[str, Option]) -> bool:
    """Tell whether the word after this one is its option's value."""
    if word.startswith("--"):
        return word in takers and takers[word].takes_value
    if not word.startswith("-"):
        return False
    for place, letter in enumerate(word[1:], 2):
        option = takers.get(f"-{letter}")
        if option is not None and option.takes_value:
            return place == len(word)
    return False


def _apply(option: Option, value: str, options: Settings, *, negated: bool = False) -> str:
    """Let one typed option take effect on what was typed before it; return which one it sets."""
    if negated and option.opposite:
        option, negated = _option_named(option.opposite), False
    if option.sets:
        name, value = option.sets
        option = _option_named(name)
    if negated:
        options.pop(option.name, None)
        return option.name
    for other in option.instead_of:
        options.pop(other, None)
    options[option.name] = _added(option, value, options.get(option.name))
    return option.name


def _added(option: Option, value: str, before: Value | None) -> Value:
    """Return what an option comes to with one more value."""
    if option.kind is OptionKind.COUNT:
        return (before if isinstance(before, int) else 0) + 1
    if option.kind in (OptionKind.MANY, OptionKind.OPTIONAL):
        return (*(before if isinstance(before, tuple) else ()), value)
    if option.kind is OptionKind.VALUE:
        _check_choice(option, value)
        return value
    return True


def _option_named(name: str) -> Option:
    return next(option for option in OPTIONS if option.name == name)


def _check_choice(option: Option, value: str) -> None:
    if option.choices and value not in option.choices:
        check_other(option, value)


def refuse_conflicts(said: ParsedWords) -> None:
    """Raise UsageError for options that exclude each other."""
    for option in (option for option in OPTIONS if option.name in said.options):
        for other in filter(said.options.__contains__, option.conflicts):
            raise UsageError(f"--{option.name} and --{other} exclude each other")


def invocation_of(said: ParsedWords) -> Invocation:
    """Tell method, URL and items apart. Raises UsageError."""
    positionals, options = said.positionals, said.options
    words = [index for index, typed in enumerate(positionals) if _is_word(typed)]
    method = options.get("method")
    taken = 1
    if len(words) > 1 and _is_method(positionals[words[0]].text):
        word = positionals[words[0]].text
        if method is None:
            method = word.upper()
            words.pop(0)
            taken = 2
        elif word.isupper():
            raise UsageError(f"two methods: {method} and {word}", hint="give one of them")
    if not words:
        from httpcli.cli.hints import hint_for_missing_url

        raise UsageError("the URL is missing", hint=hint_for_missing_url())
    target = positionals[words[0]].text
    plain = 0
    items: list[TypedItem] = []
    for typed in positionals:
        plain += _is_word(typed)
        if not _is_word(typed) or plain > taken:
            items.append(typed)
    return Invocation(None if method is None else str(method), target, tuple(items), options)


def _is_word(typed: TypedItem) -> bool:
    return not typed.option and not typed.rank


def _is_method(text: str) -> bool:
    # A host name without a dot looks like one; people type `localhost`, and no method is.
    return text.isascii() and text.isalpha() and text.lower() != "localhost"


def _usage_error(error: click.UsageError) -> UsageError:
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        from httpcli.cli.hints import hint_for_unknown_option

        hint = hint_for_unknown_option(name, error.possibilities or ())
        return UsageError(f"unknown option {name}", hint=hint)
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:])


# A value that an option's own choices do not have: of a package, or of nobody.


def check_other(option: Option, value: str) -> None:
    """Raise UsageError unless a package brings this value."""
    others: tuple[str, ...] = ()
    if option.plugins:
        from httpcli.auth.plugins import plugin_names

        others = plugin_names(option.plugins)
    if value not in others:
        known = ", ".join((*option.choices, *others))
        raise UsageError(f"--{option.name}={value}: unknown value", hint=f"choose from: {known}")
