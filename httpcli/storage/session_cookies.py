"""A cookie as an entry of a session file, with the domains of HTTPie's cookie jar; pure."""

from __future__ import annotations

from typing import Any

from httpcli.core.cookies import Cookie, CookieKey

Document = dict[str, Any]

_SUFFIX = ".local"
"""What HTTPie's cookie jar adds to the name of a host that has no dot in it."""


def is_sendable(text: str) -> bool:
    """Tell whether a text can stand in a field without ending it."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return not any(character < " " and character != "\t" for character in text)


def cookie_of(entry: Document, host: str) -> Cookie | None:
    """Return the cookie of an entry; None where it could not be sent."""
    name, value, path = (entry.get(key) or "" for key in ("name", "value", "path"))
    if not (isinstance(name, str) and isinstance(value, str) and isinstance(path, str)):
        return None
    if not is_sendable(name + value) or ";" in name + value or not name + value:
        return None
    domain = entry.get("domain", "")
    if domain is not None and not isinstance(domain, str):
        return None
    shared = (domain or "").startswith(".")
    return Cookie(
        name=name,
        value=value,
        domain=None if domain is None else _host(domain, host) or host,
        path=path or "/",
        host_only=not shared,
        secure=bool(entry.get("secure")),
        expires=_seconds(entry.get("expires")),
    )


def _seconds(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:  # an integer beyond all dates
        return None


def entry_of(cookie: Cookie) -> Document:
    """Return the entry of a cookie, as HTTPie has it."""
    return {
        "domain": _written_domain(cookie.domain, host_only=cookie.host_only),
        "expires": cookie.expires,
        "name": cookie.name,
        "path": cookie.path,
        "secure": cookie.secure,
        "value": cookie.value,
    }


def key_in_file(key: CookieKey) -> tuple[str, str | None, str]:
    """Return what makes a cookie take another one's place in the file.

    There ``printer`` and ``printer.local`` are one host.
    """
    name, domain, host_only, path = key
    return name, _written_domain(domain, host_only=host_only), path


def _host(domain: str, host: str) -> str:
    """Return the host that HTTPie's cookie jar calls so; where two are, ``host`` if it is one."""
    name = domain.removeprefix(".").lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    short = name.removesuffix(_SUFFIX)
    return short if short in (host, "localhost") and name != host else name


def _written_domain(domain: str | None, *, host_only: bool) -> str | None:
    if domain is None:
        return None
    written = f"[{domain}]" if ":" in domain else domain
    if "." not in written:
        written += _SUFFIX
    return written if host_only else f".{written}"
