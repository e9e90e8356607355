"""A body from the command line, literally: ``--raw``."""

from __future__ import annotations

from httpcli.core.body import Bytes
from httpcli.core.errors import UsageError
from httpcli.planning.body import Content, Sources


def from_option(sources: Sources) -> Content:
    """Encode the text. Raises UsageError where it is not UTF-8."""
    text = sources.options.text("raw") or ""
    if not text:
        return Content(Bytes(b""), "*/*", None)  # nothing is no JSON
    try:
        return Content(Bytes(text.encode()))
    except UnicodeEncodeError:
        raise UsageError(
            "--raw: the text is not UTF-8", hint="send bytes from a file: @FILE"
        ) from None
