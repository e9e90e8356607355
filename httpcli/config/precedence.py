"""Which settings count for a target, and what yields to what; pure.

The command line goes before the profile, the profile before ``[defaults]`` of
``config.toml``, those before HTTPie's ``default_options`` in ``config.json``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from httpcli.cli.parser import (
    ParsedWords,
    Word,
    invocation_of,
    refuse_conflicts,
    take,
    words_of,
)
from httpcli.config.file import ConfigDocument, StoredSettings
from httpcli.config.profiles import (
    all_profiles,
    profile_name_error,
    profile_url,
    read_profile,
    split_target,
)
from httpcli.config.settings import Section, Setting, parse_table, raise_first
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.invocation import Invocation, TypedItem
from httpcli.options.table import OPTIONS
from httpcli.syntax.items import Item, ItemKind

PLACEHOLDER_URL = "http://localhost/"
"""The target of a run where none is known yet: what is not a profile's and not ``echo:``'s."""
BATCH_RANK = 1
"""Of what is typed beside ``--batch``: less than a line of it, more than the files say."""
DEFAULTS_RANK = 3
HTTPIE_RANK = 4
_TABLES = {"defaults": "write [defaults]", "profile": "write [profile.NAME]"}
_PAST_ECHO = frozenset(
    {
        *("session", "session-read-only", "proxy", "proxy-auth", "proxy-header", "noproxy"),
        *("unix-socket", "resolve", "connect-to", "dns-server", "ipv4", "ipv6"),
        *("interface", "local-address", "local-port"),
    }
)
"""Settings of the way and of sessions: ``echo:`` is this program, which has neither."""
_ECHO = re.compile(r"echo:(?:[/?#]|\Z)")
_AUTHORIZATION = re.compile(r"authorization\s*[:;]", re.IGNORECASE)
_HEADERS = frozenset({ItemKind.HEADER, ItemKind.EMPTY_HEADER, ItemKind.UNSET})
_ITEMS = frozenset({"header", "param", "cookie"})
_OPTION = re.compile(r"--([a-z0-9.-]*[a-z0-9])")


class ChosenSettings(NamedTuple):
    """The URL that is meant, the settings that count, and what the user should hear of them."""

    target: str
    settings: tuple[Setting, ...]
    warnings: tuple[str, ...] = ()


def apply_stored_settings(
    words: Sequence[Word], target: str, stored: StoredSettings | None
) -> Invocation:
    """Return what the settings that count for a target say, and then these words.

    Raises UsageError.
    """
    return apply_settings(words, select_settings(stored, target))


def apply_settings(
    words: Sequence[Word], chosen: ChosenSettings, beside: Sequence[Word] = ()
) -> Invocation:
    """Return what these settings say, and then these words. Raises UsageError.

    ``beside`` come in between: the defaults of a batch, of which these are a line.
    """
    said = parse_settings(chosen, beside)
    take(words, said)
    _give_way(said)
    try:
        refuse_conflicts(said)
    except UsageError as error:
        prefix_source(error, said.places)
        raise
    return invocation_of(said)._replace(
        target=chosen.target, locations=said.places, warnings=chosen.warnings
    )


def parse_settings(chosen: ChosenSettings, beside: Sequence[Word] = ()) -> ParsedWords:
    """Return what is said before the words of a request. Raises UsageError."""
    said = ParsedWords()
    for setting in chosen.settings:
        before = len(said.positionals)
        said.places.setdefault(setting.name, setting.source)
        try:
            take(words_of(list(setting.words)), said, setting.rank, setting.source)
            if setting.rank == HTTPIE_RANK:
                _refuse_words(said.positionals[before:])
        except UsageError as error:
            error.message = f"{setting.source}: {error.message}"
            raise
    take(beside, said, BATCH_RANK, "beside --batch")
    return said


def select_settings(stored: StoredSettings | None, target: str) -> ChosenSettings:
    """Return what counts for the target that was typed. Raises UsageError."""
    stored = stored or StoredSettings()
    if stored.error is not None:
        raise stored.error
    settings = list(httpie_settings(stored))
    warnings = [stored.warning] if stored.warning else []
    document = stored.document
    if document is not None:
        defaults, faults = default_settings(document)
        raise_first([*table_errors(document), *faults])
        settings += defaults
    if target.startswith("@"):
        name, rest = split_target(target)
        base, own, faults = read_profile(document, name)
        raise_first(faults)
        settings += own
        target = profile_url(base, rest)
    elif _ECHO.match(target):
        settings = [setting for setting in settings if setting.name not in _PAST_ECHO]
    if document is not None:
        warnings += exposure_warnings(document, settings)
    return ChosenSettings(target, tuple(settings), tuple(warnings))


def httpie_settings(stored: StoredSettings) -> Iterator[Setting]:
    """Give the words of ``config.json``, as one setting."""
    if stored.default_options:
        yield Setting("", stored.default_options, f"{stored.source}: default_options", HTTPIE_RANK)


def default_settings(document: ConfigDocument) -> tuple[list[Setting], list[UsageError]]:
    """Return the settings of ``[defaults]``, and what is wrong with them."""
    table = document.tables.get("defaults", {})
    if not isinstance(table, dict):
        return [], []  # faults_of_tables says it
    return parse_table(Section(document, ("defaults",), DEFAULTS_RANK), table)


def table_errors(document: ConfigDocument) -> list[UsageError]:
    """Return what is wrong with the tables themselves: a misspelt one must not be passed over."""
    faults: list[UsageError] = []
    section = Section(document, (), DEFAULTS_RANK)
    for key, value in document.tables.items():
        source = section.source(key)
        if key not in _TABLES:
            from difflib import get_close_matches

            alike = get_close_matches(key, _TABLES, 1)
            hint = f"did you mean [{alike[0]}]?" if alike else "[defaults] and [profile.NAME] have"
            faults.append(UsageError(f"{source}: {key} has no meaning", hint=hint))
        elif not isinstance(value, dict):
            faults.append(UsageError(f"{source}: {key} is not a table", hint=_TABLES[key]))
    named = ((name, profile_name_error(name)) for name in all_profiles(document))
    return faults + [
        UsageError(f"{section.source('profile', name)}: {fault}") for name, fault in named if fault
    ]


def exposure_warnings(document: ConfigDocument, settings: Sequence[Setting]) -> list[str]:
    """Return what to say of secrets in clear, where others may read them."""
    exposed = [setting for setting in settings if setting.exposed]
    if not exposed or not document.shared:
        return []
    return [f"{exposed[0].source}: a secret in a file that others can read (chmod 600)"]


def _refuse_words(positionals: Sequence[TypedItem]) -> None:
    for typed in positionals:
        if not typed.option:
            raise UsageError(f"{typed.text!r} is not an option", hint="only options stand there")


def _give_way(said: ParsedWords) -> None:
    """Take away what yields to what excludes it, and credentials to a field that has them."""
    options, ranks = said.options, said.ranks
    for option in OPTIONS:
        for other in option.conflicts:
            pair = [name for name in (option.name, other) if name in options]
            if len(pair) == 2 and ranks[pair[0]] != ranks[pair[1]]:
                options.pop(max(pair, key=ranks.__getitem__))
    fields = [one.rank for one in said.positionals if _says_who_asks(one)]
    if fields and min(fields) < ranks.get("auth", 0):
        options.pop("auth", None)
        options.pop("auth-type", None)


def _says_who_asks(typed: TypedItem) -> bool:
    return typed.option in ("", "header") and _AUTHORIZATION.match(typed.text) is not None


def drop_overridden(items: Sequence[Item], ranks: Sequence[int]) -> tuple[Item, ...]:
    """Return the items less those of the settings that something before them names, too.

    So go header fields, parameters and cookies; fields' names in any case.
    """
    least: dict[tuple[ItemKind, str], int] = {}
    for item, rank in zip(items, ranks, strict=True):
        least[_name(item)] = min(rank, least.get(_name(item), rank))
    pairs = zip(items, ranks, strict=True)
    return tuple(item for item, rank in pairs if rank == 0 or rank == least[_name(item)])


def _name(item: Item) -> tuple[ItemKind, str]:
    if item.kind in _HEADERS:
        return ItemKind.HEADER, item.key.lower()
    return item.kind, item.key


def prefix_source(error: HttpcliError, places: Mapping[str, str]) -> None:
    """Say where in the settings the option stands that the error speaks of, if it does."""
    found = _OPTION.match(error.message)
    # Items add up: which of several is wrong, typed or not, the error does not say.
    if found is not None and found[1] in places and found[1] not in _ITEMS:
        error.message = f"{places[found[1]]}: {error.message}"
