"""A form as browsers send one without files: ``--form``."""

from __future__ import annotations

from httpcli.cli.bodies.content import FORM_TYPE, Content, Sources
from httpcli.cli.bodies.values import form_value
from httpcli.grammar.items import Kind
from httpcli.model.bodies import Bytes
from httpcli.model.url_text import form_quote


def from_form_items(sources: Sources) -> Content:
    """Encode the fields (application/x-www-form-urlencoded). Raises UsageError."""
    pairs = [
        (item.key, form_value(item, sources.files))
        for item in sources.items
        if item.kind in (Kind.FIELD, Kind.JSON)
    ]
    text = "&".join(f"{form_quote(name)}={form_quote(value)}" for name, value in pairs)
    return Content(Bytes(text.encode()), "*/*", FORM_TYPE)
