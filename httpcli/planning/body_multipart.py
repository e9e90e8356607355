"""A form with files, or any form under ``--multipart``: multipart/form-data (RFC 7578).

Parts stand in the order typed. Names are quoted as browsers do it (HTML,
4.10.21.8), so that none can end its line. Written by hand: aiohttp's writer
puts a Content-Type on every text part, which no peer does, and its bytes are
not known before they are sent, which ``-v`` and ``--offline`` show.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from httpcli.core.body import Bytes, File, Multipart, Part, Stdin
from httpcli.core.errors import UsageError
from httpcli.core.headers import TOKEN
from httpcli.planning.body import Content, Sources
from httpcli.planning.body_values import form_value
from httpcli.protocol.media_types import guess
from httpcli.syntax.file_items import Upload, upload_of
from httpcli.syntax.items import Item, Kind

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")
"""RFC 2046, 5.1.1."""
_ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}
_SAID = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
"""What the user's own Content-Type says."""
_PLAIN = re.compile(rf"{TOKEN}\Z")


def from_multipart_items(sources: Sources) -> Content:
    """Make a part of each item. Raises UsageError."""
    boundary = _boundary(sources)
    kinds = (Kind.FIELD, Kind.JSON, Kind.FILE)
    parts = tuple(_part(item, sources.files) for item in sources.items if item.kind in kinds)
    shown = boundary if _PLAIN.match(boundary) else f'"{boundary}"'
    return Content(Multipart(boundary, parts), "*/*", f"multipart/form-data; boundary={shown}")


def _boundary(sources: Sources) -> str:
    typed = sources.options.text("boundary")
    for item in sources.items:
        said = _SAID.search(item.value) if item.key.lower() == "content-type" else None
        if typed is None and item.kind is Kind.HEADER and said is not None:
            typed = said[1]
    if typed is None:
        return sources.entropy(16).hex()
    if _BOUNDARY.match(typed) is None:
        raise UsageError(
            f"--boundary={typed}: not a boundary",
            hint="up to 70 letters, digits and '()+_,-./:=? (RFC 2046, 5.1.1)",
        )
    return typed


def _part(item: Item, files: Files) -> Part:
    name = _quoted(item.key)
    if item.kind is not Kind.FILE:
        head = f'Content-Disposition: form-data; name="{name}"'
        return Part(head.encode(), Bytes(form_value(item, files).encode()))
    upload = upload_of(item)
    filename = upload.filename
    if filename is None:
        filename = os.path.basename(upload.path)
    lines = [f'Content-Disposition: form-data; name="{name}"; filename="{_quoted(filename)}"']
    media_type = upload.media_type or guess(upload.path)
    if media_type is not None:
        lines.append(f"Content-Type: {media_type}")
    return Part("\r\n".join(lines).encode("utf-8", "surrogateescape"), _content(upload, files))


def _content(upload: Upload, files: Files) -> File | Stdin:
    """Name what the part holds: a file, or (``-``) standard input: a text sent as a file."""
    if upload.path == "-":
        return Stdin()
    return File(files.path(upload.path), files.size(upload.path))


def _quoted(text: str) -> str:
    for mark, escape in _ESCAPES.items():
        text = text.replace(mark, escape)
    return text
