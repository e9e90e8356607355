"""Reads and writes the sidecar of a part file: which bytes are there, of which representation.

A sidecar is private, because a URL can contain a secret. A rename puts it in place, so it is
never half-written. Only the run that has locked the part file may write it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from httpcli.core.download import PartialState, Span, Spans

_CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o600
_MAX_SIZE = 1 << 20
"""Bytes; a larger sidecar is not from this program."""
_LAYOUT = 1
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


def read(path: str) -> PartialState | None:
    """Return the state in a sidecar; None unless it is valid and belongs to this user."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        is_own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        if not is_own or status.st_size > _MAX_SIZE:
            return None
        try:
            return _parse(json.loads(file.read(_MAX_SIZE)))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None


def write(path: str, state: PartialState, synced: Iterable[Span] = ()) -> None:
    """Replace a sidecar. Raises OSError.

    ``synced`` are the spans that were synced to the disk. If the machine crashes, ``read``
    returns only these after the next boot.
    """
    new = f"{path}.new"
    with suppress(FileNotFoundError):  # left by a killed run, or planted as a trap
        os.unlink(new)
    fd = os.open(new, _CREATE_FLAGS, _PRIVATE)
    try:
        with open(fd, "wb") as file:
            text = json.dumps(_document(state, synced), indent=1)
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


def _parse(document: dict[str, object]) -> PartialState:
    """Return the state in a document. Raises ValueError, TypeError, KeyError if invalid."""
    is_same_boot = document["boot"] == boot_id() != ""
    coding = document.get("coding")  # older versions did not store it
    size, spans = document["size"], document["done" if is_same_boot else "synced"]
    if document["layout"] != _LAYOUT or not (size is None or _is_offset(size)):
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
        raise TypeError("not a text")
    return value
