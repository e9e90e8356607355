"""Combines a command line with the settings, by precedence.

The command line overrides the options beside ``--batch``, these a profile, a profile
``[defaults]`` of ``config.toml``, and these HTTPie's ``default_options`` of ``config.json``.
Ranks are numbers for this order: 0 for the command line, higher ones for the others.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from httpcli.cli.parser import (
    Argument,
    ParsedCommandLine,
    add_arguments,
    build_invocation,
    check_conflicts,
    split_arguments,
)
from httpcli.config.file import ConfigDocument, StoredSettings
from httpcli.config.profiles import (
    all_profiles,
    profile_name_error,
    profile_url,
    read_profile,
    split_target,
)
from httpcli.config.settings_to_options import Section, Setting, parse_table, raise_first
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.invocation import Invocation, TypedItem
from httpcli.options.table import OPTIONS
from httpcli.syntax.items import Item, ItemKind

PLACEHOLDER_URL = "http://localhost/"
"""A target for the time before the real one is known; neither a profile nor ``echo:``."""
BATCH_RANK = 1
"""The rank of options beside ``--batch``; profiles have 2 (``profiles.PROFILE_RANK``)."""
DEFAULTS_RANK = 3
HTTPIE_RANK = 4
_TABLES = {"defaults": "write [defaults]", "profile": "write [profile.NAME]"}
_IGNORED_BY_ECHO = frozenset(
    {
        *("session", "session-read-only", "proxy", "proxy-auth", "proxy-header", "noproxy"),
        *("unix-socket", "resolve", "connect-to", "dns-server", "ipv4", "ipv6"),
        *("interface", "local-address", "local-port"),
    }
)
"""Settings of connections and sessions: an ``echo:`` request stays in this process."""
_ECHO_TARGET = re.compile(r"echo:(?:[/?#]|\Z)")
_AUTHORIZATION = re.compile(r"authorization\s*[:;]", re.IGNORECASE)
_HEADER_KINDS = frozenset({ItemKind.HEADER, ItemKind.EMPTY_HEADER, ItemKind.UNSET})
_ITEM_OPTIONS = frozenset({"header", "param", "cookie"})
_OPTION = re.compile(r"--([a-z0-9.-]*[a-z0-9])")


class ChosenSettings(NamedTuple):
    """The settings that apply to a target."""

    target: str
    """The URL, with a profile's base URL in place of ``@NAME``."""
    settings: tuple[Setting, ...]
    """The settings, those of low precedence first."""
    warnings: tuple[str, ...] = ()
    """Warnings about the user's files."""


def apply_stored_settings(
    words: Sequence[Argument], target: str, stored: StoredSettings | None
) -> Invocation:
    """Return the invocation of these words and the settings for a target.

    Raises UsageError.
    """
    return apply_settings(words, select_settings(stored, target))


def apply_settings(
    words: Sequence[Argument], chosen: ChosenSettings, batch_defaults: Sequence[Argument] = ()
) -> Invocation:
    """Return the invocation of these words and the chosen settings. Raises UsageError.

    ``batch_defaults`` are the options beside ``--batch``, if the words are a line of a batch.
    """
    parsed = parse_settings(chosen, batch_defaults)
    add_arguments(words, parsed)
    _drop_overridden_options(parsed)
    try:
        check_conflicts(parsed)
    except UsageError as error:
        prefix_source(error, parsed.locations)
        raise
    return build_invocation(parsed)._replace(
        target=chosen.target, locations=parsed.locations, warnings=chosen.warnings
    )


def parse_settings(
    chosen: ChosenSettings, batch_defaults: Sequence[Argument] = ()
) -> ParsedCommandLine:
    """Parse the settings, then the options beside ``--batch``. Raises UsageError."""
    parsed = ParsedCommandLine()
    for setting in chosen.settings:
        before = len(parsed.positionals)
        parsed.locations.setdefault(setting.name, setting.location)
        try:
            add_arguments(
                split_arguments(list(setting.words)), parsed, setting.rank, setting.location
            )
            if setting.rank == HTTPIE_RANK:
                _refuse_items(parsed.positionals[before:])
        except UsageError as error:
            error.message = f"{setting.location}: {error.message}"
            raise
    add_arguments(batch_defaults, parsed, BATCH_RANK, "beside --batch")
    return parsed


def select_settings(stored: StoredSettings | None, target: str) -> ChosenSettings:
    """Return the settings that apply to a target. Raises UsageError."""
    stored = stored or StoredSettings()
    if stored.error is not None:
        raise stored.error
    settings = list(httpie_settings(stored))
    warnings = [stored.warning] if stored.warning else []
    document = stored.document
    if document is not None:
        defaults, errors = default_settings(document)
        raise_first([*table_errors(document), *errors])
        settings += defaults
    if target.startswith("@"):
        name, path = split_target(target)
        base, profile, errors = read_profile(document, name)
        raise_first(errors)
        settings += profile
        target = profile_url(base, path)
    elif _ECHO_TARGET.match(target):
        settings = [setting for setting in settings if setting.name not in _IGNORED_BY_ECHO]
    if document is not None:
        warnings += exposure_warnings(document, settings)
    return ChosenSettings(target, tuple(settings), tuple(warnings))


def httpie_settings(stored: StoredSettings) -> Iterator[Setting]:
    """Yield the ``default_options`` of ``config.json``, as one setting."""
    if stored.default_options:
        yield Setting(
            "", stored.default_options, f"{stored.httpie_path}: default_options", HTTPIE_RANK
        )


def default_settings(document: ConfigDocument) -> tuple[list[Setting], list[UsageError]]:
    """Return the settings of ``[defaults]``, and the errors in them."""
    table = document.tables.get("defaults", {})
    if not isinstance(table, dict):
        return [], []  # an error of table_errors
    return parse_table(Section(document, ("defaults",), DEFAULTS_RANK), table)


def table_errors(document: ConfigDocument) -> list[UsageError]:
    """Return the errors in the top level of the file, such as an unknown table."""
    errors: list[UsageError] = []
    section = Section(document, (), DEFAULTS_RANK)
    for key, value in document.tables.items():
        location = section.location(key)
        if key not in _TABLES:
            from difflib import get_close_matches

            similar = get_close_matches(key, _TABLES, 1)
            hint = (
                f"did you mean [{similar[0]}]?"
                if similar
                else "[defaults] and [profile.NAME] have"
            )
            errors.append(UsageError(f"{location}: {key} has no meaning", hint=hint))
        elif not isinstance(value, dict):
            errors.append(UsageError(f"{location}: {key} is not a table", hint=_TABLES[key]))
    named = ((name, profile_name_error(name)) for name in all_profiles(document))
    return errors + [
        UsageError(f"{section.location('profile', name)}: {error}")
        for name, error in named
        if error
    ]


def exposure_warnings(document: ConfigDocument, settings: Sequence[Setting]) -> list[str]:
    """Return a warning for secrets in plain text, if other users can read the file."""
    exposed = [setting for setting in settings if setting.exposed]
    if not exposed or not document.shared:
        return []
    return [f"{exposed[0].location}: a secret in a file that others can read (chmod 600)"]


def _refuse_items(positionals: Sequence[TypedItem]) -> None:
    for item in positionals:
        if not item.option:
            raise UsageError(f"{item.text!r} is not an option", hint="only options stand there")


def _drop_overridden_options(parsed: ParsedCommandLine) -> None:
    """Drop options that conflict with one of lower rank, and credentials if a header has them."""
    options, ranks = parsed.options, parsed.ranks
    for option in OPTIONS:
        for other in option.conflicts:
            pair = [name for name in (option.name, other) if name in options]
            if len(pair) == 2 and ranks[pair[0]] != ranks[pair[1]]:
                options.pop(max(pair, key=ranks.__getitem__))
    header_ranks = [item.rank for item in parsed.positionals if _is_authorization(item)]
    if header_ranks and min(header_ranks) < ranks.get("auth", 0):
        options.pop("auth", None)
        options.pop("auth-type", None)


def _is_authorization(item: TypedItem) -> bool:
    return item.option in ("", "header") and _AUTHORIZATION.match(item.text) is not None


def drop_overridden(items: Sequence[Item], ranks: Sequence[int]) -> tuple[Item, ...]:
    """Drop headers, parameters and cookies of the settings if a lower rank has the same name.

    The names of headers are compared in lower case.
    """
    lowest: dict[tuple[ItemKind, str], int] = {}
    for item, rank in zip(items, ranks, strict=True):
        key = _key(item)
        lowest[key] = min(rank, lowest.get(key, rank))
    pairs = zip(items, ranks, strict=True)
    return tuple(item for item, rank in pairs if rank == 0 or rank == lowest[_key(item)])


def _key(item: Item) -> tuple[ItemKind, str]:
    if item.kind in _HEADER_KINDS:
        return ItemKind.HEADER, item.key.lower()
    return item.kind, item.key


def prefix_source(error: HttpcliError, locations: Mapping[str, str]) -> None:
    """Prefix an error about an option with the setting's location, if a setting gave it."""
    match = _OPTION.match(error.message)
    # An error about an item does not say which of several items it is about.
    if match is not None and match[1] in locations and match[1] not in _ITEM_OPTIONS:
        error.message = f"{locations[match[1]]}: {error.message}"
