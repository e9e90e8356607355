"""Which start of the machine this is: what was written since then is there, synced or not."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from httpcli.core.download import PartialState, Span, Spans

_PLACE = "/proc/sys/kernel/random/boot_id"


def boot_id() -> str:
    """Return a name of the machine's last start; empty where the system does not tell."""
    try:
        with open(_PLACE, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""


# The small file beside a part file that says what the part is of, and how much of it is there.
#
# Private, since a URL can hold a secret; whole at every moment, since it is put in place by a
# rename. Who holds the lock of the part file may write it.


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PRIVATE = 0o600
_LARGEST = 1 << 20
"""Bytes: what is larger was not written here."""
_LAYOUT = 1


def read(path: str) -> PartialState | None:
    """Return what a sidecar says; None where there is none, or none that is this user's own."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        if not own or status.st_size > _LARGEST:
            return None
        try:
            return _partial(json.loads(file.read(_LARGEST)))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None


def write(path: str, partial: PartialState, synced: Iterable[Span] = ()) -> None:
    """Put a new sidecar in the place of the old one. Raises OSError.

    ``synced``: what is on the disk for sure. Should the machine stop before it has
    written the rest, that is all that counts when it is up again.
    """
    new = f"{path}.new"
    with suppress(FileNotFoundError):  # a killed run's, or somebody's trap
        os.unlink(new)
    fd = os.open(new, _NEW, _PRIVATE)
    with open(fd, "wb") as file:
        file.write(
            json.dumps(_layout(partial, synced), indent=1).encode("utf-8", "surrogateescape")
        )
    os.replace(new, path)


def remove(path: str) -> None:
    """Take a sidecar away; one that is not there is no fault."""
    for each in (path, f"{path}.new"):
        with suppress(OSError):
            os.unlink(each)


def _layout(partial: PartialState, synced: Iterable[Span]) -> dict[str, object]:
    return {
        "layout": _LAYOUT,
        "url": partial.url,
        "size": partial.size,
        "etag": partial.etag,
        "last_modified": partial.last_modified,
        "date": partial.date,
        "checksum": partial.checksum,
        "done": [list(span) for span in partial.spans],
        "synced": [list(span) for span in synced],
        "boot": boot_id(),
    }


def _partial(stored: dict[str, object]) -> PartialState:
    """Return what was stored. Raises ValueError, TypeError, KeyError where it is nonsense."""
    same = stored["boot"] == boot_id() != ""
    size, done = stored["size"], stored["done" if same else "synced"]
    if stored["layout"] != _LAYOUT or not (size is None or _is_offset(size)):
        raise ValueError("not a layout of ours")
    if not isinstance(done, list):
        raise TypeError("no list of spans")
    spans = Spans()
    for start, end in done:
        if not (_is_offset(start) and _is_offset(end) and start < end):
            raise ValueError("not a span")
        spans.add(start, end)
    return PartialState(
        url=_text(stored["url"]),
        size=size if isinstance(size, int) else None,
        etag=_text(stored["etag"]),
        last_modified=_text(stored["last_modified"]),
        date=_text(stored["date"]),
        spans=tuple(Span(*span) for span in spans),
        checksum=_text(stored["checksum"]),
    )


def _is_offset(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
