"""argv becomes an Invocation; the only module that says click.

click's parser takes the words apart (bundled letters, ``--name=value``, ``--``)
by the option table. It is driven one positional at a time, because click tells
the order of options and the order of positionals but not how the two mix, and
items and the explicit options that stand for them keep the order typed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import click

from httpcli.flags.flag import Flag, Kind
from httpcli.flags.table import FLAGS
from httpcli.model.errors import UsageError
from httpcli.model.invocation import Invocation, Typed
from httpcli.model.registry import load

Value = bool | int | str | tuple[str, ...]
Settings = dict[str, Value]

_WITH_VALUE = "-of"

_NEED_NO_URL = frozenset({"help", "manual", "version"})

_METHOD = re.compile(r"[a-zA-Z]+\Z")


class _Switch(click.Option):
    """An option of ours as click knows it."""

    def __init__(self, flag: Flag, *, negated: bool = False, with_value: bool = False) -> None:
        spellings: tuple[str, ...] = flag.spellings
        identifier = f"is_{flag.name}"
        if negated:
            spellings, identifier = (f"--no-{flag.name}",), f"no_{flag.name}"
        elif with_value:
            spellings, identifier = (f"--{flag.name}{_WITH_VALUE}",), f"of_{flag.name}"
        identifier = identifier.replace("-", "_").replace(".", "_")
        if with_value or (flag.takes_value and not negated):
            super().__init__([*spellings, identifier], multiple=True, type=click.UNPROCESSED)
        else:
            super().__init__([*spellings, identifier], multiple=True, is_flag=True, flag_value="")
        self.flag = flag
        self.negated = negated


class _Word(NamedTuple):
    """One meaningful piece of the command line: an option with its value, or a positional."""

    switch: _Switch | None
    value: str


def read_command_line(
    argv: Sequence[str], defaults: Sequence[str] = (), place: str = ""
) -> Invocation:
    """Take the words of a command line apart.

    ``defaults`` are options of the file ``place`` that go before it, as if
    they had been typed. Raises UsageError for an unknown option, a missing or
    unwanted value, a missing URL, and options that exclude each other.
    """
    positionals: list[Typed] = []
    options: Settings = {}
    if defaults:
        try:
            _take(defaults, positionals, options)
            _refuse_positionals(positionals)
        except UsageError as error:
            error.message = f"{place}: default_options: {error.message}"
            raise
    _take(argv, positionals, options)
    if _NEED_NO_URL & options.keys():
        return Invocation(None, "", (), options)
    _refuse_conflicts(options)
    return _invocation(positionals, options)


def _take(argv: Sequence[str], positionals: list[Typed], options: Settings) -> None:
    """Add what these words say to what was said before."""
    for word in _words(list(argv)):
        if word.switch is None:
            positionals.append(Typed("", word.value))
        elif word.switch.flag.kind is not Kind.ITEM:
            _apply(word.switch.flag, word.value, options, negated=word.switch.negated)
        elif word.switch.negated:
            positionals[:] = [one for one in positionals if one.option != word.switch.flag.name]
        else:
            positionals.append(Typed(word.switch.flag.name, word.value))


def _refuse_positionals(positionals: Sequence[Typed]) -> None:
    for typed in positionals:
        if not typed.option:
            raise UsageError(f"{typed.text!r} is not an option", hint="only options stand there")


def _words(argv: list[str]) -> Iterator[_Word]:
    command = click.Command("httpcli", params=_switches(argv), add_help_option=False)
    parser = command.make_parser(click.Context(command))
    parser.allow_interspersed_args = False
    argv = _detached(argv)
    while argv:
        try:
            values, rest, order = parser.parse_args(list(argv))
        except click.UsageError as error:
            raise _usage_error(error) from None
        last = ""
        for switch in order:
            if isinstance(switch, _Switch):
                last = str(values[str(switch.name)].pop(0) or "")
                yield _Word(switch, last)
        taken = len(argv) - len(rest)
        ended = taken > 0 and argv[taken - 1] == "--" and last != "--"
        if ended:
            yield from (_Word(None, text) for text in rest)
            return
        if rest:
            yield _Word(None, rest.pop(0))
        argv = rest


def _switches(argv: Sequence[str]) -> list[click.Parameter]:
    # An option costs 0.1 ms to make: the resetting half only where one is typed.
    switches: list[click.Parameter] = [_Switch(flag) for flag in FLAGS]
    switches += [_Switch(flag, with_value=True) for flag in FLAGS if flag.kind is Kind.OPTIONAL]
    if any(word.startswith("--no-") for word in argv):
        switches += [_Switch(flag, negated=True) for flag in FLAGS]
    return switches


def _detached(argv: Sequence[str]) -> list[str]:
    """Return the words with ``--name=value`` of optional values written as click can read it.

    click has only options that always take a value and options that never do;
    so the two ways to write one of ours are two options for it.
    """
    names = [f"--{flag.name}" for flag in FLAGS if flag.kind is Kind.OPTIONAL]
    takers = {spelling: flag for flag in FLAGS for spelling in flag.spellings}
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


def _awaits_value(word: str, takers: Mapping[str, Flag]) -> bool:
    """Tell whether the word after this one is its option's value."""
    if word.startswith("--"):
        return word in takers and takers[word].takes_value
    if not word.startswith("-"):
        return False
    for place, letter in enumerate(word[1:], 2):
        flag = takers.get(f"-{letter}")
        if flag is not None and flag.takes_value:
            return place == len(word)
    return False


def _apply(flag: Flag, value: str, options: Settings, *, negated: bool = False) -> None:
    """Let one typed option take effect on what was typed before it."""
    if negated and flag.opposite:
        flag, negated = _flag(flag.opposite), False
    if flag.sets:
        name, value = flag.sets
        flag = _flag(name)
    if negated:
        options.pop(flag.name, None)
        return
    for other in flag.instead_of:
        options.pop(other, None)
    options[flag.name] = _added(flag, value, options.get(flag.name))


def _added(flag: Flag, value: str, before: Value | None) -> Value:
    """Return what an option comes to with one more value."""
    if flag.kind is Kind.COUNT:
        return (before if isinstance(before, int) else 0) + 1
    if flag.kind in (Kind.MANY, Kind.OPTIONAL):
        return (*(before if isinstance(before, tuple) else ()), value)
    if flag.kind is Kind.VALUE:
        _check_choice(flag, value)
        return value
    return True


def _flag(name: str) -> Flag:
    return next(flag for flag in FLAGS if flag.name == name)


def _check_choice(flag: Flag, value: str) -> None:
    if flag.choices and value not in flag.choices:
        known = ", ".join(flag.choices)
        raise UsageError(f"--{flag.name}={value}: unknown value", hint=f"choose from: {known}")


def _refuse_conflicts(options: Settings) -> None:
    for flag in FLAGS:
        for other in flag.conflicts:
            if flag.name in options and other in options:
                raise UsageError(f"--{flag.name} and --{other} exclude each other")


def _invocation(positionals: list[Typed], options: Settings) -> Invocation:
    words = [index for index, typed in enumerate(positionals) if not typed.option]
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
        raise UsageError(
            "the URL is missing", hint=load("httpcli.cli.hints:hint_for_missing_url")()
        )
    target = positionals[words[0]].text
    plain = 0
    items: list[Typed] = []
    for typed in positionals:
        plain += not typed.option
        if typed.option or plain > taken:
            items.append(typed)
    return Invocation(None if method is None else str(method), target, tuple(items), options)


def _is_method(text: str) -> bool:
    # A host name without a dot would be taken for a method; `localhost` is the
    # one that people type, and no method is called so.
    return bool(_METHOD.match(text)) and text.lower() != "localhost"


def _usage_error(error: click.UsageError) -> UsageError:
    if isinstance(error, click.NoSuchOption):
        name = error.option_name
        hint = load("httpcli.cli.hints:hint_for_unknown_option")(name, error.possibilities or ())
        return UsageError(f"unknown option {name}", hint=hint)
    message = error.format_message().rstrip(".")
    return UsageError(message[:1].lower() + message[1:])
