"""multipart/form-data taken apart as it was sent (RFC 7578), by this server's own eyes.

Whatever is not well formed is refused, so that it is shown as it is instead.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl

from aiohttp import web

from httpcli.echo.responses import RawJson, json_response

_BOUNDARY = re.compile(r'\bboundary=(?:"([^"]+)"|([^\s";]+))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"(?im)^content-disposition:[ \t]*form-data(.*)$")
_PARAMETER = re.compile(rb';[ \t]*(name|filename\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_ESCAPED = re.compile(rb'\\(["\\])')


class ReceivedPart(NamedTuple):
    """A part: a field of the form, or a file where ``is_file``."""

    name: bytes
    is_file: bool
    content: bytes


def parse_multipart(content_type: str, body: bytes) -> list[ReceivedPart]:
    """Return the parts in order. Raises ValueError where the body is not well formed."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("there is no boundary")
    boundary = (found[1] or found[2]).encode("utf-8", "surrogateescape")
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("there is no closing boundary")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> ReceivedPart:
    head, blank_line, content = piece.partition(b"\r\n\r\n")
    disposition = _DISPOSITION.search(head)
    if not blank_line or head.partition(b"\r\n")[0].strip(b" \t") or disposition is None:
        raise ValueError("a part is no form field")
    parameters = {
        name: _ESCAPED.sub(rb"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(disposition[1])
    }
    is_file = b"filename" in parameters or b"filename*" in parameters
    return ReceivedPart(parameters.get(b"name", b""), is_file, content)


# The page that answers with what it received, in httpbin's shape.
#
# A body of over 1 MiB is not held: its length and SHA-256 stand in the place of ``data``, and
# it is not taken apart.


_HELD = 1024 * 1024


class _Content(NamedTuple):
    """A body; ``data`` is None where it is too long to hold."""

    data: bytes | None
    length: int
    sha256: str


class _Parts(NamedTuple):
    """A body taken apart, as /anything shows it."""

    form: dict[str, object]
    files: dict[str, object]
    data: object
    json: object


async def anything(request: web.Request) -> web.Response:
    """Answer with what was received."""
    return json_response(await describe_request(request))


async def describe_request(request: web.Request) -> dict[str, object]:
    """Tell what was received, keys in a stable order."""
    target = request.raw_path
    headers = [(_text(name), _text(value)) for name, value in request.raw_headers]
    parts = await _parts(request)
    return {
        "method": request.method,
        "url": request_url(request),
        "target": target,
        "args": _grouped(_pairs(target.partition("?")[2])),
        "headers": _grouped(headers, str.lower),
        "form": parts.form,
        "files": parts.files,
        "data": parts.data,
        "json": parts.json,
        "origin": request.remote,
    }


def request_url(request: web.Request) -> str:
    """Return the URL that the client meant: the target as sent, behind Host."""
    target = request.raw_path
    host = request.headers.get("Host", "echo")
    return f"http://{host}{target}" if target.startswith("/") else target


async def _parts(request: web.Request) -> _Parts:
    content = await _read(request)
    if content.data is None:
        summary = {"length": content.length, "sha256": content.sha256}
        return _Parts({}, {}, summary, None)
    text = _shown(content.data)
    if request.content_type == "application/x-www-form-urlencoded":
        return _Parts(_grouped(_pairs(_text(content.data))), {}, "", None)
    if request.content_type == "multipart/form-data":
        try:
            return _multipart(request.headers["Content-Type"], content.data)
        except ValueError:
            return _Parts({}, {}, text, None)
    return _Parts({}, {}, text, _json(content.data))


async def _read(request: web.Request) -> _Content:
    """Read all of the body, in memory that does not grow with it."""
    held = bytearray()
    length = 0
    digest = sha256()
    async for chunk in request.content.iter_any():
        length += len(chunk)
        digest.update(chunk)
        if length <= _HELD:
            held += chunk
        else:
            held.clear()
    return _Content(bytes(held) if length <= _HELD else None, length, digest.hexdigest())


def _multipart(content_type: str, body: bytes) -> _Parts:
    """Take multipart/form-data apart. Raises ValueError where it is not."""
    parts = parse_multipart(content_type, body)
    form = [(_text(part.name), _shown(part.content)) for part in parts if not part.is_file]
    files = [(_text(part.name), _shown(part.content)) for part in parts if part.is_file]
    return _Parts(_grouped(form), _grouped(files), "", None)


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="surrogateescape")


def _grouped(
    pairs: Iterable[tuple[str, str]], key: Callable[[str], str] = str
) -> dict[str, object]:
    """Make an object; a name that comes again makes its value a list.

    ``key`` tells which names are the same; the first spelling stands.
    """
    spelled: dict[str, str] = {}
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        spelling = spelled.setdefault(key(name), name)
        grouped.setdefault(spelling, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in grouped.items()}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _shown(data: bytes) -> str:
    """Show bytes as text where they are text, else as a data: URL."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"data:application/octet-stream;base64,{b64encode(data).decode('ascii')}"


def _json(data: bytes) -> RawJson | None:
    """Return the body where it is JSON, as it is; else None."""
    try:
        text = data.decode("utf-8")
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return RawJson(text.strip())


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
