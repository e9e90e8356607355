"""A cookie as an entry of a session file, with the domains of HTTPie's cookie jar; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import JSONDecodeError, dumps, loads
from typing import Any

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import TOKEN, Field, Fields
from httpcli.core.session import (
    Cookie,
    CookieKey,
    Session,
    SessionChanges,
    SessionContents,
    StoredAuth,
)
from httpcli.protocol.secrets import is_secret
from httpcli.storage.private_files import read_error, read_file, update_file

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


def cookie_from_entry(entry: Document, host: str) -> Cookie | None:
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


def entry_from_cookie(cookie: Cookie) -> Document:
    """Return the entry of a cookie, as HTTPie has it."""
    return {
        "domain": _written_domain(cookie.domain, host_only=cookie.host_only),
        "expires": cookie.expires,
        "name": cookie.name,
        "path": cookie.path,
        "secure": cookie.secure,
        "value": cookie.value,
    }


def stored_key(key: CookieKey) -> tuple[str, str | None, str]:
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


# The layouts of session files: HTTPie's, the old ones too, as values and back; pure.
#
# What is written keeps the layout that was there, and all that nobody here knows.


_ABOUT = "A session of httpcli, in the layout of HTTPie's session files"
_READABLE_BY = "3.2.4"
"""The HTTPie whose layout this is: it and newer ones read it as their own."""


_FIELD_NAME = re.compile(rf"{TOKEN}\Z")


def parse_session(text: str, name: str) -> Document:
    """Return what a session file holds; an empty one is a new one.

    Raises HttpcliError, with the place, where it is not a session.
    """
    if not text:
        return {
            "__meta__": {"about": _ABOUT, "httpie": _READABLE_BY},
            "auth": {"type": None, "username": None, "password": None},
            "cookies": [],
            "headers": [],
        }
    try:
        document = loads(text)
    except JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise _broken(name, f"line {error.lineno}, column {error.colno}: {what}") from None
    except (ValueError, RecursionError) as error:
        raise _broken(name, f"it cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise _broken(name, "it is not a JSON object")
    for part in ("cookies", "headers"):
        if not _is_known(document.get(part), part):
            raise _broken(name, f"its {part} are not a list of objects")
    if not isinstance(document.get("auth") or {}, dict):
        raise _broken(name, "its auth is not an object")
    return document


def format_session(document: Document) -> str:
    """Return the file's text."""
    return dumps(document, indent=4, sort_keys=True, ensure_ascii=True) + "\n"


def session_contents(document: Document, host: str) -> SessionContents:
    """Return what the document says; cookies without a domain are those of ``host``."""
    cookies = (cookie_from_entry(entry, host) for entry in _entries(document, "cookies"))
    fields = (_field(entry) for entry in _entries(document, "headers"))
    return SessionContents(
        Fields(filter(None, fields)), tuple(filter(None, cookies)), _auth(document.get("auth"))
    )


def apply_changes(document: Document, changes: SessionChanges, host: str, now: float) -> Document:
    """Return the document after the run; cookies whose time is over are gone."""
    after = dict(document)
    fields = _fields(document, changes.fields)
    cookies = _cookies(document, changes.cookies, host, now)
    # By name, as old layouts have them, there is room for one of each: the last counts.
    by_name = isinstance(document.get("headers"), dict)
    after["headers"] = {each["name"]: each["value"] for each in fields} if by_name else fields
    by_name = isinstance(document.get("cookies"), dict)
    after["cookies"] = {each["name"]: _nameless(each) for each in cookies} if by_name else cookies
    if changes.auth is not None:
        after["auth"] = _written_auth(document.get("auth"), changes.auth)
    return after


def _is_known(there: Any, part: str) -> bool:
    """Tell whether the layout of a part is the new one or the old one."""
    if isinstance(there, dict):
        return part == "headers" or all(isinstance(entry, dict) for entry in there.values())
    return there is None or (
        isinstance(there, list) and all(isinstance(entry, dict) for entry in there)
    )


def _entries(document: Document, part: str) -> list[Document]:
    """Return the entries of a part as the new layout has them."""
    there = document.get(part) or []
    if isinstance(there, list):
        return there
    if part == "headers":
        return [{"name": name, "value": value} for name, value in there.items()]
    return [{**entry, "name": name} for name, entry in there.items()]


def _nameless(entry: Document) -> Document:
    return {key: value for key, value in entry.items() if key != "name"}


def _field(entry: Document) -> Field | None:
    """Return the field of an entry; None where it could not be sent."""
    name, value = entry.get("name"), entry.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        return None
    return Field(name, value) if _FIELD_NAME.match(name) and is_sendable(value) else None


def _fields(document: Document, new: Fields) -> list[Document]:
    names = {field.name.lower() for field in new}
    kept = [
        entry
        for entry in _entries(document, "headers")
        if str(entry.get("name")).lower() not in names
    ]
    return kept + [{"name": field.name, "value": field.value} for field in new]


def _cookies(
    document: Document,
    changes: Mapping[CookieKey, Cookie | None],
    host: str,
    now: float,
) -> list[Document]:
    """Return the entries after the changes: each stays in its place, new ones come last."""
    new = {stored_key(key): cookie for key, cookie in changes.items()}
    entries: list[Document] = []
    for entry in _entries(document, "cookies"):
        cookie = cookie_from_entry(entry, host)
        if cookie is not None and stored_key(cookie.key) in new:
            replacing = new[stored_key(cookie.key)]
            # Of two entries for one cookie the first one is enough: the last would count.
            new[stored_key(cookie.key)] = None
            if replacing is not None:
                entries.append({**entry, **entry_from_cookie(replacing)})
        elif cookie is None or not cookie.is_expired(now):
            entries.append(entry)
    return entries + [entry_from_cookie(cookie) for cookie in new.values() if cookie is not None]


def _auth(entry: Document | None) -> StoredAuth | None:
    scheme = (entry or {}).get("type")
    if not entry or not isinstance(scheme, str) or not scheme:
        return None
    raw = entry.get("raw_auth")
    if isinstance(raw, str):
        return StoredAuth(scheme, raw)
    user, password = entry.get("username"), entry.get("password")
    if user is None and password is None:
        return None
    return StoredAuth(scheme, f"{user or ''}:{password or ''}", literal=True)


def _written_auth(there: Document | None, auth: StoredAuth) -> Document:
    """Return the entry, in the old layout where that was in use and can hold it.

    What only looks like a reference is in the old layout, too: that has none.
    """
    raw = auth.raw or ""
    old = {key: value for key, value in (there or {}).items() if key != "raw_auth"}
    was_old = bool(old.get("type")) and old == there and ":" in raw
    if auth.literal if _is_reference(raw) else was_old:
        user, _, password = raw.partition(":")
        return {**old, "type": auth.scheme, "username": user, "password": password}
    return {"type": auth.scheme, "raw_auth": raw}


def _is_reference(raw: str) -> bool:
    return raw.startswith("@") or raw.partition(":")[2].startswith("@")


def _broken(name: str, why: str) -> HttpcliError:
    return HttpcliError(
        f"{name}: not a session: {why}",
        hint="mend it, or move it out of the way; nothing was changed",
        status=ExitStatus.LOCAL,
    )


# Reads and writes session files.


_WHAT = "session"


def read_session(path: str, host: str) -> SessionContents:
    """Return what is remembered; nothing where there is no file yet.

    Raises HttpcliError with status LOCAL where it cannot be read or is no session.
    """
    content = read_file(path, _WHAT)
    if content is None:
        return session_contents(parse_session("", path), host)
    kept = session_contents(parse_session(decode_session(content.data, path), path), host)
    return kept._replace(readable_by_others=content.exposed and _has_secrets(kept))


def save_session(session: Session, changes: SessionChanges, now: float) -> None:
    """Add what a run changed to the file, as it is by now: another run may have written it.

    Raises HttpcliError with status LOCAL.
    """

    def after(before: bytes | None) -> bytes | None:
        if before is not None and session.read_only:
            return None
        document = parse_session(decode_session(before or b"", session.path), session.path)
        return format_session(apply_changes(document, changes, session.host, now)).encode("ascii")

    update_file(session.path, _WHAT, after)


def _has_secrets(kept: SessionContents) -> bool:
    fields = any(is_secret(field.name) for field in kept.fields)
    return bool(kept.cookies) or kept.auth is not None or fields


def decode_session(data: bytes, path: str) -> str:
    """Return the text of a session's file. Raises HttpcliError where it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise read_error(path, _WHAT, ValueError("it is not UTF-8 text")) from None
