"""Tells content that is no text by its bytes, and says so in one line.

By a table, not by a library: those that there are bring thousands of rows or
read the system's files, and a person only needs to be spared what is no text.
"""

from __future__ import annotations

import codecs
from typing import Final

from httpcli.core.escaping import escape_controls
from httpcli.protocol.media_types import MediaType

MOST_LOOKED_AT: Final = 1 << 12
ENOUGH: Final = 16
"""Bytes by which a known kind of file shows itself."""

# Files that may have no NUL in their first bytes; those that have need no row.
_BEGINNINGS = (
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"%PDF-",
    b"PK\x03\x04",  # ZIP and all that is made of it
    b"PK\x05\x06",
    b"\x1f\x8b",  # gzip
    b"\x1f\x9d",  # compress
    b"BZh91AY&SY",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",  # zstd
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x7fELF",
    b"ID3\x03",  # MP3
    b"ID3\x04",
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"PAR1\x15",
)
_RIFF = b"RIFF"
_IN_RIFF = (b"WEBP", b"WAVE", b"AVI ")

# What no text has: WHATWG MIME Sniffing, 3, less what old pages and sequences have.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\b\t\n\v\f\r\x1b\x1e"})
_MOST_IN_TEXT = 0.3
_MOST_IN_BYTES = 0.05
"""Share of controls in text that can be decoded, and in what can not."""

_BINARY_TYPES = frozenset({"audio", "font", "image", "video"})
_BINARY_WORDS = frozenset(
    {
        *("avro", "cbor", "grpc", "msgpack", "parquet", "proto", "protobuf", "thrift"),
        *("gzip", "pdf", "wasm", "zip", "zstd"),
    }
)
"""What the last word of a subtype is; octet-stream says nothing."""
_BETWEEN_WORDS = str.maketrans("+-", "..")
_UNITS = ("kB", "MB", "GB", "TB")


def is_binary(start: bytes, *, told: bool, wide: bool = False, expected: bool = False) -> bool:
    """Tell whether content that begins so is no text.

    ``told``: its charset was, so bytes that are no UTF-8 may be right;
    ``wide``: it is one with NULs. ``expected``: so says the media type; that
    decides where the bytes are too few, and where they might be either.
    """
    if _has_a_known_beginning(start):
        return True
    if wide or not start:
        return False
    if b"\0" in start:
        return True
    seen = start[:MOST_LOOKED_AT]
    text = told or _is_utf_8(seen)
    controls = len(seen) - len(seen.translate(None, _CONTROLS))
    most = _MOST_IN_TEXT if text and not expected else _MOST_IN_BYTES
    if controls > most * len(seen):
        return True
    return expected and (len(start) < ENOUGH or not text)


def expects_binary(media: MediaType) -> bool:
    """Tell whether content of that type is hardly ever text; SVG is."""
    if media.suffix in ("json", "xml"):
        return False
    last = media.subtype.translate(_BETWEEN_WORDS).rpartition(".")[2]
    return media.type in _BINARY_TYPES or last in _BINARY_WORDS


def binary_notice(media: MediaType, length: str, *, received: bool) -> str:
    """Return what is shown instead of binary content; ``length`` is in bytes, empty if unknown."""
    facts = [escape_controls(media.essence) or "unknown type"]
    if length.isascii() and length.isdigit():
        facts.append(_size(length))
    advice = "; save it with -o FILE, or pipe it" if received else ""
    return f"(binary content: {', '.join(facts)}{advice})"


def _has_a_known_beginning(start: bytes) -> bool:
    """Look the beginning up."""
    return start.startswith(_BEGINNINGS) or (start.startswith(_RIFF) and start[8:12] in _IN_RIFF)


def _is_utf_8(start: bytes) -> bool:
    """Tell whether it can be decoded, but for a character that is cut."""
    try:
        codecs.utf_8_decode(start, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def _size(digits: str) -> str:
    """Return a number of bytes for people, in powers of a thousand.

    >>> _size("12345")
    '12.3 kB'
    """
    if len(digits) > 18:
        return f"{digits[:40]} bytes"
    size = float(digits)
    if size < 1000:
        return f"{digits} byte{'' if size == 1 else 's'}"
    for unit in _UNITS:
        size /= 1000
        if size < 999.95 or unit == _UNITS[-1]:
            return f"{size:.1f} {unit}"
    return digits
