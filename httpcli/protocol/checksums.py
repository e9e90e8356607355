"""Parses typed checksums, lists such as SHA256SUMS, and digest headers (RFC 9530)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import TYPE_CHECKING

from httpcli.core.download import Checksum

if TYPE_CHECKING:
    from httpcli.core.headers import Fields

_TYPED = re.compile(r"([A-Za-z0-9_/-]+)[:=]([0-9A-Fa-f]+)")
_COREUTILS = re.compile(r"(\\?)([0-9A-Fa-f]{8,})(?: [ *]|\t+| +)(.+)")
"""``HEX  NAME`` or ``HEX *NAME``. A backslash before it means that the name has escapes."""
_TAGGED = re.compile(r"(\\?)([A-Za-z0-9/-]+) ?\((.+)\) ?= ?([0-9A-Fa-f]{8,})")
"""``SHA256 (NAME) = HEX``."""
_ESCAPE = re.compile(r"\\([\\nr])")
_ESCAPED = {"\\": "\\", "n": "\n", "r": "\r"}
_BY_LENGTH = {16: "md5", 20: "sha1", 28: "sha224", 32: "sha256", 48: "sha384", 64: "sha512"}
_ALGORITHM_IN_NAME = re.compile(
    r"(sha3[-_]\d{3}|sha512[-_/]2\d\d|sha\d{1,3}|md5|b2|blake2[bs])(?=sums?\b|$)", re.IGNORECASE
)
_NAME_ALIASES = {"b2": "blake2b"}
_DIGEST_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}
"""The secure algorithms of RFC 9530, preferred one first, and hashlib's names."""
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)\s*=\s*:([A-Za-z0-9+/]*={0,2}):(?:\s*;[^,]*)?")
"""A dictionary member whose value is a byte sequence (RFC 8941, 3.2 and 3.3.5)."""


class Hashes:
    """Hashes of the same bytes, by several algorithms of hashlib, computed in one pass."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashes = {
            name: hashlib.new(name, usedforsecurity=False) for name in dict.fromkeys(algorithms)
        }

    def update(self, data: bytes | memoryview) -> None:
        """Hash more bytes."""
        for each in self._hashes.values():
            each.update(data)  # releases the GIL

    def digests(self) -> dict[str, bytes]:
        """Return the hash of all bytes so far, for each algorithm."""
        return {name: each.digest() for name, each in self._hashes.items()}


def contradiction(checksums: Iterable[Checksum]) -> tuple[Checksum, Checksum] | None:
    """Return two checksums of one algorithm that no file can have both; None without any."""
    by_algorithm: dict[str, Checksum] = {}
    for checksum in checksums:
        first = by_algorithm.setdefault(checksum.algorithm, checksum)
        if first.digest != checksum.digest:
            return first, checksum
    return None


def parse_checksum(text: str) -> Checksum | None:
    """Parse ``ALGORITHM:HEX``; None if the text has another form.

    Raises ValueError, with a one-line message, for an unknown algorithm or a wrong
    number of digits.
    """
    match = _TYPED.fullmatch(text)
    if match is None:
        return None
    name = find_algorithm(match[1])
    if name is None:
        if len(match[2]) in {2 * length for length in _BY_LENGTH}:
            raise ValueError(f"unknown hash algorithm {match[1]}")
        return None
    length = hashlib.new(name, usedforsecurity=False).digest_size
    if len(match[2]) != 2 * length:
        raise ValueError(f"{name} needs {2 * length} digits, not {len(match[2])}")
    return Checksum(name, bytes.fromhex(match[2]))


def find_algorithm(name: str) -> str | None:
    """Return hashlib's name of an algorithm that is spelled in any way; None if unknown."""
    wanted = _normalized(name)
    for known in hashlib.algorithms_available:
        # SHAKE has no fixed length.
        if _normalized(known) == wanted and not wanted.startswith("shake"):
            return known.lower()
    return None


def find_in_list(text: str, names: Iterable[str], list_name: str = "") -> Checksum | None:
    """Return the checksum of the first of ``names`` that a list contains; None without one.

    A list has the format of ``sha256sum``, with or without ``--tag``, or is a single
    hash without a name. ``list_name`` is the list's file name: an algorithm in it goes
    before the one that the length of a hash suggests.
    """
    lines = [line.strip("\r\n\t \ufeff") for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("#", ";", "-----", "Hash:"))]
    if len(lines) == 1 and re.fullmatch(r"[0-9A-Fa-f]{8,}", lines[0]):
        return _by_length(lines[0], list_name)
    entries = [entry for entry in (_entry(line, list_name) for line in lines) if entry]
    for wanted in names:
        for normalize in (str, _base_name):
            for name, checksum in entries:
                if checksum is not None and normalize(name) == wanted:
                    return checksum
    return None


def checksum_from_fields(fields: Fields, status: int) -> Checksum | None:
    """Return the checksum of the complete file from a response's headers; None without one.

    Repr-Digest is the checksum of the complete file, Content-Digest of the body, which
    is the complete file if the status is 200 (RFC 9530, 2 and 3).
    """
    for name in ("Repr-Digest", "Content-Digest") if status == 200 else ("Repr-Digest",):
        members = _members(", ".join(fields.all_values(name)))
        for key, known in _DIGEST_ALGORITHMS.items():
            if key in members:
                return Checksum(known, members[key], name)
    return None


def _members(value: str) -> dict[str, bytes]:
    """Return the digests of a header; empty if one of them is invalid (RFC 8941, 4.2)."""
    members: dict[str, bytes] = {}
    for part in value.split(","):
        match = _MEMBER.fullmatch(part.strip())
        if match is None:
            return {}
        try:
            digest = b64decode(match[2], validate=True)
        except ValueError:
            return {}
        known = _DIGEST_ALGORITHMS.get(match[1])
        if known and len(digest) != hashlib.new(known).digest_size:
            return {}
        members[match[1]] = digest
    return members


def _entry(line: str, list_name: str) -> tuple[str, Checksum | None] | None:
    if tagged := _TAGGED.fullmatch(line):
        escaped, tag, name, digits = tagged.groups()
        known = find_algorithm(tag)
        return _name(name, escaped), _checksum(known, digits) if known else None
    if plain := _COREUTILS.fullmatch(line):
        escaped, digits, name = plain.groups()
        return _name(name, escaped), _by_length(digits, list_name)
    return None


def _name(name: str, escaped: str) -> str:
    if escaped:
        name = _ESCAPE.sub(lambda match: _ESCAPED[match[1]], name)
    return name.removeprefix("./")


def _by_length(digits: str, list_name: str) -> Checksum | None:
    """Return the checksum, with the algorithm from the list's name or from the length."""
    match = _ALGORITHM_IN_NAME.search(list_name)
    known = find_algorithm(_NAME_ALIASES.get(match[1].lower(), match[1])) if match else None
    return (_checksum(known, digits) if known else None) or _checksum(
        _BY_LENGTH.get(len(digits) // 2), digits
    )


def _checksum(known: str | None, digits: str) -> Checksum | None:
    if known is None or len(digits) % 2:
        return None
    digest = bytes.fromhex(digits)
    is_complete = len(digest) == hashlib.new(known, usedforsecurity=False).digest_size
    return Checksum(known, digest) if is_complete else None


def _base_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _normalized(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace("/", "")
