"""Reads and writes cookie files in Netscape's format, which curl, wget and yt-dlp share.

Each line is a cookie with seven fields separated by tabs: domain, whether subdomains get it,
path, whether it needs TLS, expiry time (0: end of the session), name and value. ``#HttpOnly_``
before the domain marks a cookie that is hidden from scripts; any other line with ``#`` is a
comment. Unchanged lines are kept byte for byte.

Without the standard library's ``http.cookiejar``: it drops comments and ``#HttpOnly_`` lines
when it writes, and loads 60 modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.session import Cookie, CookieFile, CookieKey
from httpcli.core.url import canonical_host
from httpcli.storage.state_files import read_file, update_file

_KIND = "cookie jar"
"""What error messages call the file."""
_HEADER = (
    "# Netscape HTTP Cookie File\n# Written by httpcli; curl, wget and yt-dlp read it too.\n\n"
)
"""Python's reader, and so that of yt-dlp, requires the first line."""
_HTTP_ONLY = "#HttpOnly_"
_FLAGS = {"TRUE": True, "FALSE": False}
_SECONDS = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?\Z")
_PORT = re.compile(r":[0-9]+\Z")
_MAX_EXPIRES = 253_402_300_799.0
"""The last second of the year 9999."""
_FIELD_COUNT = 7


class _InvalidLineError(ValueError):
    """A line is not a cookie; the message ends a sentence and quotes nothing from the line."""


def read_cookies(name: str, path: str) -> CookieFile:
    """Return the cookie file that the user calls ``name``; an empty one if there is no file.

    Raises HttpcliError with status LOCAL.
    """
    content = read_file(path, _KIND, by_path=True)
    if content is None:
        return CookieFile(name, path)
    cookies = parse_cookies(_decode(content.data), name)
    return CookieFile(
        name, path, cookies, readable_by_others=content.readable_by_others and bool(cookies)
    )


def save_cookies(
    file: CookieFile, changes: Mapping[CookieKey, Cookie | None], now: float
) -> list[Cookie]:
    """Apply the changes of a run to the file as it is now.

    Return the cookies that the format cannot store. Raises HttpcliError with status LOCAL.
    """
    skipped: list[Cookie] = []

    def change(before: bytes | None) -> bytes:
        text, unstorable = merge_cookies(_decode(before or b""), changes, file.name, now)
        skipped.extend(unstorable)
        return text.encode("utf-8", "surrogateescape")

    update_file(file.path, _KIND, change, by_path=True)
    return skipped


def _decode(data: bytes) -> str:
    # Bytes that are not UTF-8 are kept, and sent as they are.
    return data.decode("utf-8", "surrogateescape")


def parse_cookies(text: str, name: str) -> tuple[Cookie, ...]:
    """Return the cookies of a file, in its order.

    Raises HttpcliError with the file and the line that is not a cookie.
    """
    cookies = (_parse_line(line, number, name) for number, line in enumerate(_lines(text), 1))
    return tuple(cookie for cookie in cookies if cookie is not None)


def merge_cookies(
    text: str, changes: Mapping[CookieKey, Cookie | None], name: str, now: float
) -> tuple[str, list[Cookie]]:
    """Return the file's text after the changes, and the cookies that it cannot store.

    Lines keep their order, and new lines are added at the end. Expired cookies are removed.
    Raises HttpcliError.
    """
    new = {_stored_key(key): cookie for key, cookie in changes.items()}
    unstorable = [
        cookie for cookie in new.values() if cookie is not None and not _is_storable(cookie)
    ]
    lines = _lines(text or _HEADER)
    line_end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[-1].endswith("\n"):
        lines[-1] += line_end
    after: list[str] = []
    for number, line in enumerate(lines, 1):
        cookie = _parse_line(line, number, name)
        if cookie is not None and _stored_key(cookie.key) in new:
            after += _format_line(new[_stored_key(cookie.key)], line_end)
            # Write a duplicate line only once.
            new[_stored_key(cookie.key)] = None
        elif cookie is None or not cookie.is_expired(now):
            after.append(line)
    after += [line for cookie in new.values() for line in _format_line(cookie, line_end)]
    return "".join(after), unstorable


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; only a line feed ends a line."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _parse_line(line: str, number: int, name: str) -> Cookie | None:
    """Return the cookie of a line; None for a comment or an empty line."""
    text = line.rstrip("\r\n").lstrip("\ufeff " if number == 1 else " ")
    http_only = text.startswith(_HTTP_ONLY)
    if not text.strip() or (text.startswith("#") and not http_only):
        return None
    try:
        cookie = _cookie_from_fields(text.removeprefix(_HTTP_ONLY).split("\t"))
    except _InvalidLineError as error:
        raise HttpcliError(
            f"{name}:{number}: invalid cookie: {error}",
            hint="fix the line, or comment it out with #; the file was not changed",
            status=ExitStatus.LOCAL,
        ) from None
    return cookie._replace(http_only=http_only)


def _cookie_from_fields(fields: list[str]) -> Cookie:
    if len(fields) == _FIELD_COUNT - 1:
        fields = [*fields, ""]  # an editor has removed the trailing tab
    if len(fields) != _FIELD_COUNT:
        raise _InvalidLineError(f"expected 7 fields separated by tabs, found {len(fields)}")
    domain, subdomains, path, secure, expires, name, value = fields
    host = _host_from_domain(domain)
    if not host:
        raise _InvalidLineError("missing domain")
    if not name and not value:
        raise _InvalidLineError("missing name and value")
    if not path.startswith("/"):
        raise _InvalidLineError("the path does not start with a slash")
    if not _fits_cookie_line(name + value) or "=" in name:
        raise _InvalidLineError(
            "the name or value contains characters that a Cookie header cannot have"
        )
    return Cookie(
        name=name,
        value=value,
        domain=host,
        path=_normalize_path(path),
        host_only=not _parse_flag(subdomains, "second"),
        secure=_parse_flag(secure, "fourth"),
        expires=_parse_expires(expires),
    )


def _host_from_domain(domain: str) -> str:
    """Return the host; wget appends a port, which cookies ignore."""
    domain = domain.strip().removeprefix(".")
    if domain.startswith("["):
        domain = domain[1:].partition("]")[0]
    elif domain.count(":") == 1:
        domain = _PORT.sub("", domain)
    return canonical_host(domain)


def _normalize_path(path: str) -> str:
    """Return the path without a final slash, which curl writes and other programs omit."""
    return path.rstrip("/") or "/"


def _parse_flag(text: str, which: str) -> bool:
    flag = _FLAGS.get(text.strip().upper())
    if flag is None:
        raise _InvalidLineError(f"the {which} field must be TRUE or FALSE")
    return flag


def _parse_expires(text: str) -> float | None:
    text = text.strip()
    if text in ("", "0"):
        return None
    if not _SECONDS.match(text):
        raise _InvalidLineError("the fifth field must be a time in seconds since 1970")
    return min(float(text), _MAX_EXPIRES)


def _stored_key(key: CookieKey) -> CookieKey:
    """Return the key of a cookie in the file: a cookie replaces another one with the same key."""
    name, domain, host_only, path = key
    return name, domain, host_only, _normalize_path(path)


def _is_storable(cookie: Cookie) -> bool:
    """Return whether a line can store the cookie: it has a domain, and no field has a tab."""
    texts = cookie.name, cookie.value, cookie.path, cookie.domain
    return bool(cookie.domain) and not any("\t" in text for text in texts)


def _format_line(cookie: Cookie | None, line_end: str) -> list[str]:
    """Return the line of a cookie; an empty list if it is removed, or no line can store it."""
    if cookie is None or not _is_storable(cookie):
        return []
    domain = ("" if cookie.host_only else ".") + cookie.domain
    fields = (
        (_HTTP_ONLY if cookie.http_only else "") + domain,
        "FALSE" if cookie.host_only else "TRUE",
        cookie.path,
        "TRUE" if cookie.secure else "FALSE",
        "0" if cookie.expires is None else str(int(cookie.expires) or 1),
        cookie.name,
        cookie.value,
    )
    return ["\t".join(fields) + line_end]


def _fits_cookie_line(text: str) -> bool:
    """Return whether a text can be part of a Cookie header."""
    return ";" not in text and not any(letter < " " or letter == "\x7f" for letter in text)
