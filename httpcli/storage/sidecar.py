"""Reads and writes the sidecar of a part file: which bytes are there, of which representation.

A sidecar is private, because a URL can contain a secret. A rename puts it in place, so it is
never half-written. Only the run that has locked the part file may write it.

A sidecar is proven if it is authenticated with the user's key (``resume_key``) together with this
part file: its name, its inode number, and samples of its bytes. Any other sidecar may come from a
server, from an archive or from another machine; only ``--continue=trust`` or a checksum lets it
be used.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

from httpcli.core.download import PartialState, Span, Spans
from httpcli.core.named_tuple import NamedTuple

_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o600
_MAX_SIZE = 1 << 20
"""Bytes; a larger sidecar is not from this program."""
_LAYOUT = 2
_UNAUTHENTICATED_LAYOUT = 1
"""The layout of older versions, without a code."""
_CODES = {"done": "code", "synced": "synced_code"}
"""For each list of spans, the key of the authentication code, in hexadecimal."""
_SAMPLES = 32
_SAMPLE_SIZE = 4096
_BOOT_ID_PATH = "/proc/sys/kernel/random/boot_id"


def boot_id() -> str:
    """Return the ID of this boot of the machine; empty if the system does not report it.

    Bytes written since the boot can be read from the file even if they were not synced.
    """
    try:
        with open(_BOOT_ID_PATH, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""


class Owner(NamedTuple):
    """What a sidecar is authenticated with."""

    key: bytes | None
    """The user's key; None if there is none."""
    part_name: str
    """The name of the part file, without its directory."""
    fd: int
    """The descriptor of the part file, for its inode number and samples of its bytes."""


class SavedState(NamedTuple):
    """The content of a sidecar."""

    state: PartialState
    is_proven: bool
    """Whether this program wrote the sidecar for this part file."""


def read(path: str, owner: Owner | None = None) -> SavedState | None:
    """Return the content of a sidecar; None unless it is valid and belongs to this user.

    Without an ``owner`` it is not proven.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        is_own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        if not is_own or status.st_size > _MAX_SIZE:
            return None
        # closefd=False: for a directory, open() raises an error and leaves the descriptor open.
        with open(fd, "rb", closefd=False) as file:
            document = json.loads(file.read(_MAX_SIZE))
        return SavedState(_parse(document), owner is not None and _is_proven(document, owner))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    finally:
        os.close(fd)


def write(
    path: str, state: PartialState, synced: Iterable[Span] = (), owner: Owner | None = None
) -> None:
    """Replace a sidecar. Raises OSError.

    With an ``owner`` that has a key it is authenticated, so that it can be proven.
    ``synced`` are the spans that were synced to the disk. If the machine crashes, ``read``
    returns only these after the next boot.
    """
    new = f"{path}.new"
    with suppress(FileNotFoundError):  # left by a killed run, or planted as a trap
        os.unlink(new)
    fd = os.open(new, _CREATE_FLAGS, _PRIVATE)
    try:
        with open(fd, "wb") as file:
            document = _document(state, synced)
            if owner is not None and owner.key is not None:
                codes = {_CODES[name]: _code(document, name, owner.key, owner) for name in _CODES}
                document.update(codes)
            text = json.dumps(document, indent=1)
            file.write(text.encode("utf-8", "surrogateescape"))
        os.replace(new, path)
    except OSError:
        with suppress(OSError):
            os.unlink(new)
        raise


def remove(path: str) -> None:
    """Remove a sidecar if it exists."""
    for file in (path, f"{path}.new"):
        with suppress(OSError):
            os.unlink(file)


def _is_proven(document: dict[str, object], owner: Owner) -> bool:
    spans_name = _current_spans(document)
    code = document.get(_CODES[spans_name])
    if owner.key is None or document["layout"] != _LAYOUT or not isinstance(code, str):
        return False
    import hmac

    expected = _code(document, spans_name, owner.key, owner)
    return hmac.compare_digest(code.encode("utf-8", "surrogateescape"), expected.encode())


def _code(document: dict[str, object], spans_name: str, key: bytes, owner: Owner) -> str:
    """Return the authentication code of a document, for this part file.

    ``spans_name``: the spans of whose bytes samples are authenticated too.
    """
    import hmac

    content = {name: value for name, value in document.items() if name not in _CODES.values()}
    inode = os.fstat(owner.fd).st_ino
    text = json.dumps([content, spans_name, owner.part_name, inode], sort_keys=True)
    seed = hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256")
    samples = b"".join(_samples(owner.fd, document[spans_name], seed))
    return hmac.digest(key, seed + samples, "sha256").hex()


def _samples(fd: int, spans: object, seed: bytes) -> Iterator[bytes]:
    """Yield blocks of the bytes in the spans, at positions that only the key's owner knows.

    An inode number is used again when a file is deleted, so it alone does not prove a file.
    """
    merged = [Span(start, end) for start, end in spans] if isinstance(spans, list) else []
    total = sum(span.length for span in merged)
    for number in range(_SAMPLES if total else 0):
        start = int.from_bytes(hashlib.sha256(seed + bytes([number])).digest()) % total
        for span in merged:
            if start < span.length:
                count = min(_SAMPLE_SIZE, span.length - start)
                yield os.pread(fd, count, span.start + start)
                break
            start -= span.length


def _current_spans(document: dict[str, object]) -> str:
    """Return the key of the spans that are certain to be in the part file."""
    return "done" if document["boot"] == boot_id() != "" else "synced"


def _document(state: PartialState, synced: Iterable[Span]) -> dict[str, object]:
    return {
        "layout": _LAYOUT,
        "url": state.url,
        "size": state.size,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "date": state.date,
        "checksum": state.checksum,
        "coding": state.coding,
        "done": [list(span) for span in state.spans],
        "synced": [list(span) for span in synced],
        "boot": boot_id(),
    }


def _parse(document: object) -> PartialState:
    """Return the state in a document. Raises ValueError, TypeError, KeyError if invalid."""
    if not isinstance(document, dict):
        raise TypeError("not an object")
    coding = document.get("coding")  # older versions did not store it
    size, spans = document["size"], document[_current_spans(document)]
    if document["layout"] not in (_LAYOUT, _UNAUTHENTICATED_LAYOUT) or not (
        size is None or _is_offset(size)
    ):
        raise ValueError("not a layout of ours")
    if not isinstance(spans, list):
        raise TypeError("no list of spans")
    merged = Spans()
    for start, end in spans:
        if not (_is_offset(start) and _is_offset(end) and start < end):
            raise ValueError("not a span")
        merged.add(start, end)
    return PartialState(
        url=_text(document["url"]),
        size=size if isinstance(size, int) else None,
        etag=_text(document["etag"]),
        last_modified=_text(document["last_modified"]),
        date=_text(document["date"]),
        spans=tuple(merged),
        checksum=_text(document["checksum"]),
        coding=None if coding is None else _text(coding),
    )


def _is_offset(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value
