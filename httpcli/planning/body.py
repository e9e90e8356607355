"""Builds each kind of body: JSON, forms, multipart, files, text, uploads, standard input.

``planning.request`` chooses the kind and loads this module. A plan contains only the
paths of files; they are read while they are sent.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from httpcli.core.body import (
    Body,
    BodyFromUrl,
    BytesBody,
    FileBody,
    FormPart,
    MultipartBody,
    StdinBody,
)
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import TOKEN
from httpcli.core.invocation import StreamKind
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import form_quote
from httpcli.planning.request import FORM_TYPE, JSON_TYPE, BodySources, PlannedBody
from httpcli.protocol.media_types import guess_media_type
from httpcli.syntax import nested_json
from httpcli.syntax.file_values import read_file_value, read_json_value
from httpcli.syntax.items import Item, ItemKind
from httpcli.syntax.lossless_json import Json, dump, is_number
from httpcli.syntax.urls import parse_url

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files


_FILE_OPTION = re.compile(r";(type|filename)=")
_MEDIA_TYPE = re.compile(rf"{TOKEN}/{TOKEN}(?:[ -~]*)\Z")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")
"""RFC 2046, 5.1.1."""
_BOUNDARY_PARAMETER = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_UNQUOTED = re.compile(rf"{TOKEN}\Z")
_NAME_ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}
_URL = re.compile(r"https?://", re.IGNORECASE)
_DATA = (ItemKind.FIELD, ItemKind.JSON)


class FileItemValue(NamedTuple):
    """The parsed value of a file item, ``PATH[;type=TYPE][;filename=NAME]``."""

    path: str
    """The path as typed; ``-`` is standard input."""
    media_type: str | None = None
    """The typed media type; None if none was typed."""
    filename: str | None = None
    """The typed file name; None if none was typed."""


def build_json(sources: BodySources) -> PlannedBody:
    """Build a JSON object or array from data items, by their nested names."""
    data = [
        (item, _json_value(item, sources.files)) for item in sources.items if item.kind in _DATA
    ]
    return PlannedBody(BytesBody(dump(nested_json.build_nested(data), ascii_only=True).encode()))


def _read_json(item: Item, files: Files) -> Json:
    """Return the JSON value of an item. Raises UsageError, without the text of a secret file."""
    try:
        return read_json_value(item, files)
    except UsageError as error:
        from httpcli.protocol.redact_json import is_secret_member

        if item.from_file and is_secret_member(item.key):
            error.fault = None
        raise


def _json_value(item: Item, files: Files) -> Json:
    if item.kind is ItemKind.JSON:
        return _read_json(item, files)
    return read_file_value(item, files) if item.from_file else item.value


def build_form(sources: BodySources) -> PlannedBody:
    """Encode data items as application/x-www-form-urlencoded."""
    pairs = [
        (item.key, _form_value(item, sources.files))
        for item in sources.items
        if item.kind in _DATA
    ]
    text = "&".join(f"{form_quote(name)}={form_quote(value)}" for name, value in pairs)
    return PlannedBody(BytesBody(text.encode()), "*/*", FORM_TYPE)


def build_multipart(sources: BodySources) -> PlannedBody:
    """Build a part of each data or file item, in the order typed (RFC 7578).

    aiohttp's writer is not used: it gives each text part a Content-Type, which no other
    client does, and ``-v`` and ``--offline`` need the bytes in advance.
    """
    boundary = _boundary(sources)
    kinds = (*_DATA, ItemKind.FILE)
    parts = tuple(_part(item, sources.files) for item in sources.items if item.kind in kinds)
    quoted = boundary if _UNQUOTED.match(boundary) else f'"{boundary}"'
    media_type = f"multipart/form-data; boundary={quoted}"
    return PlannedBody(MultipartBody(boundary, parts), "*/*", media_type)


def _boundary(sources: BodySources) -> str:
    """Return the boundary of ``--boundary`` or of a typed Content-Type, else a random one."""
    boundary = sources.options.text("boundary")
    for item in sources.items:
        is_type = item.key.lower() == "content-type"
        parameter = _BOUNDARY_PARAMETER.search(item.value) if is_type else None
        if boundary is None and item.kind is ItemKind.HEADER and parameter is not None:
            boundary = parameter[1]
    if boundary is None:
        return sources.entropy(16).hex()
    if _BOUNDARY.match(boundary) is None:
        raise UsageError(
            f"--boundary={boundary}: invalid boundary",
            hint="use up to 70 letters, digits and '()+_,-./:=? (RFC 2046, section 5.1.1)",
        )
    return boundary


def _part(item: Item, files: Files) -> FormPart:
    name = _escape_name(item.key)
    if item.kind is not ItemKind.FILE:
        header = f'Content-Disposition: form-data; name="{name}"'
        return FormPart(header.encode(), BytesBody(_form_value(item, files).encode()))
    file = _parse_file_item(item)
    filename = file.filename
    if filename is None:
        filename = os.path.basename(file.path)
    lines = [f'Content-Disposition: form-data; name="{name}"; filename="{_escape_name(filename)}"']
    media_type = file.media_type or guess_media_type(file.path)
    if media_type is not None:
        lines.append(f"Content-Type: {media_type}")
    return FormPart(
        "\r\n".join(lines).encode("utf-8", "surrogateescape"), _part_content(file, files)
    )


def _part_content(file: FileItemValue, files: Files) -> FileBody | StdinBody:
    """Return the content of a file part: a file, or standard input for ``-``."""
    if file.path == "-":
        return StdinBody()
    return FileBody(files.path(file.path), files.size(file.path))


def _escape_name(text: str) -> str:
    """Escape quotes and line ends in a name, as browsers do (HTML, 4.10.21.8)."""
    for mark, escape in _NAME_ESCAPES.items():
        text = text.replace(mark, escape)
    return text


def build_from_file(sources: BodySources) -> PlannedBody:
    """Send the file of ``@PATH`` as the whole body."""
    file = _parse_file_item(next(item for item in sources.items if item.kind is ItemKind.FILE))
    if file.path == "-":
        raise UsageError(
            "@-: standard input is not supported here", hint="to send standard input: -T -"
        )
    media_type = file.media_type
    if media_type is None:
        media_type = JSON_TYPE if sources.options.switch("json") else guess_media_type(file.path)
    body = FileBody(sources.files.path(file.path), sources.files.size(file.path))
    return PlannedBody(body, media_type=media_type)


def build_from_text(sources: BodySources) -> PlannedBody:
    """Send the text of ``--raw``. Raises UsageError if it is not UTF-8."""
    text = sources.options.text("raw") or ""
    if not text:
        return PlannedBody(BytesBody(b""), "*/*", None)  # an empty text is not JSON
    try:
        return PlannedBody(BytesBody(text.encode()))
    except UnicodeEncodeError:
        raise UsageError(
            "--raw: the text is not UTF-8", hint="send bytes from a file: @FILE"
        ) from None


def build_upload(sources: BodySources) -> PlannedBody:
    """Send the source of ``--upload-file``: a file, standard input (``-``), or a URL."""
    path = sources.options.text("upload-file") or ""
    if path == "-":
        return PlannedBody(_uploaded_stdin(sources), "*/*", None)
    if _URL.match(path):
        return PlannedBody(_body_from_url(path, sources), "*/*", None)
    if not path:
        raise UsageError(
            "--upload-file: missing file name",
            hint="use -T FILE, -T - (standard input) or -T URL",
        )
    body: Body = FileBody(sources.files.path(path), sources.files.size(path))
    return PlannedBody(body, "*/*", guess_media_type(path))


def _body_from_url(url: str, sources: BodySources) -> BodyFromUrl:
    if sources.options.switch("offline"):
        raise UsageError("-T URL cannot be used with --offline")
    source = parse_url(url)
    return BodyFromUrl(source.url, source.user or "", source.password or "")


def _uploaded_stdin(sources: BodySources) -> StdinBody:
    stdin = sources.stdin
    if stdin.kind is StreamKind.CLOSED:
        raise UsageError("-T -: standard input is closed")
    known = stdin.kind in (StreamKind.FILE, StreamKind.PARTLY_READ)
    return StdinBody(length=stdin.size if known else None)


def build_from_stdin(sources: BodySources) -> PlannedBody:
    """Send standard input, with a length if it is a file."""
    stdin = sources.stdin
    return PlannedBody(StdinBody(length=stdin.size if stdin.kind is StreamKind.FILE else None))


def _form_value(item: Item, files: Files) -> str:
    """Return the text of a form field: JSON strings without quotes, literals as typed.

    Raises UsageError for other JSON values.
    """
    text = read_file_value(item, files) if item.from_file else item.value
    if item.kind is not ItemKind.JSON:
        return text
    value = _read_json(item, files)
    if isinstance(value, str):
        return value
    if is_number(value) or isinstance(value, bool):
        return text.strip()
    raise UsageError(
        f"{item.key}: a form field cannot be {_json_type(value)}",
        hint="use a string, a number, true or false",
    )


def _json_type(value: Json) -> str:
    if value is None:
        return "null"
    return "array" if isinstance(value, list) else "object"


def _parse_file_item(item: Item) -> FileItemValue:
    """Parse the value of a file item. Raises UsageError for a missing path or a wrong type."""
    path, *parts = _FILE_OPTION.split(item.value)
    options = dict(zip(parts[::2], parts[1::2], strict=True))
    media_type = options.get("type")
    if media_type is not None and _MEDIA_TYPE.match(media_type) is None:
        start = item.text.find(";type=")
        raise UsageError(
            f"invalid media type {media_type!r}",
            hint="example: name@file;type=text/plain",
            fault=Fault(item.text, start, start + len(";type=") + len(media_type)),
        )
    if not path:
        raise UsageError(
            f"{item.text!r}: missing file name",
            hint="name@FILE;type=TYPE;filename=NAME",
            fault=Fault(item.text, item.value_start, item.value_start),
        )
    return FileItemValue(path, media_type, options.get("filename"))
