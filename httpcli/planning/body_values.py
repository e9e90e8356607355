"""What a form's field says: a text; of JSON only what is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.syntax import json_values as jsontext
from httpcli.syntax.file_values import json_of, text_of
from httpcli.syntax.items import Item, Kind

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files


def form_value(item: Item, files: Files) -> str:
    """Return a field's value. A literal goes as it was typed. Raises UsageError."""
    text = text_of(item, files) if item.from_file else item.value
    if item.kind is not Kind.JSON:
        return text
    value = json_of(item, files)
    if isinstance(value, str) and not isinstance(value, jsontext.Literal):
        return value
    if isinstance(value, (jsontext.Literal, bool)):
        return text.strip()
    raise UsageError(
        f"{item.key}: a form has no {_name(value)}", hint="a text, number, true or false"
    )


def _name(value: jsontext.Json) -> str:
    if value is None:
        return "null"
    return "array" if isinstance(value, list) else "object"
