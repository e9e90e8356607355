"""A body from the command line, literally: ``--raw``."""

from __future__ import annotations

from httpcli.cli.bodies.content import Content, Sources
from httpcli.model.errors import UsageError
from httpcli.model.request import Bytes


def from_option(sources: Sources) -> Content:
    """Encode the text. Raises UsageError where it is not UTF-8."""
    try:
        return Content(Bytes((sources.options.text("raw") or "").encode()))
    except UnicodeEncodeError:
        raise UsageError(
            "--raw: the text is not UTF-8", hint="send bytes from a file: @FILE"
        ) from None
