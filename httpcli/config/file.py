"""Reads the settings: ``config.toml``, and HTTPie's ``config.json`` as it is.

In ``config.json`` keys that mean nothing here are passed over. What is broken
in it is told, with its place, and the run goes on without it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.errors import UsageError, refusal_of
from httpcli.storage.config_paths import config_files
from httpcli.syntax.offsets import line_and_column

if TYPE_CHECKING:
    from httpcli.config.toml_file import Document


class Settings(NamedTuple):
    """What the user wants in every run.

    ``default_options`` are words that go before the command line's, from the
    file ``place``; ``fault`` is what is wrong with that file (or nothing).
    ``document`` is ``config.toml``, where there is one; ``broken`` says why it
    cannot be used.
    """

    default_options: tuple[str, ...] = ()
    fault: str = ""
    place: str = ""
    document: "Document | None" = None
    broken: UsageError | None = None


def stored_settings(env: Mapping[str, str]) -> Settings | None:
    """Return what the user's files say, or None if there is no file."""
    files = config_files(env)
    return read_settings(*files) if any(files) else None


def read_settings(options: str | None, toml: str | None) -> Settings:
    """Return what the files say, None for one that is not there. Raises nothing."""
    settings = Settings() if options is None else _read_options(options)
    if toml is None:
        return settings
    try:
        from httpcli.config.toml_file import read_document

        return settings._replace(document=read_document(toml))
    except UsageError as error:
        return settings._replace(broken=error)


def _read_options(path: str) -> Settings:
    """Return what ``config.json`` says; a file that cannot be used has a fault."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        return _without(f"{path}: cannot be read: {refusal_of(error)}")
    try:
        from json import loads

        settings = loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _without(f"{path}:{line_and_column(content, error.start)}: not UTF-8")
    except RecursionError:
        return _without(f"{path}:1:1: nested too deeply")
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        reason = str(getattr(error, "msg", error))
        return _without(f"{path}:{line}:{column}: not JSON: {reason[:1].lower()}{reason[1:]}")
    if not isinstance(settings, dict):
        return _without(f"{path}:1:1: not a JSON object")
    options = settings.get("default_options", [])
    if not isinstance(options, list) or not all(isinstance(word, str) for word in options):
        place = line_and_column(content, max(0, content.find(b'"default_options"')))
        return _without(f"{path}:{place}: default_options is not a list of strings")
    return Settings(tuple(options), place=path)


def _without(fault: str) -> Settings:
    return Settings(fault=f"{fault}; going on without it")
