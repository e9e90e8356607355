"""A JSON body from data items: ``name=text``, ``name:=json``, nested names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.bodies.content import Content, Sources
from httpcli.cli.embedded import json_of, text_of
from httpcli.grammar import jsontext, nested
from httpcli.grammar.items import Item, Kind
from httpcli.model.bodies import Bytes

if TYPE_CHECKING:
    from httpcli.model.ports import Files


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
