"""What a form's field says: a text; of JSON only what is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.embedded import json_of, text_of
from httpcli.grammar import jsontext
from httpcli.grammar.items import Item, Kind
from httpcli.model.errors import UsageError

if TYPE_CHECKING:
    from httpcli.model.ports import Files


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
