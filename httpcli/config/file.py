"""Reads ``config.toml``. What is broken ends the run: a setting may be what keeps it safe."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from httpcli.core.errors import UsageError, error_reason
from httpcli.storage.config_paths import config_files
from httpcli.syntax.toml_positions import line_and_column

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_LARGEST = 4 << 20


class ConfigDocument(NamedTuple):
    """What the file says. ``shared``: others than its owner may read it."""

    path: str
    text: str = ""
    tables: Mapping[str, Any] = {}
    shared: bool = False


def read_document(path: str) -> ConfigDocument:
    """Return what the file says.

    Raises UsageError, with the place, where it cannot be read, anybody may
    write to it, or it is not TOML.
    """
    content, mode = _content(path)
    if mode & stat.S_IWOTH:
        raise UsageError(f"{path}: anybody may write to it", hint=f"chmod 600 {path}")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        source = f"{path}:{line_and_column(content, error.start)}"
        raise UsageError(f"{source}: not UTF-8", hint="TOML is UTF-8") from None
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{path}:1:1: nested too deeply") from None
    except ValueError as error:
        raise _not_toml(path, text, str(error)) from None
    return ConfigDocument(path, text, tables, bool(mode & 0o077))


def _content(path: str) -> tuple[bytes, int]:
    """Return the content and the permissions of a regular file; a FIFO has no end."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{path}: is no file", hint="config.toml is a file of settings")
            if status.st_size > _LARGEST:
                raise UsageError(f"{path}: is larger than {_LARGEST >> 20} MiB")
            with open(fd, "rb", closefd=False) as file:
                return file.read(_LARGEST), status.st_mode
        finally:
            os.close(fd)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error_reason(error)}") from None


def _not_toml(path: str, text: str, message: str) -> UsageError:
    """Return the error with the place that the library found; it shows no value."""
    found = _PLACE.search(message)
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    if found is not None and found[1]:
        line, column = int(found[1]), int(found[2])
    reason = message[: found.start()] if found is not None else message
    hint = 'a text stands in quotes: verify = "no"' if "Invalid value" in reason else ""
    return UsageError(
        f"{path}:{line}:{column}: not TOML: {reason[:1].lower()}{reason[1:]}", hint=hint
    )


# Reads the settings: ``config.toml``, and HTTPie's ``config.json`` as it is.
#
# In ``config.json`` keys that mean nothing here are passed over. What is broken in it is told,
# with its place, and the run goes on without it.


class StoredSettings(NamedTuple):
    """What the user wants in every run.

    ``default_options`` are words that go before the command line's, from the
    file ``source``; ``fault`` is what is wrong with that file (or nothing).
    ``document`` is ``config.toml``, where there is one; ``error`` says why it
    cannot be used.
    """

    default_options: tuple[str, ...] = ()
    warning: str = ""
    source: str = ""
    document: "ConfigDocument | None" = None
    error: UsageError | None = None


def read_stored_settings(env: Mapping[str, str]) -> StoredSettings | None:
    """Return what the user's files say, or None if there is no file."""
    files = config_files(env)
    return read_settings(*files) if any(files) else None


def read_settings(options: str | None, toml: str | None) -> StoredSettings:
    """Return what the files say, None for one that is not there. Raises nothing."""
    settings = StoredSettings() if options is None else _read_options(options)
    if toml is None:
        return settings
    try:
        return settings._replace(document=read_document(toml))
    except UsageError as error:
        return settings._replace(error=error)


def _read_options(path: str) -> StoredSettings:
    """Return what ``config.json`` says; a file that cannot be used has a fault."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        return _without(f"{path}: cannot be read: {error_reason(error)}")
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
        source = line_and_column(content, max(0, content.find(b'"default_options"')))
        return _without(f"{path}:{source}: default_options is not a list of strings")
    return StoredSettings(tuple(options), source=path)


def _without(fault: str) -> StoredSettings:
    return StoredSettings(warning=f"{fault}; going on without it")
