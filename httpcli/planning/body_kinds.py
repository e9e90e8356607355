"""The value of a file item, ``PATH[;type=TYPE][;filename=NAME]``, taken apart."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.body import (
    Body,
    BodyFromUrl,
    BytesBody,
    Compression,
    FileBody,
    FormPart,
    MultipartBody,
    StdinBody,
)
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import TOKEN, Fields
from httpcli.core.invocation import StreamKind
from httpcli.core.url import form_quote
from httpcli.planning.body import FORM_TYPE, JSON_TYPE, BodySources, PlannedBody
from httpcli.protocol.coding_registry import ENCODERS
from httpcli.protocol.media_types import guess
from httpcli.syntax import nested_json as nested
from httpcli.syntax.file_values import read_file_value, read_json_value
from httpcli.syntax.items import Item, ItemKind
from httpcli.syntax.json_values import Json, dump, is_number
from httpcli.syntax.urls import parse_target

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files


_OPTION = re.compile(r";(type|filename)=")
_MEDIA_TYPE = re.compile(rf"{TOKEN}/{TOKEN}(?:[ -~]*)\Z")


class FileItemValue(NamedTuple):
    """A file to send: where it is, and what it is said to be (None: not said)."""

    path: str
    media_type: str | None = None
    filename: str | None = None


def upload_of(item: Item) -> FileItemValue:
    """Return what a file item names. Raises UsageError for a type that is none."""
    path, *options = _OPTION.split(item.value)
    said = dict(zip(options[::2], options[1::2], strict=True))
    media_type = said.get("type")
    if media_type is not None and _MEDIA_TYPE.match(media_type) is None:
        start = item.text.find(";type=")
        raise UsageError(
            f"{media_type!r} is not a media type",
            hint="as in name@file;type=text/plain",
            fault=Fault(item.text, start, start + len(";type=") + len(media_type)),
        )
    if not path:
        raise UsageError(
            f"{item.text!r}: no file is named",
            hint="name@FILE;type=TYPE;filename=NAME",
            fault=Fault(item.text, item.value_start, item.value_start),
        )
    return FileItemValue(path, media_type, said.get("filename"))


# What a form's field says: a text; of JSON only what is one.


def form_value(item: Item, files: Files) -> str:
    """Return a field's value. A literal goes as it was typed. Raises UsageError."""
    text = read_file_value(item, files) if item.from_file else item.value
    if item.kind is not ItemKind.JSON:
        return text
    value = read_json_value(item, files)
    if isinstance(value, str):
        return value
    if is_number(value) or isinstance(value, bool):
        return text.strip()
    raise UsageError(
        f"{item.key}: a form has no {_name(value)}", hint="a text, number, true or false"
    )


def _name(value: Json) -> str:
    if value is None:
        return "null"
    return "array" if isinstance(value, list) else "object"


# A JSON body from data items: ``name=text``, ``name:=json``, nested names.


def from_data_items(sources: BodySources) -> PlannedBody:
    """Build the object (or array) that the items describe. Raises UsageError."""
    data = [
        (item, _value(item, sources.files))
        for item in sources.items
        if item.kind in (ItemKind.FIELD, ItemKind.JSON)
    ]
    return PlannedBody(BytesBody(dump(nested.build_nested(data), ascii_only=True).encode()))


def _value(item: Item, files: Files) -> Json:
    if item.kind is ItemKind.JSON:
        return read_json_value(item, files)
    return read_file_value(item, files) if item.from_file else item.value


# A form as browsers send one without files: ``--form``.


def from_form_items(sources: BodySources) -> PlannedBody:
    """Encode the fields (application/x-www-form-urlencoded). Raises UsageError."""
    pairs = [
        (item.key, form_value(item, sources.files))
        for item in sources.items
        if item.kind in (ItemKind.FIELD, ItemKind.JSON)
    ]
    text = "&".join(f"{form_quote(name)}={form_quote(value)}" for name, value in pairs)
    return PlannedBody(BytesBody(text.encode()), "*/*", FORM_TYPE)


# A form with files, or any form under ``--multipart``: multipart/form-data (RFC 7578).
#
# Parts stand in the order typed. Names are quoted as browsers do it (HTML, 4.10.21.8), so that
# none can end its line. Written by hand: aiohttp's writer puts a Content-Type on every text
# part, which no peer does, and its bytes are not known before they are sent, which ``-v`` and
# ``--offline`` show.


_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")
"""RFC 2046, 5.1.1."""
_ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}
_SAID = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
"""What the user's own Content-Type says."""
_PLAIN = re.compile(rf"{TOKEN}\Z")


def from_multipart_items(sources: BodySources) -> PlannedBody:
    """Make a part of each item. Raises UsageError."""
    boundary = _boundary(sources)
    kinds = (ItemKind.FIELD, ItemKind.JSON, ItemKind.FILE)
    parts = tuple(_part(item, sources.files) for item in sources.items if item.kind in kinds)
    shown = boundary if _PLAIN.match(boundary) else f'"{boundary}"'
    return PlannedBody(
        MultipartBody(boundary, parts), "*/*", f"multipart/form-data; boundary={shown}"
    )


def _boundary(sources: BodySources) -> str:
    typed = sources.options.text("boundary")
    for item in sources.items:
        said = _SAID.search(item.value) if item.key.lower() == "content-type" else None
        if typed is None and item.kind is ItemKind.HEADER and said is not None:
            typed = said[1]
    if typed is None:
        return sources.entropy(16).hex()
    if _BOUNDARY.match(typed) is None:
        raise UsageError(
            f"--boundary={typed}: not a boundary",
            hint="up to 70 letters, digits and '()+_,-./:=? (RFC 2046, 5.1.1)",
        )
    return typed


def _part(item: Item, files: Files) -> FormPart:
    name = _quoted(item.key)
    if item.kind is not ItemKind.FILE:
        head = f'Content-Disposition: form-data; name="{name}"'
        return FormPart(head.encode(), BytesBody(form_value(item, files).encode()))
    upload = upload_of(item)
    filename = upload.filename
    if filename is None:
        filename = os.path.basename(upload.path)
    lines = [f'Content-Disposition: form-data; name="{name}"; filename="{_quoted(filename)}"']
    media_type = upload.media_type or guess(upload.path)
    if media_type is not None:
        lines.append(f"Content-Type: {media_type}")
    return FormPart("\r\n".join(lines).encode("utf-8", "surrogateescape"), _content(upload, files))


def _content(upload: FileItemValue, files: Files) -> FileBody | StdinBody:
    """Name what the part holds: a file, or (``-``) standard input: a text sent as a file."""
    if upload.path == "-":
        return StdinBody()
    return FileBody(files.path(upload.path), files.size(upload.path))


def _quoted(text: str) -> str:
    for mark, escape in _ESCAPES.items():
        text = text.replace(mark, escape)
    return text


# A file as the whole body: ``@path``.


def from_file(sources: BodySources) -> PlannedBody:
    """Name the file; it is read while it is sent. Raises UsageError if it cannot be."""
    upload = upload_of(next(item for item in sources.items if item.kind is ItemKind.FILE))
    if upload.path == "-":
        raise UsageError("@- is no file", hint="-T - sends standard input")
    media_type = upload.media_type
    if media_type is None:
        media_type = JSON_TYPE if sources.options.switch("json") else guess(upload.path)
    body = FileBody(sources.files.path(upload.path), sources.files.size(upload.path))
    return PlannedBody(body, media_type=media_type)


# A body from the command line, literally: ``--raw``.


def from_option(sources: BodySources) -> PlannedBody:
    """Encode the text. Raises UsageError where it is not UTF-8."""
    text = sources.options.text("raw") or ""
    if not text:
        return PlannedBody(BytesBody(b""), "*/*", None)  # nothing is no JSON
    try:
        return PlannedBody(BytesBody(text.encode()))
    except UnicodeEncodeError:
        raise UsageError(
            "--raw: the text is not UTF-8", hint="send bytes from a file: @FILE"
        ) from None


# A body from where ``--upload-file`` says: a file, standard input (``-``), or a URL.


_URL = re.compile(r"https?://", re.IGNORECASE)


def from_upload_option(sources: BodySources) -> PlannedBody:
    """Name the source; it is read while it is sent. Raises UsageError."""
    path = sources.options.text("upload-file") or ""
    if path == "-":
        return PlannedBody(_standard_input(sources), "*/*", None)
    if _URL.match(path):
        return PlannedBody(_relay(path, sources), "*/*", None)
    if not path:
        raise UsageError("--upload-file names no file", hint="-T PATH, -T - or -T URL")
    body: Body = FileBody(sources.files.path(path), sources.files.size(path))
    return PlannedBody(body, "*/*", guess(path))


def _relay(url: str, sources: BodySources) -> BodyFromUrl:
    if sources.options.switch("offline"):
        raise UsageError("-T URL: offline there is nothing to fetch it with")
    source = parse_target(url)
    return BodyFromUrl(source.url, source.user or "", source.password or "")


def _standard_input(sources: BodySources) -> StdinBody:
    stdin = sources.stdin
    if stdin.kind is StreamKind.CLOSED:
        raise UsageError("-T -: standard input is closed")
    known = stdin.kind in (StreamKind.FILE, StreamKind.PARTLY_READ)
    return StdinBody(length=stdin.size if known else None)


# A body from standard input.


def from_standard_input(sources: BodySources) -> PlannedBody:
    """Say that stdin is the body: of known length where it is a file."""
    stdin = sources.stdin
    return PlannedBody(StdinBody(length=stdin.size if stdin.kind is StreamKind.FILE else None))


# What ``--compress`` asks for.


def compression_of(options: TypedOptions, fields: Fields) -> Compression:
    """Return the coding: ``--compress=CODING``, or alone, twice to force it. Raises UsageError."""
    typed = options.texts("compress")
    if fields.has("Content-Encoding"):
        raise UsageError(
            "--compress and Content-Encoding exclude each other",
            hint="content that is compressed already goes with its Content-Encoding alone",
        )
    coding = next((value.lower() for value in reversed(typed) if value), next(iter(ENCODERS)))
    if coding not in ENCODERS:
        raise UsageError(f"--compress={coding}: unknown coding", hint=", ".join(ENCODERS))
    return Compression(coding, force=len(typed) > 1)
