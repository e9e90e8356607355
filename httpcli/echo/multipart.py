"""multipart/form-data taken apart as it was sent (RFC 7578), by this server's own eyes.

Whatever is not well formed is refused, so that it is shown as it is instead.
"""

import re
from typing import NamedTuple

_BOUNDARY = re.compile(r'\bboundary=(?:"([^"]+)"|([^\s";]+))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"(?im)^content-disposition:[ \t]*form-data(.*)$")
_PARAMETER = re.compile(rb';[ \t]*(name|filename\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_ESCAPED = re.compile(rb'\\(["\\])')


class Part(NamedTuple):
    """A part: a field of the form, or a file where ``is_file``."""

    name: bytes
    is_file: bool
    content: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """Return the parts in order. Raises ValueError where the body is not well formed."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("there is no boundary")
    boundary = (found[1] or found[2]).encode("utf-8", "surrogateescape")
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("there is no closing boundary")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    head, blank_line, content = piece.partition(b"\r\n\r\n")
    disposition = _DISPOSITION.search(head)
    if not blank_line or head.partition(b"\r\n")[0].strip(b" \t") or disposition is None:
        raise ValueError("a part is no form field")
    parameters = {
        name: _ESCAPED.sub(rb"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(disposition[1])
    }
    is_file = b"filename" in parameters or b"filename*" in parameters
    return Part(parameters.get(b"name", b""), is_file, content)
