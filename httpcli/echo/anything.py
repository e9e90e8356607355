"""``/anything``: responds with the request that it received, as JSON in httpbin's format.

Nothing is decoded or corrected. A body longer than 1 MiB is not kept: ``data`` is
then its length and SHA-256, and it is not parsed.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from urllib.parse import parse_qsl

from aiohttp import web

from httpcli.core.named_tuple import NamedTuple
from httpcli.echo.responses import RawJson, json_response

_MAX_BODY = 1024 * 1024
_MAX_PAIRS = 200_000
"""Fields of a form or query; a body of 1 MiB could have 500,000."""

_BOUNDARY = re.compile(r'\bboundary=(?:"([^"]+)"|([^\s";]+))', re.IGNORECASE)
_DISPOSITION = re.compile(rb"(?im)^content-disposition:[ \t]*form-data(.*)$")
_PARAMETER = re.compile(rb';[ \t]*(name|filename\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_ESCAPE = re.compile(rb'\\(["\\])')


async def anything(request: web.Request) -> web.Response:
    """Respond with a description of the request, as JSON."""
    return json_response(await describe_request(request))


async def describe_request(request: web.Request) -> dict[str, object]:
    """Return a description of the request, with keys in a stable order."""
    target = request.raw_path
    headers = [(_decode(name), _decode(value)) for name, value in request.raw_headers]
    body = await _describe_body(request)
    return {
        "method": request.method,
        "url": request_url(request),
        "target": target,
        "args": _group(_parse_pairs(target.partition("?")[2])),
        "headers": _group(headers, str.lower),
        "form": body.form,
        "files": body.files,
        "data": body.data,
        "json": body.json,
        "origin": request.remote,
    }


def request_url(request: web.Request) -> str:
    """Return the URL that the client requested: the target as sent, after the Host header."""
    target = request.raw_path
    host = request.headers.get("Host", "echo")
    return f"http://{host}{target}" if target.startswith("/") else target


class _BodyDescription(NamedTuple):
    """The description of a body in the response of ``/anything``."""

    form: dict[str, object]
    """The fields of a form."""
    files: dict[str, object]
    """The files of a form."""
    data: object
    """The body as text, empty for a form."""
    json: object
    """The body as JSON, None if it is not JSON."""


class _ReceivedBody(NamedTuple):
    """A body that was read to its end."""

    data: bytes | None
    """None if the body is too long."""
    length: int
    sha256: str


async def _describe_body(request: web.Request) -> _BodyDescription:
    body = await _read_body(request)
    if body.data is None:
        summary = {"length": body.length, "sha256": body.sha256}
        return _BodyDescription({}, {}, summary, None)
    text = _text_or_data_url(body.data)
    if request.content_type == "application/x-www-form-urlencoded":
        try:
            return _BodyDescription(_group(_parse_pairs(_decode(body.data))), {}, "", None)
        except ValueError:
            return _BodyDescription({}, {}, text, None)
    if request.content_type == "multipart/form-data":
        try:
            return _describe_multipart(request.headers["Content-Type"], body.data)
        except ValueError:
            return _BodyDescription({}, {}, text, None)
    return _BodyDescription({}, {}, text, _parse_json(body.data))


async def _read_body(request: web.Request) -> _ReceivedBody:
    """Read the body, in memory that does not grow with it."""
    kept = bytearray()
    length = 0
    digest = sha256()
    async for chunk in request.content.iter_any():
        length += len(chunk)
        digest.update(chunk)
        if length <= _MAX_BODY:
            kept += chunk
        else:
            kept.clear()
    data = bytes(kept) if length <= _MAX_BODY else None
    return _ReceivedBody(data, length, digest.hexdigest())


def _describe_multipart(content_type: str, body: bytes) -> _BodyDescription:
    """Describe a multipart/form-data body. Raises ValueError if it is malformed."""
    form: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    for part in _parse_multipart(content_type, body):
        pairs = files if part.is_file else form
        pairs.append((_decode(part.name), _text_or_data_url(part.content)))
    return _BodyDescription(_group(form), _group(files), "", None)


class _ReceivedPart(NamedTuple):
    """One part of a multipart form."""

    name: bytes
    is_file: bool
    content: bytes


def _parse_multipart(content_type: str, body: bytes) -> list[_ReceivedPart]:
    """Return the parts in order (RFC 7578). Raises ValueError if the body is malformed."""
    # Not aiohttp's parser, which the client uses too: a bug in it would hide itself.
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise ValueError("missing boundary")
    boundary = (match[1] or match[2]).encode("utf-8", "surrogateescape")
    _, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("missing closing boundary")
    return [_parse_part(piece) for piece in pieces[:-1]]


def _parse_part(piece: bytes) -> _ReceivedPart:
    head, blank_line, content = piece.partition(b"\r\n\r\n")
    disposition = _DISPOSITION.search(head)
    if not blank_line or head.partition(b"\r\n")[0].strip(b" \t") or disposition is None:
        raise ValueError("a part is not a form field")
    parameters = {
        name: _ESCAPE.sub(rb"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(disposition[1])
    }
    is_file = b"filename" in parameters or b"filename*" in parameters
    return _ReceivedPart(parameters.get(b"name", b""), is_file, content)


def _parse_pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(
        text, keep_blank_values=True, errors="surrogateescape", max_num_fields=_MAX_PAIRS
    )


def _group(
    pairs: Iterable[tuple[str, str]], normalize: Callable[[str], str] = str
) -> dict[str, object]:
    """Return an object of the pairs; a repeated name has a list of values.

    Names are equal if their ``normalize`` results are; the first spelling is used.
    """
    spellings: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        spelling = spellings.setdefault(normalize(name), name)
        groups.setdefault(spelling, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in groups.items()}


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _text_or_data_url(data: bytes) -> str:
    """Return UTF-8 data as text, and any other data as a data: URL."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return f"data:application/octet-stream;base64,{b64encode(data).decode('ascii')}"


def _parse_json(data: bytes) -> RawJson | None:
    """Return the body unchanged if it is JSON; else None."""
    try:
        text = data.decode("utf-8")
        json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        return None
    return RawJson(text.strip())


def _reject_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")
