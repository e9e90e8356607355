"""Reads ``config.toml``. What is broken ends the run: a setting may be what keeps it safe."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from typing import Any, NamedTuple

from httpcli.core.errors import UsageError, refusal_of
from httpcli.syntax.offsets import line_and_column

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_LARGEST = 4 << 20


class Document(NamedTuple):
    """What the file says. ``shared``: others than its owner may read it."""

    path: str
    text: str = ""
    tables: Mapping[str, Any] = {}
    shared: bool = False


def read_document(path: str) -> Document:
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
        place = f"{path}:{line_and_column(content, error.start)}"
        raise UsageError(f"{place}: not UTF-8", hint="TOML is UTF-8") from None
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{path}:1:1: nested too deeply") from None
    except ValueError as error:
        raise _not_toml(path, text, str(error)) from None
    return Document(path, text, tables, bool(mode & 0o077))


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
        raise UsageError(f"{path}: cannot be read: {refusal_of(error)}") from None


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
