"""Combines a command line with the settings, by precedence.

Highest precedence first: 1. the command line, 2. options given with ``--batch``,
3. a profile, 4. ``[defaults]`` of ``config.toml``, 5. HTTPie's ``default_options`` of
``config.json`` (``core.invocation.SettingSource``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

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
    split_profile_url,
)
from httpcli.config.settings_to_options import Section, Setting, parse_table, raise_first
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.invocation import Invocation, SettingSource, TypedItem
from httpcli.core.named_tuple import NamedTuple
from httpcli.options.table import OPTIONS
from httpcli.syntax.items import Item, ItemKind

PLACEHOLDER_URL = "http://localhost/"
"""The URL until the real one is known; neither a profile nor ``echo:``."""
_TABLES = {"defaults": "use [defaults]", "profile": "use [profile.NAME]"}
_IGNORED_BY_ECHO = frozenset(
    {
        *("session", "session-read-only", "proxy", "proxy-auth", "proxy-header", "noproxy"),
        *("unix-socket", "resolve", "connect-to", "dns-server", "ipv4", "ipv6"),
        *("interface", "local-address", "local-port"),
    }
)
"""Settings of connections and sessions: an ``echo:`` request stays in this process."""
_ECHO_URL = re.compile(r"echo:(?:[/?#]|\Z)")
_AUTHORIZATION = re.compile(r"authorization\s*[:;]", re.IGNORECASE)
_HEADER_KINDS = frozenset({ItemKind.HEADER, ItemKind.EMPTY_HEADER, ItemKind.UNSET})
_ITEM_OPTIONS = frozenset({"header", "param", "cookie"})
_OPTION = re.compile(r"--([a-z0-9.-]*[a-z0-9])")


class ChosenSettings(NamedTuple):
    """The settings that apply to a URL."""

    url: str
    """The URL, with a profile's base URL in place of ``@NAME``."""
    settings: tuple[Setting, ...]
    """The settings, lowest precedence first."""
    warnings: tuple[str, ...] = ()
    """Warnings about the user's files."""


def apply_stored_settings(
    arguments: Sequence[Argument], typed_url: str, stored: StoredSettings | None
) -> Invocation:
    """Return the invocation of these arguments and the settings for a URL.

    Raises UsageError.
    """
    return apply_settings(arguments, select_settings(stored, typed_url))


def apply_settings(
    arguments: Sequence[Argument], chosen: ChosenSettings, batch_defaults: Sequence[Argument] = ()
) -> Invocation:
    """Return the invocation of these arguments and the chosen settings. Raises UsageError.

    For a line of a batch, ``batch_defaults`` are the options given with ``--batch``.
    """
    parsed = parse_settings(chosen, batch_defaults)
    add_arguments(arguments, parsed)
    _drop_overridden_options(parsed)
    try:
        check_conflicts(parsed)
    except UsageError as error:
        prefix_source(error, parsed.locations)
        raise
    return build_invocation(parsed)._replace(
        typed_url=chosen.url, locations=parsed.locations, warnings=chosen.warnings
    )


def parse_settings(
    chosen: ChosenSettings, batch_defaults: Sequence[Argument] = ()
) -> ParsedCommandLine:
    """Parse the settings, then the options given with ``--batch``. Raises UsageError."""
    parsed = ParsedCommandLine()
    for setting in chosen.settings:
        before = len(parsed.positionals)
        parsed.locations.setdefault(setting.name, setting.location)
        try:
            add_arguments(
                split_arguments(list(setting.words)), parsed, setting.source, setting.location
            )
            if setting.source == SettingSource.HTTPIE:
                _refuse_items(parsed.positionals[before:])
        except UsageError as error:
            error.message = f"{setting.location}: {error.message}"
            raise
    add_arguments(batch_defaults, parsed, SettingSource.BATCH, "next to --batch")
    return parsed


def select_settings(stored: StoredSettings | None, typed_url: str) -> ChosenSettings:
    """Return the settings that apply to a URL. Raises UsageError."""
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
    url = typed_url
    if typed_url.startswith("@"):
        name, path = split_profile_url(typed_url)
        base, profile, errors = read_profile(document, name)
        raise_first(errors)
        settings += profile
        url = profile_url(base, path)
    elif _ECHO_URL.match(typed_url):
        settings = [setting for setting in settings if setting.name not in _IGNORED_BY_ECHO]
    if document is not None:
        warnings += plain_secret_warnings(document, settings)
    return ChosenSettings(url, tuple(settings), tuple(warnings))


def httpie_settings(stored: StoredSettings) -> Iterator[Setting]:
    """Yield the ``default_options`` of ``config.json``, as one setting."""
    if stored.default_options:
        yield Setting(
            "",
            stored.default_options,
            f"{stored.httpie_path}: default_options",
            SettingSource.HTTPIE,
        )


def default_settings(document: ConfigDocument) -> tuple[list[Setting], list[UsageError]]:
    """Return the settings of ``[defaults]``, and the errors in them."""
    table = document.tables.get("defaults", {})
    if not isinstance(table, dict):
        return [], []  # an error of table_errors
    return parse_table(Section(document, ("defaults",), SettingSource.DEFAULTS), table)


def table_errors(document: ConfigDocument) -> list[UsageError]:
    """Return the errors at the top level of the file, such as an unknown table."""
    errors: list[UsageError] = []
    section = Section(document, (), SettingSource.DEFAULTS)
    for key, value in document.tables.items():
        location = section.location(key)
        if key not in _TABLES:
            from difflib import get_close_matches

            similar = get_close_matches(key, _TABLES, 1)
            hint = (
                f"did you mean [{similar[0]}]?"
                if similar
                else "allowed tables: [defaults] and [profile.NAME]"
            )
            errors.append(UsageError(f"{location}: unknown table {key}", hint=hint))
        elif not isinstance(value, dict):
            errors.append(UsageError(f"{location}: {key} must be a table", hint=_TABLES[key]))
    named = ((name, profile_name_error(name)) for name in all_profiles(document))
    return errors + [
        UsageError(f"{section.location('profile', name)}: {error}")
        for name, error in named
        if error
    ]


def plain_secret_warnings(document: ConfigDocument, settings: Sequence[Setting]) -> list[str]:
    """Return a warning for secrets in plain text, if other users can read the file."""
    plain_secrets = [setting for setting in settings if setting.has_plain_secret]
    if not plain_secrets or not document.readable_by_others:
        return []
    return [
        (
            f"{plain_secrets[0].location}: other users can read this file, and it "
            "contains a secret; run: chmod 600 FILE"
        )
    ]


def _refuse_items(positionals: Sequence[TypedItem]) -> None:
    for item in positionals:
        if not item.option:
            raise UsageError(
                f"{item.text!r} is not an option", hint="only options are allowed here"
            )


def _drop_overridden_options(parsed: ParsedCommandLine) -> None:
    """Drop options that conflict with one of higher precedence.

    Credentials are dropped if an Authorization header of higher precedence has others.
    """
    options, sources = parsed.options, parsed.sources
    for option in OPTIONS:
        for other in option.conflicts:
            pair = [name for name in (option.name, other) if name in options]
            if len(pair) == 2 and sources[pair[0]] != sources[pair[1]]:
                options.pop(max(pair, key=sources.__getitem__))
    header_sources = [item.source for item in parsed.positionals if _is_authorization(item)]
    auth_source = sources.get("auth", SettingSource.COMMAND_LINE)
    if header_sources and min(header_sources) < auth_source:
        options.pop("auth", None)
        options.pop("auth-type", None)


def _is_authorization(item: TypedItem) -> bool:
    return item.option in ("", "header") and _AUTHORIZATION.match(item.text) is not None


def drop_overridden(items: Sequence[Item], sources: Sequence[SettingSource]) -> tuple[Item, ...]:
    """Drop each item of the settings if a source of higher precedence has one of the same name.

    The names of headers are compared in lower case.
    """
    highest: dict[tuple[ItemKind, str], SettingSource] = {}
    for item, source in zip(items, sources, strict=True):
        key = _key(item)
        highest[key] = min(source, highest.get(key, source))
    pairs = zip(items, sources, strict=True)
    return tuple(
        item
        for item, source in pairs
        if source is SettingSource.COMMAND_LINE or source is highest[_key(item)]
    )


def _key(item: Item) -> tuple[ItemKind, str]:
    if item.kind in _HEADER_KINDS:
        return ItemKind.HEADER, item.key.lower()
    return item.kind, item.key


def prefix_source(error: HttpcliError, locations: Mapping[str, str]) -> None:
    """Prefix an error about an option with the setting's location, if a setting gave it."""
    match = _OPTION.match(error.message)
    # The message about an item does not name the item, so its location is not known.
    if match is not None and match[1] in locations and match[1] not in _ITEM_OPTIONS:
        error.message = f"{locations[match[1]]}: {error.message}"
