"""A body from standard input."""

from __future__ import annotations

from httpcli.core.body import Stdin
from httpcli.core.invocation import StreamKind
from httpcli.planning.body import Content, Sources


def from_standard_input(sources: Sources) -> Content:
    """Say that stdin is the body: of known length where it is a file."""
    stdin = sources.stdin
    return Content(Stdin(length=stdin.size if stdin.kind is StreamKind.FILE else None))
