"""Reads and writes the files of ``--cookie-jar``."""

from __future__ import annotations

from collections.abc import Mapping

from httpcli.core.cookies import Cookie, CookieFile, CookieKey
from httpcli.storage.cookie_lines import merged, parse_cookies
from httpcli.storage.private_files import read, update

_WHAT = "cookie jar"


def read_cookies(name: str, path: str) -> CookieFile:
    """Return the jar that the user calls ``name``; an empty one where there is no file yet.

    Raises HttpcliError with status LOCAL.
    """
    content = read(path, _WHAT)
    if content is None:
        return CookieFile(name, path)
    cookies = parse_cookies(_text(content.data), name)
    return CookieFile(name, path, cookies, exposed=content.exposed and bool(cookies))


def save_cookies(
    file: CookieFile, changes: Mapping[CookieKey, Cookie | None], now: float
) -> list[Cookie]:
    """Add what a run changed to the file, as it is by now; return what it has no room for.

    Raises HttpcliError with status LOCAL.
    """
    left_out: list[Cookie] = []

    def after(before: bytes | None) -> bytes:
        text, unfit = merged(_text(before or b""), changes, file.name, now)
        left_out.extend(unfit)
        return text.encode("utf-8", "surrogateescape")

    update(file.path, _WHAT, after)
    return left_out


def _text(data: bytes) -> str:
    # Bytes that are no text go to the server as they are.
    return data.decode("utf-8", "surrogateescape")
