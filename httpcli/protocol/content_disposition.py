"""Reads which name a response asks to be saved under (Content-Disposition, RFC 6266)."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from httpcli.protocol.media_types import parameters_of

_EXTENDED = re.compile(r"([^']*)'[^']*'((?:[^%\s]|%[0-9A-Fa-f]{2})+)")
"""``charset'language'percent-encoded`` (RFC 8187, 3.2)."""
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1", "us-ascii": "ascii"}


def filename_of(value: str) -> str | None:
    """Return the name as the server has it, None where there is none that can be read.

    ``value`` is a field's, as ``model.fields.Field`` holds it. ``filename*`` goes
    before ``filename`` (RFC 6266, 4.3), unless it is broken. The name may hold
    anything: see ``protocol.filenames``.
    """
    # Some servers leave out the disposition, and begin with the parameter.
    head, _, _ = value.partition(";")
    parameters = parameters_of(f";{value}" if "=" in head else value[len(head) :])
    extended = parameters.get("filename*")
    name = None if extended is None else _extended(extended)
    if name is None and "filename" in parameters:
        name = readable(parameters["filename"].encode("utf-8", "surrogateescape"))
    return name or None


def _extended(text: str) -> str | None:
    match = _EXTENDED.fullmatch(text)
    if match is None or match[1].lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(match[2]).decode(_CHARSETS[match[1].lower()])
    except UnicodeError:
        return None


def readable(name: bytes) -> str:
    """Return a name as text: what is not UTF-8 is Latin-1, as browsers read it."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
