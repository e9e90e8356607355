"""A form as browsers send one without files: ``--form``."""

from __future__ import annotations

from httpcli.core.body import Bytes
from httpcli.core.url_syntax import form_quote
from httpcli.planning.body import FORM_TYPE, Content, Sources
from httpcli.planning.body_values import form_value
from httpcli.syntax.items import Kind


def from_form_items(sources: Sources) -> Content:
    """Encode the fields (application/x-www-form-urlencoded). Raises UsageError."""
    pairs = [
        (item.key, form_value(item, sources.files))
        for item in sources.items
        if item.kind in (Kind.FIELD, Kind.JSON)
    ]
    text = "&".join(f"{form_quote(name)}={form_quote(value)}" for name, value in pairs)
    return Content(Bytes(text.encode()), "*/*", FORM_TYPE)
