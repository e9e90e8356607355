"""Detects binary bodies by their first bytes, and formats the notice shown in place of one.

A small table, not a library: libraries bring thousands of file types or read the system's
database, and here it only matters that a terminal gets text.
"""

from __future__ import annotations

import codecs
from typing import Final

from httpcli.core.escaping import escape_controls
from httpcli.protocol.media_types import MediaType

_MAX_EXAMINED: Final = 1 << 12
"""Bytes that are examined for control characters and UTF-8."""
SIGNATURE_SIZE: Final = 16
"""Bytes that identify any file type of the table."""

# File types that may have no NUL in their first bytes. Others are detected by the NUL.
_SIGNATURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"%PDF-",
    b"PK\x03\x04",  # ZIP and formats based on it
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

# Control characters that no text has (WHATWG MIME Sniffing, 3), without those of old pages,
# escape sequences and JSON text sequences.
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\b\t\n\v\f\r\x1b\x1e"})
_MAX_CONTROLS_IN_TEXT = 0.3
"""Share of control characters in decodable text."""
_MAX_CONTROLS_IN_BYTES = 0.05
"""Share of control characters in other bytes."""

_BINARY_TYPES = frozenset({"audio", "font", "image", "video"})
_BINARY_WORDS = frozenset(
    {
        *("avro", "cbor", "grpc", "msgpack", "parquet", "proto", "protobuf", "thrift"),
        *("gzip", "pdf", "wasm", "zip", "zstd"),
    }
)
"""The last words of binary subtypes. Not octet-stream: servers send any file as that."""
_SEPARATORS = str.maketrans("+-", "..")
_UNITS = ("kB", "MB", "GB", "TB")


def is_binary(start: bytes, *, declared: bool, wide: bool = False, expected: bool = False) -> bool:
    """Return whether a body that begins with ``start`` is binary.

    ``declared``: its charset is known, so bytes that are not UTF-8 may be correct. ``wide``: text
    in that charset contains NULs. ``expected``: the media type is binary, which decides if there
    are too few bytes, or if they are ambiguous.
    """
    if _has_signature(start):
        return True
    if wide or not start:
        return False
    if b"\0" in start:
        return True
    examined = start[:_MAX_EXAMINED]
    text = declared or _is_utf_8(examined)
    controls = len(examined) - len(examined.translate(None, _CONTROLS))
    max_share = _MAX_CONTROLS_IN_TEXT if text and not expected else _MAX_CONTROLS_IN_BYTES
    if controls > max_share * len(examined):
        return True
    return expected and (len(start) < SIGNATURE_SIZE or not text)


def expects_binary(media: MediaType) -> bool:
    """Return whether bodies of this type are usually binary. SVG is text."""
    if media.suffix in ("json", "xml"):
        return False
    last = media.subtype.translate(_SEPARATORS).rpartition(".")[2]
    return media.type in _BINARY_TYPES or last in _BINARY_WORDS


def binary_notice(media: MediaType, length: str, *, received: bool) -> str:
    """Return the notice for a binary body. ``length``: bytes in digits, "" if unknown."""
    facts = [escape_controls(media.essence) or "unknown type"]
    if length.isascii() and length.isdigit():
        facts.append(_size(length))
    advice = "; save it with -o FILE, or pipe it" if received else ""
    return f"(binary body: {', '.join(facts)}{advice})"


def _has_signature(start: bytes) -> bool:
    """Return whether the bytes are those of a known binary file type."""
    return start.startswith(_SIGNATURES) or (start.startswith(_RIFF) and start[8:12] in _IN_RIFF)


def _is_utf_8(start: bytes) -> bool:
    """Return whether the bytes are UTF-8, apart from an incomplete last character."""
    try:
        codecs.utf_8_decode(start, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def _size(digits: str) -> str:
    """Return a number of bytes in units of powers of a thousand.

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
