"""``--proxy-header``: fields that are for the proxy; pure but for ``Files``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.core.headers import Fields
from httpcli.planning.request_items import fields_of
from httpcli.syntax.items import parse_explicit

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files

_OURS = ("host", "content-length", "transfer-encoding", "connection")
"""What says whom we ask and where a message ends is not for the user to say twice."""


def proxy_fields(typed: tuple[str, ...], files: Files) -> Fields:
    """Return the fields in the order typed. Raises UsageError."""
    try:
        items = tuple(parse_explicit("header", text) for text in typed)
    except UsageError as error:
        message = error.message.replace("--header", "--proxy-header")
        raise UsageError(message, hint="--proxy-header 'Name: value'", fault=error.fault) from None
    fields, unset = fields_of(items, files)
    for name in (*unset, *(field.name for field in fields)):
        if name in unset or name.lower() in _OURS:
            raise UsageError(
                f"--proxy-header: {name} cannot be "
                + ("taken away" if name in unset else "sent to a proxy so"),
                hint="--proxy-header 'Name: value'",
            )
    return fields
