"""A file as the whole body: ``@path``."""

from __future__ import annotations

from httpcli.core.body import File
from httpcli.core.errors import UsageError
from httpcli.planning.body import JSON_TYPE, Content, Sources
from httpcli.protocol.media_types import guess
from httpcli.syntax.file_items import upload_of
from httpcli.syntax.items import Kind


def from_file(sources: Sources) -> Content:
    """Name the file; it is read while it is sent. Raises UsageError if it cannot be."""
    upload = upload_of(next(item for item in sources.items if item.kind is Kind.FILE))
    if upload.path == "-":
        raise UsageError("@- is no file", hint="-T - sends standard input")
    media_type = upload.media_type
    if media_type is None:
        media_type = JSON_TYPE if sources.options.switch("json") else guess(upload.path)
    body = File(sources.files.path(upload.path), sources.files.size(upload.path))
    return Content(body, media_type=media_type)
