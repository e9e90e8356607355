"""Reads the user's settings: ``config.toml``, and HTTPie's ``config.json``.

An error in ``config.toml`` ends the run, because ignoring a setting could make the request
unsafe (for example a proxy or a CA file). An error in ``config.json`` is a warning, and
its unknown keys are ignored. Neither is used if other users may write to it.
"""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from typing import Any

from httpcli.config.toml_positions import line_and_column
from httpcli.core.errors import UsageError, error_reason
from httpcli.core.named_tuple import NamedTuple
from httpcli.storage.config_paths import config_files

_ERROR_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_MAX_SIZE = 4 << 20


class ConfigDocument(NamedTuple):
    """The content of ``config.toml``."""

    path: str
    """The path of the file."""
    text: str = ""
    """Its text, to find the line of a key."""
    tables: Mapping[str, Any] = {}
    """The parsed content."""
    readable_by_others: bool = False
    """Whether other users may read the file."""


class StoredSettings(NamedTuple):
    """The content of the user's files."""

    default_options: tuple[str, ...] = ()
    """The ``default_options`` of ``config.json``: arguments of a command line."""
    warning: str = ""
    """The warning that ``config.json`` cannot be used; empty for none."""
    httpie_path: str = ""
    """The path of ``config.json``; empty if it cannot be used."""
    document: ConfigDocument | None = None
    """The content of ``config.toml``; None if it does not exist or cannot be used."""
    error: UsageError | None = None
    """Why ``config.toml`` cannot be used, or others may write to ``config.json``; None if not."""


def read_stored_settings(env: Mapping[str, str]) -> StoredSettings | None:
    """Return the content of the user's files; None if neither file exists."""
    httpie_path, toml_path = config_files(env)
    if not httpie_path and not toml_path:
        return None
    settings = StoredSettings()
    if httpie_path is not None:
        from httpcli.storage.trusted_files import refuse_if_others_can_write

        try:
            refuse_if_others_can_write(httpie_path)
        except UsageError as error:
            return StoredSettings(error=error)
        settings = _read_httpie(httpie_path)
    if toml_path is None:
        return settings
    try:
        return settings._replace(document=_read_toml(toml_path))
    except UsageError as error:
        return settings._replace(error=error)


def _read_toml(path: str) -> ConfigDocument:
    """Return the content of ``config.toml``.

    Raises UsageError for a file that cannot be read, that others may write to, or that is
    not TOML; then with line and column.
    """
    from httpcli.storage.trusted_files import refuse_if_others_can_write

    refuse_if_others_can_write(path)
    content, mode = _read_regular_file(path)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        location = f"{path}:{line_and_column(content, error.start)}"
        raise UsageError(f"{location}: not UTF-8", hint="TOML is UTF-8") from None
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{path}:1:1: nested too deeply") from None
    except ValueError as error:
        raise _not_toml(path, text, str(error)) from None
    return ConfigDocument(path, text, tables, bool(mode & 0o077))


def _read_regular_file(path: str) -> tuple[bytes, int]:
    """Return the content and the mode of a regular file. Raises UsageError."""
    try:
        # O_NONBLOCK: do not block if the path is a FIFO.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{path}: not a regular file", hint="settings are in a file")
            if status.st_size > _MAX_SIZE:
                raise UsageError(f"{path}: is larger than {_MAX_SIZE >> 20} MiB")
            with open(fd, "rb", closefd=False) as file:
                return file.read(_MAX_SIZE), status.st_mode
        finally:
            os.close(fd)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error_reason(error)}") from None


def _not_toml(path: str, text: str, message: str) -> UsageError:
    """Return the error; the library's message has a position and shows no value."""
    position = _ERROR_POSITION.search(message)
    line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    if position is not None and position[1]:
        line, column = int(position[1]), int(position[2])
    reason = message[: position.start()] if position is not None else message
    reason = reason[:1].lower() + reason[1:]
    hint = 'put text in quotes: verify = "no"' if "invalid value" in reason else ""
    return UsageError(f"{path}:{line}:{column}: invalid TOML: {reason}", hint=hint)


def _read_httpie(path: str) -> StoredSettings:
    """Return the settings of ``config.json``, or a warning if the file cannot be used."""
    try:
        content = _read_regular_file(path)[0]
    except UsageError as error:
        return _with_warning(error.message)
    try:
        from json import loads

        settings = loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _with_warning(f"{path}:{line_and_column(content, error.start)}: not UTF-8")
    except RecursionError:
        return _with_warning(f"{path}:1:1: nested too deeply")
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        reason = str(getattr(error, "msg", error))
        return _with_warning(f"{path}:{line}:{column}: not JSON: {reason[:1].lower()}{reason[1:]}")
    if not isinstance(settings, dict):
        return _with_warning(f"{path}:1:1: not a JSON object")
    options = settings.get("default_options", [])
    if not isinstance(options, list) or not all(isinstance(word, str) for word in options):
        position = line_and_column(content, max(0, content.find(b'"default_options"')))
        return _with_warning(f"{path}:{position}: default_options must be a list of strings")
    return StoredSettings(tuple(options), httpie_path=path)


def _with_warning(message: str) -> StoredSettings:
    return StoredSettings(warning=f"{message}; ignored")
