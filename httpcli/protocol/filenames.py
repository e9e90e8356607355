"""Chooses a safe file name for a download, from Content-Disposition (RFC 6266) or the URL.

A safe name has no directory and no control characters, is not hidden, is not the name of a
device on another system, is not that of a part file or sidecar of another download, and is
neither an option nor a home directory for other programs.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING
from unicodedata import category, normalize
from urllib.parse import unquote_to_bytes

from httpcli.core.escaping import is_unsafe
from httpcli.protocol.media_types import file_extension, parse_media_type, parse_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from httpcli.core.headers import Fields
    from httpcli.core.url import Url


_EXTENDED = re.compile(r"([^']*)'[^']*'((?:[^%\s]|%[0-9A-Fa-f]{2})+)")
"""``charset'language'percent-encoded`` (RFC 8187, 3.2)."""
_PERCENT_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1", "us-ascii": "ascii"}


def filename_from_disposition(value: str) -> str | None:
    """Return the file name in a Content-Disposition header; None without a valid one.

    ``value`` is encoded as in ``core.headers.Field``. A valid ``filename*`` goes before
    ``filename`` (RFC 6266, 4.3). The name is not safe: pass it to ``sanitize``.
    """
    # Some servers omit "attachment;" and send only the parameter.
    head, _, _ = value.partition(";")
    parameters = parse_parameters(f";{value}" if "=" in head else value[len(head) :])
    extended = parameters.get("filename*")
    name = None if extended is None else _decode_extended(extended)
    if name is None:
        name = _joined_name(parameters)
    if name is None and "filename" in parameters:
        name = decode_filename(parameters["filename"].encode("utf-8", "surrogateescape"))
        name = _without_percent_escapes(name)
    return name or None


def _joined_name(parameters: Mapping[str, str]) -> str | None:
    """Return the name from ``filename*0``, ``filename*1*``, … (RFC 2231, 3); None if invalid."""
    pieces: list[bytes] = []
    charset = "utf-8"
    for number in count():
        plain, encoded = f"filename*{number}", f"filename*{number}*"
        if encoded in parameters:
            text = parameters[encoded]
            if number == 0:
                charset, _, text = text.partition("'")
                text = text.partition("'")[2]
            pieces.append(unquote_to_bytes(text))
        elif plain in parameters:
            pieces.append(parameters[plain].encode("utf-8", "surrogateescape"))
        else:
            break
    try:
        return b"".join(pieces).decode(_CHARSETS[charset.lower()]) if pieces else None
    except (KeyError, UnicodeError):
        return None


def _without_percent_escapes(name: str) -> str:
    """Decode a name that is percent-encoded UTF-8, which browsers accept in ``filename`` too."""
    if not _PERCENT_ESCAPE.search(name):
        return name
    try:
        return unquote_to_bytes(name).decode()
    except UnicodeError:
        return name


def _decode_extended(text: str) -> str | None:
    match = _EXTENDED.fullmatch(text)
    if match is None or match[1].lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(match[2]).decode(_CHARSETS[match[1].lower()])
    except UnicodeError:
        return None


def decode_filename(name: bytes) -> str:
    """Decode a name as UTF-8, else as Latin-1, as browsers do."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")


PART_SUFFIX = ".part"
"""The end of the name of a part file: an incomplete download."""
SIDECAR_SUFFIX = ".part.json"
"""The end of the name of a sidecar, which lists the bytes of a part file."""
NEW_SIDECAR_SUFFIX = ".part.json.new"
"""The end of the name of a sidecar while it is written."""
OWN_SUFFIXES = (PART_SUFFIX, SIDECAR_SUFFIX, NEW_SIDECAR_SUFFIX)

MAX_NAME_SIZE = 255
"""The size limit of names in bytes on nearly all file systems."""
_MAX_EXTENSION_SIZE = 24
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
)
_CONTROL_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION_MARKS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Characters that change the direction of text, which can hide a name's extension."""
_SPECIAL_NAMES = frozenset({"-", "~"})
"""Names that many programs take for standard output and the home directory."""

_SPECIAL_STARTS = ("-", "~")
"""Programs take ``-rf`` for options, and shells ``~name`` for a home directory."""


def download_name(url: Url, fields: Fields) -> str:
    """Return the file name for a response to the typed ``url``.

    It is the name in Content-Disposition, else the last segment of the URL, else ``index``
    with the extension of the media type. The URLs of redirects are not used.
    """
    disposition = fields.single("Content-Disposition")
    suggested = None if disposition is None else filename_from_disposition(disposition)
    return sanitize(suggested or "") or sanitize(_last_segment(url)) or _index_name(fields)


def sanitize(name: str) -> str:
    """Return a safe form of a name; empty if no character is safe."""
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = "".join(
        character
        for character in name
        if category(character) not in _CONTROL_CATEGORIES and character not in _DIRECTION_MARKS
    )
    # Before the checks: Windows ignores dots and blanks at the end, as in "CON.".
    name = name.strip().lstrip(". ").rstrip(". ")
    if name in _SPECIAL_NAMES:
        return ""
    if name.startswith(_SPECIAL_STARTS) or name.partition(".")[0].rstrip().upper() in _DEVICES:
        name = f"_{name}"
    return _without_own_suffix(shorten(name).rstrip(". "))


def _without_own_suffix(name: str) -> str:
    """Return a name that is not the name of a part file or sidecar of another download."""
    if not has_own_suffix(name):
        return name
    return _truncate(name, MAX_NAME_SIZE - 1) + "_"


def has_own_suffix(name: str) -> bool:
    """Return whether a file system may take a name for that of a part file or sidecar.

    Some file systems ignore case, compatibility forms (NFKC), invisible characters, and dots
    and blanks at the end.

    >>> [has_own_suffix(name) for name in ("a.part", "a.PART.json", "a.part. ", "a.partial")]
    [True, True, True, False]
    """
    visible = "".join(
        character for character in name if category(character) != "Cf" and not is_unsafe(character)
    )
    return normalize("NFKC", visible).casefold().rstrip(". ").endswith(OWN_SUFFIXES)


def add_number(name: str, number: int) -> str:
    """Return a name with a number: ``NAME-1.ext``, ``NAME-1.tar.gz``."""
    stem, extension = split_extension(name)
    suffix = f"-{number}{extension}"
    return _truncate(stem, MAX_NAME_SIZE - _size(suffix)) + suffix


def shorten(name: str, max_size: int = MAX_NAME_SIZE) -> str:
    """Return a name of at most ``max_size`` bytes: the end of a longer stem is cut off."""
    if _size(name) <= max_size:
        return name
    stem, extension = split_extension(name)
    return _truncate(stem, max_size - _size(extension)) + extension


def split_extension(name: str) -> tuple[str, str]:
    """Return the stem and the extension with its dot; ``.tar.gz`` is one extension."""
    stem, dot, last = name.rpartition(".")
    if not stem or _size(last) > _MAX_EXTENSION_SIZE:
        return name, ""
    if stem.lower().endswith(".tar") and stem[:-4]:
        return stem[:-4], f"{stem[-4:]}{dot}{last}"
    return stem, f"{dot}{last}"


def _size(text: str) -> int:
    """Return the size in bytes. A typed name may contain bytes that are not UTF-8."""
    return len(text.encode("utf-8", "surrogateescape"))


def _truncate(text: str, max_size: int) -> str:
    """Return the whole characters that fit into ``max_size`` bytes."""
    if _size(text) <= max_size:
        return text
    return text.encode("utf-8", "surrogateescape")[:max_size].decode(errors="ignore")


def _last_segment(url: Url) -> str:
    name = url.path.rpartition("/")[2]
    if ";" in name:  # a session's key, which the names of files must not show
        from httpcli.protocol.redact_urls import without_secret_parameters

        name = without_secret_parameters(name)
    return decode_filename(unquote_to_bytes(name))


def _index_name(fields: Fields) -> str:
    media_type = parse_media_type(fields.first("Content-Type") or "")
    extension = file_extension(media_type)
    return f"index.{extension}" if extension else "index"
