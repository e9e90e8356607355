"""A body from where ``--upload-file`` says: a file, standard input (``-``), or a URL."""

from __future__ import annotations

import re

from httpcli.core.body import Body, File, Relay, Stdin
from httpcli.core.errors import UsageError
from httpcli.core.invocation import StreamKind
from httpcli.planning.body import Content, Sources
from httpcli.protocol.media_types import guess
from httpcli.syntax.urls import parse_target

_URL = re.compile(r"https?://", re.IGNORECASE)


def from_upload_option(sources: Sources) -> Content:
    """Name the source; it is read while it is sent. Raises UsageError."""
    path = sources.options.text("upload-file") or ""
    if path == "-":
        return Content(_standard_input(sources), "*/*", None)
    if _URL.match(path):
        return Content(_relay(path, sources), "*/*", None)
    if not path:
        raise UsageError("--upload-file names no file", hint="-T PATH, -T - or -T URL")
    body: Body = File(sources.files.path(path), sources.files.size(path))
    return Content(body, "*/*", guess(path))


def _relay(url: str, sources: Sources) -> Relay:
    if sources.options.switch("offline"):
        raise UsageError("-T URL: offline there is nothing to fetch it with")
    source = parse_target(url)
    return Relay(source.url, source.user or "", source.password or "")


def _standard_input(sources: Sources) -> Stdin:
    stdin = sources.stdin
    if stdin.kind is StreamKind.CLOSED:
        raise UsageError("-T -: standard input is closed")
    known = stdin.kind in (StreamKind.FILE, StreamKind.PASSED)
    return Stdin(length=stdin.size if known else None)
