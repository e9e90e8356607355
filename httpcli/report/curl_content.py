"""A request's content in curl's words."""

from __future__ import annotations

import re
from typing import NamedTuple

from httpcli.core.body import Body, Bytes, Compressed, File, Kept, Multipart, Part, Relay, Stdin
from httpcli.core.escaping import REDACTED
from httpcli.core.exchange import Content
from httpcli.core.headers import Fields
from httpcli.protocol.secret_names import is_secret
from httpcli.report.redact import Hiding
from httpcli.report.shell_quote import printed, quoted

_PART = re.compile(
    r'Content-Disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?'
    r"(?:\r\nContent-Type: ([^\r\n]*))?\Z"
)
_AT_MOST = 64 * 1024
"""Bytes of content that a command line has; the system's limit for a word is about 128 KiB."""
_IN_VALUE = str.maketrans({"\\": r"\\", '"': r"\""})


class Said(NamedTuple):
    """Options for the content; ``before`` stands before ``curl``, with its pipe.

    ``form``: curl makes the media type by itself. ``unsaid``: what is not said.
    """

    groups: list[list[str]]
    before: str = ""
    form: bool = False
    unsaid: tuple[str, ...] = ()


def said(body: Body, fields: Fields, hiding: Hiding | None) -> Said:
    """Return the content in curl's words, less what ``hiding`` hides."""
    match body:
        case Bytes(data):
            return _bytes(data if hiding is None else _hidden(data, fields, hiding))
        case File(path):
            return Said([["--data-binary", f"@{path}"]])
        case Stdin():
            return Said([["--data-binary", "@-"]])
        case Multipart():
            return _multipart(body, fields, hiding)
        case Relay():
            url = str(body.url) if hiding is None else hiding.url(str(body.url))
            user = ["-u", body.user] if body.user else []
            words = " ".join(map(quoted, ["curl", "-fsSL", *user, url]))
            return Said([["--data-binary", "@-"]], f"{words} | ")
        case Kept():
            return said(body.body, fields, hiding)
        case Compressed():
            inner = said(body.body, fields, hiding)
            return inner._replace(unsaid=(*inner.unsaid, "compressing the content"))


def _hidden(data: bytes, fields: Fields, hiding: Hiding) -> bytes:
    return hiding.content(Content(len(data), data), fields, len(data) * 20 + 64).data


def _bytes(data: bytes) -> Said:
    if len(data) > _AT_MOST:
        missing = f"the content is too long for a command line: pipe its {len(data)} bytes in"
        return Said([["--data-binary", "@-"]], unsaid=(missing,))
    if b"\0" in data:
        return Said([["--data-binary", "@-"]], f"{printed(data)} | ")
    return Said([["--data-raw", data.decode("utf-8", "surrogateescape")]])


def _multipart(body: Multipart, fields: Fields, hiding: Hiding | None) -> Said:
    groups: list[list[str]] = []
    unsaid: list[str] = []
    for part in body.parts:
        found = _PART.match(part.head.decode("utf-8", "surrogateescape"))
        words = None if found is None else _part(part, found, hiding)
        if found is None or words is None:
            return _as_bytes(body, fields, hiding)
        groups.append(words)
        if found[2] is not None and found[3] is None:
            unsaid.append(f"the part {found[1]} has no Content-Type, curl gives it one")
    return Said(groups, form=True, unsaid=tuple(unsaid))


def _part(part: Part, head: re.Match[str], hiding: Hiding | None) -> list[str] | None:
    """Return the words for a part, None where curl's syntax has none."""
    name, filename, media_type = head.groups()
    if "=" in name or not name:
        return None
    if isinstance(part.content, Bytes):
        text = part.content.data.decode("utf-8", "surrogateescape")
        if filename is not None or "\0" in text:
            return None
        if hiding is not None:
            text = REDACTED if is_secret(name) else hiding.text(text)
        return ["--form-string", f"{name}={text}"]
    path = "-" if isinstance(part.content, Stdin) else part.content.path
    value = f'{name}=@"{path.translate(_IN_VALUE)}"'
    if filename is not None:
        value += f';filename="{filename.translate(_IN_VALUE)}"'
    if media_type:
        value += f";type={media_type}"
    return ["-F", value]


def _as_bytes(body: Multipart, fields: Fields, hiding: Hiding | None) -> Said:
    """Return multipart content as it is on the wire; where a file is in it, nothing says it."""
    pieces: list[bytes] = []
    for part in body.parts:
        if not isinstance(part.content, Bytes):
            return Said([], unsaid=("the multipart content: curl cannot write one of its names",))
        pieces += [body.delimiter, part.head, b"\r\n\r\n", part.content.data, b"\r\n"]
    data = b"".join([*pieces, body.end])
    return _bytes(data if hiding is None else _hidden(data, fields, hiding))
