"""``httpcli config show|check|path``: what the settings say, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from httpcli.cli.parser import split_arguments
from httpcli.config.file import read_stored_settings
from httpcli.config.precedence import (
    PLACEHOLDER_URL,
    ChosenSettings,
    apply_settings,
    default_settings,
    exposure_warnings,
    httpie_settings,
    prefix_source,
    select_settings,
    table_errors,
)
from httpcli.config.profiles import all_profiles, read_profile
from httpcli.config.settings import Setting, redact_option
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus
from httpcli.options.option import OptionKind
from httpcli.planning.planner import make_plan
from httpcli.storage.config_paths import config_directory, config_files
from httpcli.storage.user_files import UserFiles
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from httpcli.config.file import StoredSettings
    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices

_USAGE = "httpcli config show [@PROFILE] | check | path"
_COLUMN = 32


def run_config(environment: Environment, notices: Notices) -> int:
    """Do what the words behind ``config`` say; return the exit status. Raises UsageError."""
    match environment.argv[1:]:
        case ("path",):
            lines, status = [config_directory(environment.env)], ExitStatus.OK
        case ("show", *rest) if len(rest) < 2 and all(word.startswith("@") for word in rest):
            lines, status = _show(environment, notices, "".join(rest))
        case ("check",):
            lines, status = _check(environment, notices)
        case _:
            raise UsageError(
                f"config: usage: {_USAGE}", hint="a host of that name: config/ or http://config"
            )
    text = "".join(f"{escape_controls(line)}\n" for line in lines)
    to_stdout(environment)(text.encode("utf-8", "backslashreplace"))
    return status


def _nothing(environment: Environment) -> tuple[list[str], ExitStatus]:
    folder = config_directory(environment.env)
    return [f"no settings: there is no config.toml in {folder}"], ExitStatus.OK


def _show(environment: Environment, notices: Notices, target: str) -> tuple[list[str], ExitStatus]:
    stored = read_stored_settings(environment.env)
    if stored is None and not target:
        return _nothing(environment)
    chosen = select_settings(stored, target or PLACEHOLDER_URL)
    for warning in chosen.warnings:
        notices.warn(warning)
    lines = list(_rows(chosen.settings, chosen.target))
    if not target and stored is not None and stored.document is not None:
        for name in all_profiles(stored.document):
            base, settings, faults = read_profile(stored.document, name)
            for fault in faults:
                notices.warn(fault.message)
            lines += ["", f"@{name}", *_rows(settings, base)]
    return lines or ["no settings: the files are empty"], ExitStatus.OK


def _rows(settings: Sequence[Setting], base: str) -> Iterator[str]:
    """Give an option a line as it counts on a command line, and where it stands."""
    rows: list[tuple[str, str, str]] = []
    for setting in settings:
        if setting.name == "url":
            rows.append(("url", redact_option("url", base), setting.location))
        for word in split_arguments(list(setting.words)):
            if word.option is None:
                rows.append(("", redact_option("", word.value), setting.location))
                continue
            option = word.option
            if word.negated or option.kind in (OptionKind.VALUE, OptionKind.SWITCH):
                rows = [row for row in rows if row[0] != option.name]
            text = f"--{'no-' if word.negated else ''}{option.name}"
            if word.value or option.takes_value:
                text += f"={redact_option(option.name, word.value)}"
            rows.append((option.name, text, setting.location))
    for _, text, location in rows:
        yield f"{text:<{_COLUMN}}  {location}"


def _check(environment: Environment, notices: Notices) -> tuple[list[str], ExitStatus]:
    stored = read_stored_settings(environment.env)
    if stored is None:
        return _nothing(environment)
    faults = list(_faults(stored, environment))
    if faults:
        for fault in dict.fromkeys(faults):
            notices.text(escape_controls(fault))
        return [], ExitStatus.USAGE
    document = stored.document
    if document is not None:
        everything = default_settings(document)[0]
        for name in all_profiles(document):
            everything += read_profile(document, name)[1]
        for warning in exposure_warnings(document, everything):
            notices.warn(warning)
    paths = [path for path in config_files(environment.env) if path]
    return [f"{path}: ok" for path in paths], ExitStatus.OK


def _faults(stored: StoredSettings, environment: Environment) -> Iterator[str]:
    """Give all that is wrong, a line each: what is written, then what it comes to in a run."""
    if stored.warning:
        yield stored.warning
    if stored.error is not None:
        yield stored.error.message
    options = list(httpie_settings(stored))
    yield from _tried(options, "", environment)
    document = stored.document
    if document is None:
        return
    defaults, faults = default_settings(document)
    faults += table_errors(document)
    yield from _told(faults)
    yield from _tried(defaults, "", environment)
    for name in all_profiles(document):
        base, settings, faults = read_profile(document, name)
        yield from _told(faults)
        if base:
            yield from _tried(settings, base, environment)


def _told(faults: list[UsageError]) -> Iterator[str]:
    for fault in faults:
        yield f"{fault.message}: {fault.hint}" if fault.hint else fault.message


def _tried(settings: list[Setting], base: str, environment: Environment) -> Iterator[str]:
    """Give all that runs would say to these settings, one fault after the other."""
    while (fault := _fault(settings, base, environment)) is not None:
        guilty = [one for one in settings if fault.startswith(f"{one.location}: ")]
        if guilty:
            yield fault
        else:
            guilty = [one for one in settings if _fault([one], base, environment) == fault]
            yield f"{(guilty or settings)[0].location}: {fault}"
            if not guilty:
                return
        # What only goes with it (cert-key with cert) would be at fault alone.
        name = guilty[0].name
        settings = [one for one in settings if not one.name.startswith(name) or not name]
        if not name:
            return


def _fault(settings: list[Setting], base: str, environment: Environment) -> str | None:
    """Return what a run with these settings would end with before anything is sent."""
    target = base or PLACEHOLDER_URL
    places: Mapping[str, str] = {}
    try:
        invocation = apply_settings(
            list(split_arguments([target])), ChosenSettings(target, tuple(settings))
        )
        places = invocation.locations
        make_plan(invocation, environment, UserFiles(environment.cwd, environment.env))
    except HttpcliError as error:
        prefix_source(error, places)
        return error.message
    return None
