"""Reads which name a response asks to be saved under (Content-Disposition, RFC 6266)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category
from urllib.parse import unquote_to_bytes

from httpcli.protocol import media_types as mediatypes
from httpcli.protocol.media_types import parse_parameters

if TYPE_CHECKING:
    from httpcli.core.headers import Fields
    from httpcli.core.url import Url


_EXTENDED = re.compile(r"([^']*)'[^']*'((?:[^%\s]|%[0-9A-Fa-f]{2})+)")
"""``charset'language'percent-encoded`` (RFC 8187, 3.2)."""
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1", "us-ascii": "ascii"}


def filename_from_disposition(value: str) -> str | None:
    """Return the name as the server has it, None where there is none that can be read.

    ``value`` is a field's, as ``model.fields.Field`` holds it. ``filename*`` goes
    before ``filename`` (RFC 6266, 4.3), unless it is broken. The name may hold
    anything: see ``protocol.filenames``.
    """
    # Some servers leave out the disposition, and begin with the parameter.
    head, _, _ = value.partition(";")
    parameters = parse_parameters(f";{value}" if "=" in head else value[len(head) :])
    extended = parameters.get("filename*")
    name = None if extended is None else _extended(extended)
    if name is None and "filename" in parameters:
        name = decode_filename(parameters["filename"].encode("utf-8", "surrogateescape"))
    return name or None


def _extended(text: str) -> str | None:
    match = _EXTENDED.fullmatch(text)
    if match is None or match[1].lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(match[2]).decode(_CHARSETS[match[1].lower()])
    except UnicodeError:
        return None


def decode_filename(name: bytes) -> str:
    """Return a name as text: what is not UTF-8 is Latin-1, as browsers read it."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")


# The name under which a response is saved, and what a server may not do with it.
#
# Whatever a server sends becomes one plain name: no directory, nothing hidden, nothing that a
# terminal obeys, nothing that is a device on another system.


LONGEST = 255
"""Bytes in a name, on nearly every file system."""
_LONGEST_EXTENSION = 24
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of text: ``gpj.exe`` would be shown as ``exe.jpg``."""
_MEANT_OTHERWISE = frozenset({"-", "~"})
"""Standard output, and a home directory."""


def download_name(url: Url, fields: Fields) -> str:
    """Return the name for what ``url``, as the user typed it, was answered with.

    Content-Disposition goes before the URL's last segment, and that before
    ``index`` with the extension of the media type. A redirect's target has no say.
    """
    disposition = fields.first("Content-Disposition")
    suggested = None if disposition is None else filename_from_disposition(disposition)
    return sanitize(suggested or "") or sanitize(_last_segment(url)) or _index(fields)


def sanitize(name: str) -> str:
    """Return a name with nothing in it that could do harm; empty where none is left."""
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(each for each in name if category(each) not in _UNSEEN and each not in _TURNING)
    # Windows drops dots and blanks at the end: what they hide is looked at without them.
    name = name.strip().lstrip(". ").rstrip(". ")
    if name in _MEANT_OTHERWISE:
        return ""
    if name.partition(".")[0].rstrip().upper() in _DEVICES:
        name = f"_{name}"
    return shorten(name).rstrip(". ")


def add_number(name: str, number: int) -> str:
    """Return another name for one that is taken: ``NAME-1.ext``, ``NAME-1.tar.gz``."""
    stem, extension = split_extension(name)
    mark = f"-{number}{extension}"
    return _within(stem, LONGEST - _size(mark)) + mark


def shorten(name: str, most: int = LONGEST) -> str:
    """Return a name of at most ``most`` bytes; what is too long loses the end of its stem."""
    if _size(name) <= most:
        return name
    stem, extension = split_extension(name)
    return _within(stem, most - _size(extension)) + extension


def split_extension(name: str) -> tuple[str, str]:
    """Return the stem and the extension with its dot; ``.tar.gz`` and its like are one."""
    stem, dot, last = name.rpartition(".")
    if not stem or _size(last) > _LONGEST_EXTENSION:
        return name, ""
    if stem.lower().endswith(".tar") and stem[:-4]:
        return stem[:-4], f"{stem[-4:]}{dot}{last}"
    return stem, f"{dot}{last}"


def _size(text: str) -> int:
    """Return its bytes as the file system counts them; a name as typed may be no UTF-8."""
    return len(text.encode("utf-8", "surrogateescape"))


def _within(text: str, most: int) -> str:
    """Return what fits into that many bytes; no character is broken."""
    if _size(text) <= most:
        return text
    return text.encode("utf-8", "surrogateescape")[:most].decode(errors="ignore")


def _last_segment(url: Url) -> str:
    return decode_filename(unquote_to_bytes(url.path.rpartition("/")[2]))


def _index(fields: Fields) -> str:
    media_type = mediatypes.parse_media_type(fields.first("Content-Type") or "")
    extension = mediatypes.file_extension(media_type)
    return f"index.{extension}" if extension else "index"
