"""``httpcli config show|check|path``: print the user's settings and check them."""

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
    httpie_settings,
    plain_secret_warnings,
    prefix_source,
    select_settings,
    table_errors,
)
from httpcli.config.profiles import all_profiles, read_profile
from httpcli.config.settings_to_options import Setting, redact_option
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus
from httpcli.options.option import OptionKind
from httpcli.planning.planner import make_plan
from httpcli.storage.config_paths import config_directory, config_files
from httpcli.storage.user_files import UserFiles
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from httpcli.config.file import StoredSettings
    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices

_USAGE = "httpcli config show [@PROFILE] | check | path"
_HELP = f"""\
usage: {_USAGE}

  show [@PROFILE]   print the settings that apply, with the file and line of each
  check             report every error in the configuration files
  path              print the directory of the configuration files

A host called config: http://config. What the files contain: docs/sessions.md."""
_COLUMN = 32


def run_config(environment: Environment, notices: Notices) -> int:
    """Run ``httpcli config``; return the exit status. Raises UsageError."""
    match environment.argv[1:]:
        case ("path",):
            lines, status = [config_directory(environment.env)], ExitStatus.OK
        case ("show", *rest) if len(rest) < 2 and all(word.startswith("@") for word in rest):
            lines, status = _show(environment, notices, "".join(rest))
        case ("check",):
            lines, status = _check(environment, notices)
        case ("--help",) | ("-h",):
            lines, status = _HELP.splitlines(), ExitStatus.OK
        case _:
            raise UsageError(
                f"usage: {_USAGE}",
                hint="to send a request to a host called config: http://config",
            )
    text = "".join(f"{escape_controls(line)}\n" for line in lines)
    stdout_writer(environment)(text.encode("utf-8", "backslashreplace"))
    return status


def _no_settings(environment: Environment) -> tuple[list[str], ExitStatus]:
    folder = config_directory(environment.env)
    return [f"no configuration file in {folder}"], ExitStatus.OK


def _show(environment: Environment, notices: Notices, target: str) -> tuple[list[str], ExitStatus]:
    stored = read_stored_settings(environment.env)
    if stored is None and not target:
        return _no_settings(environment)
    chosen = select_settings(stored, target or PLACEHOLDER_URL)
    for warning in chosen.warnings:
        notices.warn(warning)
    lines = list(_rows(chosen.settings, chosen.url))
    if not target and stored is not None and stored.document is not None:
        for name in all_profiles(stored.document):
            base, settings, errors = read_profile(stored.document, name)
            for error in errors:
                notices.warn(error.message)
            lines += ["", f"@{name}", *_rows(settings, base)]
    return lines or ["no settings: the configuration files are empty"], ExitStatus.OK


def _rows(settings: Sequence[Setting], base: str) -> Iterator[str]:
    """Yield a line for each option: how it would be typed, and its location."""
    rows: list[tuple[str, str, str]] = []
    for setting in settings:
        if setting.name == "url":
            rows.append(("url", redact_option("url", base), setting.location))
        for argument in split_arguments(list(setting.words)):
            if argument.option is None:
                rows.append(("", redact_option("", argument.value), setting.location))
                continue
            option = argument.option
            if argument.negated or option.kind in (OptionKind.VALUE, OptionKind.SWITCH):
                rows = [row for row in rows if row[0] != option.name]
            text = f"--{'no-' if argument.negated else ''}{option.name}"
            if argument.value or option.takes_value:
                text += f"={redact_option(option.name, argument.value)}"
            rows.append((option.name, text, setting.location))
    for _, text, location in rows:
        yield f"{text:<{_COLUMN}}  {location}"


def _check(environment: Environment, notices: Notices) -> tuple[list[str], ExitStatus]:
    stored = read_stored_settings(environment.env)
    if stored is None:
        return _no_settings(environment)
    errors = list(_all_errors(stored, environment))
    if errors:
        for error in dict.fromkeys(errors):
            notices.text(escape_controls(error))
        return [], ExitStatus.USAGE
    document = stored.document
    if document is not None:
        settings = default_settings(document)[0]
        for name in all_profiles(document):
            settings += read_profile(document, name)[1]
        for warning in plain_secret_warnings(document, settings):
            notices.warn(warning)
    paths = [path for path in config_files(environment.env) if path]
    return [f"{path}: ok" for path in paths], ExitStatus.OK


def _all_errors(stored: StoredSettings, environment: Environment) -> Iterator[str]:
    """Yield each error in the settings: errors in the files, then errors that runs would have."""
    if stored.warning:
        yield stored.warning
    if stored.error is not None:
        yield stored.error.message
    options = list(httpie_settings(stored))
    yield from _run_errors(options, "", environment)
    document = stored.document
    if document is None:
        return
    defaults, errors = default_settings(document)
    errors += table_errors(document)
    yield from _error_lines(errors)
    yield from _run_errors(defaults, "", environment)
    for name in all_profiles(document):
        base, settings, errors = read_profile(document, name)
        yield from _error_lines(errors)
        if base:
            yield from _run_errors(settings, base, environment)


def _error_lines(errors: list[UsageError]) -> Iterator[str]:
    for error in errors:
        yield f"{error.message}: {error.hint}" if error.hint else error.message


def _run_errors(settings: list[Setting], base: str, environment: Environment) -> Iterator[str]:
    """Yield the errors of runs with these settings; each run omits the causes of earlier ones."""
    while (error := _run_error(settings, base, environment)) is not None:
        causes = [each for each in settings if error.startswith(f"{each.location}: ")]
        if causes:
            yield error
        else:
            causes = [each for each in settings if _run_error([each], base, environment) == error]
            yield f"{(causes or settings)[0].location}: {error}"
            if not causes:
                return
        # Options that need the removed one (cert-key needs cert) would be errors without it.
        name = causes[0].name
        settings = [each for each in settings if not each.name.startswith(name) or not name]
        if not name:
            return


def _run_error(settings: list[Setting], base: str, environment: Environment) -> str | None:
    """Return the error of a run with these settings, before anything is sent; None without one."""
    target = base or PLACEHOLDER_URL
    locations: Mapping[str, str] = {}
    try:
        invocation = apply_settings(
            list(split_arguments([target])), ChosenSettings(target, tuple(settings))
        )
        locations = invocation.locations
        make_plan(invocation, environment, UserFiles(environment.cwd, environment.env))
    except HttpcliError as error:
        prefix_source(error, locations)
        return error.message
    return None
