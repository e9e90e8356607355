"""Values of request items and options that are read from a file or a variable.

The value of an item is a file's text (``name=@path``); a secret is given by
reference (``@env:NAME``, ``@file:PATH``), and then no error shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.syntax.items import Item

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files
    from httpcli.syntax.lossless_json import Json


REFERENCE_PREFIXES = ("@env:", "@file:")
"""How a reference to an environment variable or a file begins."""


def read_file_value(item: Item, files: Files) -> str:
    """Return the text of the file whose path is the item's value. Raises UsageError."""
    try:
        return files.read(item.value).decode()
    except UnicodeDecodeError:
        from httpcli.core.shell import quote_word

        raise UsageError(
            f"{item.text!r}: {item.value} is not UTF-8 text",
            hint=f"{quote_word(f'@{item.value}')} sends it as is",
        ) from None


def is_reference(item: Item) -> bool:
    """Return whether the value is given by reference and must not be shown."""
    return item.from_file and item.value.startswith(("env:", "file:"))


def read_json_value(item: Item, files: Files) -> Json:
    """Return the JSON value of an item. Raises UsageError, without the text of a reference."""
    from httpcli.syntax.lossless_json import parse_input

    if not item.from_file:
        return parse_input(item.value, item.text, item.value_start)
    text = read_file_value(item, files)
    try:
        return parse_input(text, file=item.value)
    except UsageError:
        if not is_reference(item):
            raise
        raise UsageError(
            f"{item.key}: {item.value} is not valid JSON",
            hint=f"to send it as a string: {item.key}=@{item.value}",
        ) from None


def resolve_reference(text: str, files: Files) -> str | None:
    """Return the text that ``@env:NAME`` or ``@file:PATH`` refers to; None for any other text.

    Newlines at the end of a file are removed. Raises UsageError.
    """
    if not text.startswith(REFERENCE_PREFIXES):
        return None
    try:
        return files.read(text[1:]).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise UsageError(f"{text}: not UTF-8 text") from None


def read_line_value(item: Item, files: Files) -> str:
    """Return an item's value, without newlines at the end of a file. Raises UsageError."""
    if not item.from_file:
        return item.value
    return read_file_value(item, files).rstrip("\r\n")
