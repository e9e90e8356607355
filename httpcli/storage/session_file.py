"""Reads and writes session files, in the layout of HTTPie 3.2.4 and in its older layouts.

Saving keeps the file's layout and its unknown entries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from json import JSONDecodeError, dumps, loads
from typing import Any

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import CONTROLS, TOKEN, Field, Fields
from httpcli.core.session import (
    Cookie,
    CookieKey,
    Session,
    SessionChanges,
    SessionContents,
    StoredAuth,
)
from httpcli.core.url import canonical_host
from httpcli.protocol.secrets import is_secret_name
from httpcli.storage.state_files import read_error, read_file, update_file

Document = dict[str, Any]
"""A JSON object of a session file."""

_KIND = "session"
"""What error messages call the file."""
_ABOUT = "A session of httpcli, in the layout of HTTPie's session files"
_HTTPIE_VERSION = "3.2.4"
"""The HTTPie whose layout this is; newer versions read it as their own."""
_LOCAL_SUFFIX = ".local"
"""HTTPie's cookie jar appends this to a host name without a dot."""
_MAX_EXPIRES = 253_402_300_799
"""The last second of the year 9999."""
_HEADER_NAME = re.compile(rf"{TOKEN}\Z")


class _InvalidEntryError(ValueError):
    """An entry is not used; the message ends a sentence and quotes no value."""


def read_session(path: str, host: str, *, by_path: bool = False) -> SessionContents:
    """Return the contents of a session file; those of a new session if there is no file.

    Cookies without a domain belong to ``host``. ``by_path``: whether the user typed the path.
    Raises HttpcliError with status LOCAL if the file cannot be read or is not a session.
    """
    content = read_file(path, _KIND, by_path=by_path)
    if content is None:
        return session_contents(parse_session("", path), host)
    session = session_contents(parse_session(decode_session(content.data, path), path), host)
    return session._replace(
        readable_by_others=content.readable_by_others and _has_secrets(session)
    )


def save_session(session: Session, changes: SessionChanges, now: float) -> None:
    """Apply the changes of a run to the file as it is now: another run may have written it.

    Raises HttpcliError with status LOCAL.
    """

    def change(before: bytes | None) -> bytes | None:
        if before is not None and session.read_only:
            return None
        document = parse_session(decode_session(before or b"", session.path), session.path)
        return format_session(apply_changes(document, changes, session.host, now)).encode("ascii")

    update_file(session.path, _KIND, change, by_path=session.is_by_path)


def decode_session(data: bytes, path: str) -> str:
    """Return the text of a session file. Raises HttpcliError if it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise read_error(path, _KIND, ValueError("not UTF-8 text")) from None


def parse_session(text: str, name: str) -> Document:
    """Return the document of a session file; a new one for an empty text.

    Raises HttpcliError with the position of the fault if it is not a session.
    """
    if not text:
        return {
            "__meta__": {"about": _ABOUT, "httpie": _HTTPIE_VERSION},
            "auth": {"type": None, "username": None, "password": None},
            "cookies": [],
            "headers": [],
        }
    try:
        document = loads(text)
    except JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise _invalid(name, f"line {error.lineno}, column {error.colno}: {what}") from None
    except (ValueError, RecursionError) as error:
        raise _invalid(name, f"cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise _invalid(name, "not a JSON object")
    for part in ("cookies", "headers"):
        if not _has_known_layout(document.get(part), part):
            raise _invalid(name, f"{part} must be a list of objects")
    if not isinstance(document.get("auth") or {}, dict):
        raise _invalid(name, "auth must be an object")
    return document


def format_session(document: Document) -> str:
    """Return the text of a session file."""
    return dumps(document, indent=4, sort_keys=True, ensure_ascii=True) + "\n"


def session_contents(document: Document, host: str) -> SessionContents:
    """Return the contents of a document; cookies without a domain belong to ``host``."""
    cookies: list[Cookie] = []
    warnings: list[str] = []
    for number, entry in enumerate(_entries(document, "cookies"), 1):
        try:
            cookies.append(_read_cookie(entry, host))
        except _InvalidEntryError as error:
            warnings.append(f"cookie {number} is not used: {error}")
    fields = (_header_from_entry(entry) for entry in _entries(document, "headers"))
    return SessionContents(
        Fields(filter(None, fields)),
        tuple(cookies),
        _auth_from_entry(document.get("auth")),
        warnings=tuple(warnings),
    )


def apply_changes(document: Document, changes: SessionChanges, host: str, now: float) -> Document:
    """Return the document after the run, without expired cookies."""
    after = dict(document)
    headers = _changed_headers(document, changes.fields)
    cookies = _changed_cookies(document, changes.cookies, host, now)
    # In the old layouts the name is the key: of entries with the same name, the last one is kept.
    if isinstance(document.get("headers"), dict):
        after["headers"] = {entry["name"]: entry["value"] for entry in headers}
    else:
        after["headers"] = headers
    if isinstance(document.get("cookies"), dict):
        after["cookies"] = {entry["name"]: _without_name(entry) for entry in cookies}
    else:
        after["cookies"] = cookies
    if changes.auth is not None:
        after["auth"] = _auth_entry(document.get("auth"), changes.auth)
    return after


def _has_known_layout(value: Any, part: str) -> bool:
    """Return whether a part has the new layout or the old one."""
    if isinstance(value, dict):
        return part == "headers" or all(isinstance(entry, dict) for entry in value.values())
    return value is None or (
        isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
    )


def _entries(document: Document, part: str) -> list[Document]:
    """Return the entries of a part in the new layout."""
    entries = document.get(part) or []
    if isinstance(entries, list):
        return entries
    if part == "headers":
        return [{"name": name, "value": value} for name, value in entries.items()]
    return [{**entry, "name": name} for name, entry in entries.items()]


def _without_name(entry: Document) -> Document:
    return {key: value for key, value in entry.items() if key != "name"}


def _header_from_entry(entry: Document) -> Field | None:
    """Return the header of an entry; None if it cannot be sent."""
    name, value = entry.get("name"), entry.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        return None
    return Field(name, value) if _HEADER_NAME.match(name) and is_sendable(value) else None


def _changed_headers(document: Document, new: Fields) -> list[Document]:
    """Return the entries after the new headers have replaced those of the same name."""
    names = {field.name.lower() for field in new}
    kept = [
        entry
        for entry in _entries(document, "headers")
        if str(entry.get("name")).lower() not in names
    ]
    return kept + [{"name": field.name, "value": field.value} for field in new]


def _changed_cookies(
    document: Document,
    changes: Mapping[CookieKey, Cookie | None],
    host: str,
    now: float,
) -> list[Document]:
    """Return the entries after the changes, in the same order; new ones are added at the end."""
    new = {stored_key(key): cookie for key, cookie in changes.items()}
    entries: list[Document] = []
    for entry in _entries(document, "cookies"):
        cookie = cookie_from_entry(entry, host)
        if cookie is not None and stored_key(cookie.key) in new:
            replacement = new[stored_key(cookie.key)]
            # Write a duplicate entry only once: readers would use the last one.
            new[stored_key(cookie.key)] = None
            if replacement is not None:
                entries.append({**entry, **entry_from_cookie(replacement)})
        elif cookie is None or not cookie.is_expired(now):
            entries.append(entry)
    return entries + [entry_from_cookie(cookie) for cookie in new.values() if cookie is not None]


def cookie_from_entry(entry: Document, host: str) -> Cookie | None:
    """Return the cookie of an entry; None if it is invalid."""
    try:
        return _read_cookie(entry, host)
    except _InvalidEntryError:
        return None


def _read_cookie(entry: Document, host: str) -> Cookie:
    """Return the cookie of an entry; without a domain it belongs to ``host`` only.

    Raises _InvalidEntryError.
    """
    name, value, path = (entry.get(key) or "" for key in ("name", "value", "path"))
    if not (isinstance(name, str) and isinstance(value, str) and isinstance(path, str)):
        raise _InvalidEntryError("name, value and path must be strings")
    if not is_sendable(name + value) or ";" in name + value or not name + value:
        raise _InvalidEntryError("its name or value cannot be sent")
    typed = entry.get("domain")
    if typed is not None and not isinstance(typed, str):
        raise _InvalidEntryError("domain must be a string")
    domain = _host_from_domain(typed or "", host)
    has_subdomains = bool(domain) and (typed or "").startswith(".")
    if has_subdomains and "." not in domain and domain not in (host, "localhost"):
        raise _InvalidEntryError(f"its domain {domain} is not of one site")
    return Cookie(
        name=name,
        value=value,
        domain=domain or host,
        path=path or "/",
        host_only=not has_subdomains,
        secure=bool(entry.get("secure")),
        expires=_seconds(entry.get("expires")),
    )


def entry_from_cookie(cookie: Cookie) -> Document:
    """Return the entry of a cookie."""
    return {
        "domain": _stored_domain(cookie.domain, host_only=cookie.host_only),
        "expires": cookie.expires,
        "name": cookie.name,
        "path": cookie.path,
        "secure": cookie.secure,
        "value": cookie.value,
    }


def stored_key(key: CookieKey) -> tuple[str, str, str]:
    """Return the key of a cookie in the file: a cookie replaces another one with the same key.

    In the file ``printer`` and ``printer.local`` are the same host.
    """
    name, domain, host_only, path = key
    return name, _stored_domain(domain, host_only=host_only), path


def is_sendable(text: str) -> bool:
    """Return whether a text can be part of a header value."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return re.search(CONTROLS, text) is None


def _seconds(value: Any) -> float | None:
    """Return the time when a cookie expires; None for none. Raises _InvalidEntryError."""
    if value is None:
        return None
    # A boolean is an integer to Python, and JSON of Python has NaN and Infinity.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise _InvalidEntryError("its time of expiry is not a number")
    return float(max(-_MAX_EXPIRES, min(value, _MAX_EXPIRES)))


def _host_from_domain(domain: str, host: str) -> str:
    """Return the host of a stored domain; without ``.local`` if that gives ``host``."""
    name = domain.strip().removeprefix(".")
    if name.startswith("["):
        return canonical_host(name[1:].partition("]")[0])
    name = canonical_host(name)
    short = name.removesuffix(_LOCAL_SUFFIX)
    return short if short in (host, "localhost") and name != host else name


def _stored_domain(domain: str, *, host_only: bool) -> str:
    stored = f"[{domain}]" if ":" in domain else domain
    if "." not in stored:
        stored += _LOCAL_SUFFIX
    return stored if host_only else f".{stored}"


def _auth_from_entry(entry: Document | None) -> StoredAuth | None:
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


def _auth_entry(existing: Document | None, auth: StoredAuth) -> Document:
    """Return the entry, in the layout of the existing one if that can store the credentials.

    A literal value that looks like a reference needs the old layout, which has no references;
    a reference needs the new one.
    """
    raw = auth.raw or ""
    old = {key: value for key, value in (existing or {}).items() if key != "raw_auth"}
    was_old = bool(old.get("type")) and old == existing and ":" in raw
    use_old_layout = auth.literal if _is_reference(raw) else was_old
    if use_old_layout:
        user, _, password = raw.partition(":")
        return {**old, "type": auth.scheme, "username": user, "password": password}
    return {"type": auth.scheme, "raw_auth": raw}


def _is_reference(raw: str) -> bool:
    return raw.startswith("@") or raw.partition(":")[2].startswith("@")


def _has_secrets(session: SessionContents) -> bool:
    has_secret_header = any(is_secret_name(field.name) for field in session.fields)
    return bool(session.cookies) or session.auth is not None or has_secret_header


def _invalid(name: str, why: str) -> HttpcliError:
    return HttpcliError(
        f"{name}: invalid session file: {why}",
        hint="fix the file or move it away; it was not changed",
        status=ExitStatus.LOCAL,
    )
