"""Reads a file that is being sent, and notices when it changes under way."""

from __future__ import annotations

from collections.abc import Iterator
from io import RawIOBase

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus

_PIECE = 256 * 1024


def file_pieces(path: str, size: int | None) -> Iterator[bytes]:
    """Give a file's bytes, exactly ``size`` of them; all there are where it is None.

    Raises HttpcliError with status LOCAL where the file cannot be read or has
    shrunk or grown: the length was announced, and a body that only looks whole
    must not arrive.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            if size is None:
                yield from iter(lambda: file.read(_PIECE), b"")
            else:
                yield from _exactly(file, path, size)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise HttpcliError(f"{path}: cannot be read: {reason}", status=ExitStatus.LOCAL) from None


def _exactly(file: RawIOBase, path: str, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = file.read(min(_PIECE, left))
        if not piece:
            raise _changed(path, f"shrank by {left} bytes")
        left -= len(piece)
        if not left and file.read(1):
            raise _changed(path, "grew")
        yield piece


def _changed(path: str, how: str) -> HttpcliError:
    return HttpcliError(
        f"{path}: {how} while it was sent",
        hint="send a copy, or pipe it in: httpcli POST URL < FILE",
        status=ExitStatus.LOCAL,
    )
