"""The file of cookies that curl, wget, yt-dlp and browsers' extensions share; pure.

Netscape's: a cookie a line, seven fields set apart by tabs: domain, whether
hosts below it get it, path, whether it needs TLS, when it ends (0: with the
session), name and value. ``#HttpOnly_`` stands before the domain of a cookie
that scripts do not see; every other line with ``#`` is a comment. What is not
changed stays byte for byte.

By hand because the standard library's ``http.cookiejar`` loses comments and
``#HttpOnly_`` lines when it writes, and loads 60 modules, a mail parser among them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.session import Cookie, CookieFile, CookieKey
from httpcli.storage.private_files import read_file, update_file

_HEAD = "# Netscape HTTP Cookie File\n# Written by httpcli; curl, wget and yt-dlp read it too.\n\n"
"""Python's reader, and so yt-dlp's, insists on the first line."""
_HTTP_ONLY = "#HttpOnly_"
_FLAGS = {"TRUE": True, "FALSE": False}
_SECONDS = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?\Z")
_PORT = re.compile(r":[0-9]+\Z")
_LATEST = 253_402_300_799.0
"""The last second of the year 9999."""
_WITHOUT_END = 6


class _NotACookieError(ValueError):
    """Why a line is none, as the end of a sentence; it shows nothing of the line."""


def parse_cookies(text: str, name: str) -> tuple[Cookie, ...]:
    """Return the cookies of a file, in its order.

    Raises HttpcliError that names the file and the line that is no cookie.
    """
    found = (_read(line, number, name) for number, line in enumerate(_lines(text), 1))
    return tuple(cookie for cookie in found if cookie is not None)


def merge_cookies(
    text: str, changes: Mapping[CookieKey, Cookie | None], name: str, now: float
) -> tuple[str, list[Cookie]]:
    """Return the file's text after the changes, and the cookies that it has no room for.

    Each line stays in its place, new ones come last; cookies whose time is over
    are gone. Raises HttpcliError.
    """
    new = {_key(key): cookie for key, cookie in changes.items()}
    unfit = [cookie for cookie in new.values() if cookie is not None and not _fits(cookie)]
    lines = _lines(text or _HEAD)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[-1].endswith("\n"):
        lines[-1] += end
    after: list[str] = []
    for number, line in enumerate(lines, 1):
        cookie = _read(line, number, name)
        if cookie is not None and _key(cookie.key) in new:
            after += _written(new[_key(cookie.key)], end)
            # Of two lines that say the same the first one is enough.
            new[_key(cookie.key)] = None
        elif cookie is None or not cookie.is_expired(now):
            after.append(line)
    after += [line for cookie in new.values() for line in _written(cookie, end)]
    return "".join(after), unfit


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; only a line feed ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _read(line: str, number: int, name: str) -> Cookie | None:
    """Return the cookie of a line; None for a comment or an empty one."""
    text = line.rstrip("\r\n").lstrip("\ufeff " if number == 1 else " ")
    http_only = text.startswith(_HTTP_ONLY)
    if not text.strip() or (text.startswith("#") and not http_only):
        return None
    try:
        cookie = _cookie(text.removeprefix(_HTTP_ONLY).split("\t"))
    except _NotACookieError as error:
        raise HttpcliError(
            f"{name}:{number}: not a line of a cookie file: {error}",
            hint="mend it, or put # before it; nothing was changed",
            status=ExitStatus.LOCAL,
        ) from None
    return cookie._replace(http_only=http_only)


def _cookie(fields: list[str]) -> Cookie:
    if len(fields) == _WITHOUT_END:
        fields = [*fields, ""]  # an editor took the last tab away
    if len(fields) != _WITHOUT_END + 1:
        raise _NotACookieError(f"it has {len(fields)} fields, not 7, set apart by tabs")
    domain, below, path, secure, expires, name, value = fields
    host = _host(domain)
    if not host:
        raise _NotACookieError("it names no domain")
    if not name and not value:
        raise _NotACookieError("it has neither name nor value")
    if not path.startswith("/"):
        raise _NotACookieError("its path does not begin with a slash")
    if not _is_sendable(name + value) or "=" in name:
        raise _NotACookieError("its name or value cannot stand in a Cookie field")
    return Cookie(
        name=name,
        value=value,
        domain=host,
        path=_path(path),
        host_only=not _flag(below, "second"),
        secure=_flag(secure, "fourth"),
        expires=_seconds(expires),
    )


def _host(domain: str) -> str:
    """Return the host; wget writes a port behind it, which is nothing to a cookie."""
    domain = domain.strip().removeprefix(".").lower()
    if domain.startswith("["):
        return domain[1:].partition("]")[0]
    return _PORT.sub("", domain) if domain.count(":") == 1 else domain


def _path(path: str) -> str:
    """Return the path without its last slash, which curl writes where others write none."""
    return path.rstrip("/") or "/"


def _flag(text: str, which: str) -> bool:
    flag = _FLAGS.get(text.strip().upper())
    if flag is None:
        raise _NotACookieError(f"its {which} field is neither TRUE nor FALSE")
    return flag


def _seconds(text: str) -> float | None:
    text = text.strip()
    if text in ("", "0"):
        return None
    if not _SECONDS.match(text):
        raise _NotACookieError("its fifth field is not a time in seconds since 1970")
    return min(float(text), _LATEST)


def _key(key: CookieKey) -> CookieKey:
    """Return what makes a cookie take another one's place in the file."""
    name, domain, host_only, path = key
    return name, domain, host_only, _path(path)


def _fits(cookie: Cookie) -> bool:
    """Tell whether a line can hold it: no field may have a tab in it, nor a domain be missing."""
    texts = cookie.name, cookie.value, cookie.path, cookie.domain or ""
    return bool(cookie.domain) and not any("\t" in text for text in texts)


def _written(cookie: Cookie | None, end: str) -> list[str]:
    """Return the line of a cookie; none for one that is gone, or that no line can hold."""
    if cookie is None or not _fits(cookie):
        return []
    fields = (
        (_HTTP_ONLY if cookie.http_only else "") + _domain(cookie),
        "FALSE" if cookie.host_only else "TRUE",
        cookie.path,
        "TRUE" if cookie.secure else "FALSE",
        "0" if cookie.expires is None else str(int(cookie.expires) or 1),
        cookie.name,
        cookie.value,
    )
    return ["\t".join(fields) + end]


def _domain(cookie: Cookie) -> str:
    return ("" if cookie.host_only else ".") + (cookie.domain or "")


def _is_sendable(text: str) -> bool:
    return ";" not in text and not any(letter < " " or letter == "\x7f" for letter in text)


# Reads and writes the files of ``--cookie-jar``.


_WHAT = "cookie jar"


def read_cookies(name: str, path: str) -> CookieFile:
    """Return the jar that the user calls ``name``; an empty one where there is no file yet.

    Raises HttpcliError with status LOCAL.
    """
    content = read_file(path, _WHAT)
    if content is None:
        return CookieFile(name, path)
    cookies = parse_cookies(_text(content.data), name)
    return CookieFile(name, path, cookies, readable_by_others=content.exposed and bool(cookies))


def save_cookies(
    file: CookieFile, changes: Mapping[CookieKey, Cookie | None], now: float
) -> list[Cookie]:
    """Add what a run changed to the file, as it is by now; return what it has no room for.

    Raises HttpcliError with status LOCAL.
    """
    left_out: list[Cookie] = []

    def after(before: bytes | None) -> bytes:
        text, unfit = merge_cookies(_text(before or b""), changes, file.name, now)
        left_out.extend(unfit)
        return text.encode("utf-8", "surrogateescape")

    update_file(file.path, _WHAT, after)
    return left_out


def _text(data: bytes) -> str:
    # Bytes that are no text go to the server as they are.
    return data.decode("utf-8", "surrogateescape")
