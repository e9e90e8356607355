"""Parse a command line into an Invocation, by the option table.

click's parser splits the arguments (bundled letters, ``--name=value``, ``--``). No other module
uses click. It parses up to one positional argument at a time, because click does not report how
options and positional arguments are mixed: request items and item options must keep their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import click

from httpcli.core.errors import UsageError
from httpcli.core.invocation import Invocation, SettingSource, TypedItem
from httpcli.core.named_tuple import NamedTuple
from httpcli.options.option import Option, OptionKind
from httpcli.options.table import OPTIONS
from httpcli.syntax import units

OptionValue = bool | int | str | tuple[str, ...]
ValuesByName = dict[str, OptionValue]
"""The values of the given options, by long name."""

OPTIONS_WITHOUT_URL = frozenset({"help", "manual", "version"})

_VALUE_SUFFIX = "-of"
"""Ends the name under which click knows the form ``--name=VALUE`` of an optional value."""


class Argument(NamedTuple):
    """A part of the command line: an option with its value, or a positional argument."""

    option: Option | None
    """None for a positional argument."""
    value: str
    """The option's value, or the positional argument."""
    negated: bool = False
    """Whether it is the ``--no-`` form of the option."""


class ParsedCommandLine:
    """The combined effect of the arguments added so far.

    Arguments from the user's settings are added before those of the command line.
    """

    def __init__(self) -> None:
        self.positionals: list[TypedItem] = []
        """Positional arguments and item options, in their order."""
        self.options: ValuesByName = {}
        self.sources: dict[str, SettingSource] = {}
        """The source of each option's value."""
        self.locations: dict[str, str] = {}
        """The place in a file of each option that comes from the user's settings."""


def parse_command_line(argv: Sequence[str]) -> tuple[Invocation, list[Argument]]:
    """Parse a command line, without the user's settings.

    Returns the invocation and its arguments. Raises UsageError for an unknown option, a missing
    or unwanted value, a missing URL, and options that exclude each other.
    """
    arguments = list(split_arguments(list(argv)))
    parsed = ParsedCommandLine()
    add_arguments(arguments, parsed)
    if (OPTIONS_WITHOUT_URL | {"batch"}) & parsed.options.keys():
        return Invocation(None, "", (), parsed.options), arguments
    check_conflicts(parsed)
    return build_invocation(parsed), arguments


def parse_subcommand(
    argv: Sequence[str], options: tuple[Option, ...]
) -> tuple[list[str], ValuesByName]:
    """Return the positional arguments and the option values of a subcommand. Raises UsageError."""
    positionals: list[str] = []
    values: ValuesByName = {}
    for argument in split_arguments(list(argv), options):
        if argument.option is None:
            positionals.append(argument.value)
        else:
            _apply(argument.option, argument.value, values, negated=argument.negated)
    return positionals, values


# Splitting argv with click


def split_arguments(argv: list[str], options: tuple[Option, ...] = OPTIONS) -> Iterator[Argument]:
    """Yield the arguments of a command line in order. Raises UsageError."""
    argv = _separate_optional_values(argv, options)
    known, negatable = _options_in(argv, options), any(word.startswith("--no-") for word in argv)
    while argv:
        try:
            values, rest, order = _click_parser(known, negatable).parse_args(list(argv))
        except click.UsageError as error:
            if known == options:
                raise _usage_error(error) from None
            known = options  # all options are candidates for "did you mean"
            continue
        last_value = ""
        for parameter in order:
            if isinstance(parameter, _ClickOption):
                last_value = str(values[str(parameter.name)].pop(0) or "")
                yield Argument(parameter.option, last_value, parameter.negated)
        consumed = len(argv) - len(rest)
        if consumed > 0 and argv[consumed - 1] == "--" and last_value != "--":
            yield from (Argument(None, word) for word in rest)
            return
        if rest:
            yield Argument(None, rest.pop(0))
        argv = rest


class _ClickOption(click.Option):
    """An option of the option table as a click parameter."""

    def __init__(self, option: Option, *, negated: bool = False, with_value: bool = False) -> None:
        spellings, identifier = option.spellings, f"is_{option.name}"
        if negated:
            spellings, identifier = (f"--no-{option.name}",), f"no_{option.name}"
        elif with_value:
            spellings, identifier = (f"--{option.name}{_VALUE_SUFFIX}",), f"of_{option.name}"
        identifier = identifier.replace("-", "_").replace(".", "_")
        if with_value or (option.takes_value and not negated):
            super().__init__([*spellings, identifier], multiple=True, type=click.UNPROCESSED)
        else:
            super().__init__([*spellings, identifier], multiple=True, is_flag=True, flag_value="")
        self.option = option
        self.negated = negated


def _options_in(argv: Sequence[str], options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Return the options that ``argv`` may contain: each click parameter costs 0.1 ms."""
    words = {
        word.partition("=")[0].removesuffix(_VALUE_SUFFIX) for word in argv if word[:1] == "-"
    }
    spellings = words | {f"-{letter}" for word in words for letter in word}
    spellings |= {f"--{word.removeprefix('--no-')}" for word in words}
    return tuple(option for option in options if not spellings.isdisjoint(option.spellings))


@cache
def _click_parser(options: tuple[Option, ...], negatable: bool) -> Any:
    """Return click's parser, whose class has no public name, with or without ``--no-`` forms."""
    parameters: list[click.Parameter] = [_ClickOption(option) for option in options]
    parameters += [
        _ClickOption(option, with_value=True)
        for option in options
        if option.kind is OptionKind.OPTIONAL
    ]
    if negatable:
        parameters += [_ClickOption(option, negated=True) for option in options]
    command = click.Command("httpcli", params=parameters, add_help_option=False)
    parser = command.make_parser(click.Context(command))
    parser.allow_interspersed_args = False
    return parser


def _separate_optional_values(argv: Sequence[str], options: Sequence[Option]) -> list[str]:
    """Rewrite ``--name=value`` of an option with an optional value for click.

    An option of click either always takes a value or never. So each of these options is two
    options for click, with and without a value.
    """
    names = [f"--{option.name}" for option in options if option.kind is OptionKind.OPTIONAL]
    by_spelling = {spelling: option for option in options for spelling in option.spellings}
    words: list[str] = []
    is_value = options_ended = False
    for typed in argv:
        word = typed
        options_ended = options_ended or (word == "--" and not is_value)
        if "=" in word and word[0] == "-" and not is_value and not options_ended:
            word = _without_equals(word, by_spelling)
        name, equals, value = word.partition("=")
        if equals and name in names and not is_value and not options_ended:
            words += [name + _VALUE_SUFFIX, value]
        else:
            words.append(word)
        is_value = not is_value and not options_ended and _needs_next_word(word, by_spelling)
    return words


def _without_equals(word: str, by_spelling: Mapping[str, Option]) -> str:
    """Return letters without the ``=`` before their value: ``-p=h`` is ``-ph``, as for HTTPie."""
    if word.startswith("--"):
        return word
    for end, letter in enumerate(word[1:], 2):
        option = by_spelling.get(f"-{letter}")
        if option is None:
            return word
        if option.takes_value:
            return word[:end] + word[end:].removeprefix("=") if word[end + 1 :] else word
    return word


def _needs_next_word(word: str, by_spelling: Mapping[str, Option]) -> bool:
    """Return whether the next word is the value of an option in this word."""
    if word.startswith("--"):
        return word in by_spelling and by_spelling[word].takes_value
    if not word.startswith("-"):
        return False
    for end, letter in enumerate(word[1:], 2):
        option = by_spelling.get(f"-{letter}")
        if option is not None and option.takes_value:
            return end == len(word)
    return False


def _usage_error(error: click.UsageError) -> UsageError:
    if isinstance(error, click.NoSuchOption):
        from httpcli.cli.hints import hint_for_unknown_option

        # An option and its value in one argument: the value may be a secret.
        name = error.option_name.partition(" ")[0]
        hint = hint_for_unknown_option(name, error.possibilities or ())
        return UsageError(f"unknown option {name}", hint=hint)
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:])


# Combining arguments


def add_arguments(
    arguments: Iterable[Argument],
    parsed: ParsedCommandLine,
    source: SettingSource = SettingSource.COMMAND_LINE,
    location: str = "",
) -> None:
    """Add arguments to ``parsed``. Raises UsageError for an unknown value."""
    for argument in arguments:
        if argument.option is None:
            parsed.positionals.append(TypedItem("", argument.value, source))
            continue
        option, negated = argument.option, argument.negated
        if option.kind is not OptionKind.ITEM:
            name = _apply(option, argument.value, parsed.options, negated=negated)
            parsed.sources[name] = source
            parsed.locations.pop(name, None)
            if location:
                parsed.locations[name] = location
        elif negated:
            parsed.positionals[:] = [
                item for item in parsed.positionals if not _is_from_option(item, option.name)
            ]
        else:
            parsed.positionals.append(TypedItem(option.name, argument.value, source))


def _is_from_option(item: TypedItem, name: str) -> bool:
    # A header of the settings whose value is a reference is stored as an item.
    is_from_settings = item.source is not SettingSource.COMMAND_LINE
    return item.option == name or (name == "header" and not item.option and is_from_settings)


def _apply(option: Option, value: str, values: ValuesByName, *, negated: bool = False) -> str:
    """Apply one argument to the values; return the name of the option that it changed."""
    if negated and option.opposite:
        option, negated = _option_named(option.opposite), False
    if option.short_for:
        name, value = option.short_for
        option = _option_named(name)
    if negated:
        values.pop(option.name, None)
        return option.name
    for replaced in option.overrides:
        values.pop(replaced, None)
    values[option.name] = _combined(option, value, values.get(option.name))
    return option.name


def _combined(option: Option, value: str, previous: OptionValue | None) -> OptionValue:
    """Return an option's new value: by its kind counted, collected, or replaced."""
    if option.kind is OptionKind.COUNT:
        return (previous if isinstance(previous, int) else 0) + 1
    if option.kind in (OptionKind.REPEATABLE, OptionKind.OPTIONAL):
        return (*(previous if isinstance(previous, tuple) else ()), value)
    if option.kind is OptionKind.VALUE:
        if option.choices and value not in option.choices:
            check_plugin_value(option, value)
        return value
    return True


def check_plugin_value(option: Option, value: str) -> None:
    """Raise UsageError unless an installed plugin provides this value."""
    plugins: tuple[str, ...] = ()
    if option.plugins:
        from httpcli.auth.plugins import plugin_names

        plugins = plugin_names(option.plugins)
    if value not in plugins:
        known = ", ".join((*option.choices, *plugins))
        raise UsageError(f"--{option.name}={value}: unknown value", hint=f"choose from: {known}")


def _option_named(name: str) -> Option:
    return next(option for option in OPTIONS if option.name == name)


def check_conflicts(parsed: ParsedCommandLine) -> None:
    """Raise UsageError for options that exclude each other."""
    for option in (option for option in OPTIONS if option.name in parsed.options):
        for other in filter(parsed.options.__contains__, option.conflicts):
            raise UsageError(f"--{option.name} and --{other} cannot be used together")


def build_invocation(parsed: ParsedCommandLine) -> Invocation:
    """Separate method, URL and items. Raises UsageError for a missing URL or two methods."""
    positionals, options = parsed.positionals, parsed.options
    plain = [index for index, item in enumerate(positionals) if _is_plain(item)]
    method = options.get("method")
    before_items = 1
    if len(plain) > 1 and _is_method(positionals[plain[0]].text):
        word = positionals[plain[0]].text
        if method is None:
            method = word.upper()
            plain.pop(0)
            before_items = 2
        elif word.isupper():
            raise UsageError(f"two methods: {method} and {word}", hint="use only one of them")
    if not plain:
        from httpcli.cli.hints import missing_url

        raise missing_url(_taken_values(parsed))
    typed_url = positionals[plain[0]].text
    plain_count = 0
    items: list[TypedItem] = []
    for item in positionals:
        plain_count += _is_plain(item)
        if not _is_plain(item) or plain_count > before_items:
            items.append(item)
    return Invocation(None if method is None else str(method), typed_url, tuple(items), options)


def _taken_values(parsed: ParsedCommandLine) -> Iterator[tuple[Option, str]]:
    """Yield the options of the command line that took a word, and that word, items first."""
    for item in parsed.positionals:
        if item.option and item.source is SettingSource.COMMAND_LINE:
            yield _option_named(item.option), item.text
    for name, value in parsed.options.items():
        option = _option_named(name)
        if option.takes_value and parsed.sources.get(name) is SettingSource.COMMAND_LINE:
            for word in value if isinstance(value, tuple) else (value,):
                yield option, str(word)


def _is_plain(item: TypedItem) -> bool:
    """Return whether an item is a positional argument of the command line."""
    return not item.option and item.source is SettingSource.COMMAND_LINE


def _is_method(text: str) -> bool:
    # "localhost" looks like a method, but is a common host and no method.
    return text.isascii() and text.isalpha() and text.lower() != "localhost"


# Reading option values


class OptionValues:
    """The values of the given options, by long name; each getter has a default for the others."""

    def __init__(self, values: Mapping[str, OptionValue]) -> None:
        self._values = values

    def given(self, name: str) -> bool:
        """Whether the option was given at all."""
        return name in self._values

    def switch(self, name: str) -> bool:
        """Whether the switch is on."""
        return name in self._values

    def any(self, names: Iterable[str]) -> bool:
        """Whether at least one of the options was given."""
        return any(name in self._values for name in names)

    def count(self, name: str) -> int:
        """How many times the option was given."""
        value = self._values.get(name, 0)
        return value if isinstance(value, int) else 0

    def text(self, name: str) -> str | None:
        """The value, None if the option was not given."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def whole_number(self, name: str, default: int) -> int:
        """The value as a number of 0 or more. Raises UsageError for any other text."""
        text = self.text(name)
        return default if text is None else units.parse_whole_number(text, f"--{name}")

    def seconds(self, name: str, default: float | None = None) -> float | None:
        """The value as a time in seconds. Raises UsageError for any other text."""
        text = self.text(name)
        return default if text is None else units.parse_seconds(text, f"--{name}")

    def byte_count(self, name: str) -> int | None:
        """The value as a number of bytes. Raises UsageError for any other text."""
        text = self.text(name)
        return None if text is None else units.parse_byte_count(text, f"--{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        """All values of an option that may be repeated."""
        value = self._values.get(name, ())
        return value if isinstance(value, tuple) else ()
