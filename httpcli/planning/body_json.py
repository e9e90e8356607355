"""A JSON body from data items: ``name=text``, ``name:=json``, nested names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.body import Bytes
from httpcli.planning.body import Content, Sources
from httpcli.syntax import json_values as jsontext
from httpcli.syntax import nested_json as nested
from httpcli.syntax.file_values import json_of, text_of
from httpcli.syntax.items import Item, Kind

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files


def from_data_items(sources: Sources) -> Content:
    """Build the object (or array) that the items describe. Raises UsageError."""
    data = [
        (item, _value(item, sources.files))
        for item in sources.items
        if item.kind in (Kind.FIELD, Kind.JSON)
    ]
    return Content(Bytes(jsontext.dump(nested.build(data)).encode()))


def _value(item: Item, files: Files) -> jsontext.Json:
    if item.kind is Kind.JSON:
        return json_of(item, files)
    return text_of(item, files) if item.from_file else item.value
