"""Sessions as text for ``httpcli sessions``: plain lines, secrets redacted.

What stands in a session may have come from a server, so nothing of it reaches
the terminal as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from httpcli.auth.registry import SCHEMES
from httpcli.core.escaping import REDACTED, escape_controls
from httpcli.core.headers import Field
from httpcli.core.session import Cookie, SessionContents, StoredAuth
from httpcli.output.layout import columns
from httpcli.protocol.secrets import is_secret

_TITLES = ("HOST", "NAME", "COOKIES", "AUTH", "CHANGED")
NONE = "-"


def sessions_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns, the titles first."""
    return columns((_TITLES, *rows))


def session_summary(held: SessionContents, now: float) -> tuple[str, str]:
    """Return how many cookies are left, and how one authenticates."""
    alive = sum(not cookie.is_expired(now) for cookie in held.cookies)
    if held.auth is not None:
        return str(alive), held.auth.scheme
    return str(alive), "field" if held.fields.has("Authorization") else NONE


def session_details(held: SessionContents, date: Callable[[float], str], *, secrets: bool) -> str:
    """Return all that a session holds; ``date`` writes seconds since 1970."""
    return "".join(f"{escape_controls(line)}\n" for line in _lines(held, date, secrets=secrets))


def _lines(held: SessionContents, date: Callable[[float], str], *, secrets: bool) -> Iterator[str]:
    if held.auth is not None:
        raw = (held.auth.raw or "") if secrets else _redacted(held.auth)
        yield f"auth     {held.auth.scheme} {raw}"
    if held.fields:
        yield ""
        yield "Fields:"
        yield from (f"  {field.name}: {_value(field, secrets=secrets)}" for field in held.fields)
    if held.cookies:
        yield ""
        yield "Cookies:"
        yield from (f"  {_cookie(cookie, date, secrets=secrets)}" for cookie in held.cookies)


def _redacted(auth: StoredAuth) -> str:
    """Return credentials with the user alone, and references as they are: they are no secrets."""
    raw = auth.raw or ""
    if not auth.literal and _is_reference(raw):
        return raw
    scheme = SCHEMES.get(auth.scheme)
    user, colon, password = raw.partition(":")
    if scheme is None or scheme.token or not colon or not password:
        return REDACTED  # with an empty password the user is likely to be a token
    kept = not auth.literal and _is_reference(password)
    return f"{user}:{password if kept else REDACTED}"


def _is_reference(text: str) -> bool:
    return text.startswith(("@env:", "@file:"))


def _value(field: Field, *, secrets: bool) -> str:
    return REDACTED if is_secret(field.name) and not secrets else field.value


def _cookie(cookie: Cookie, date: Callable[[float], str], *, secrets: bool) -> str:
    parts = [f"{cookie.name}={cookie.value if secrets else REDACTED}"]
    if cookie.domain is None:
        parts.append("any host")
    else:
        parts.append(cookie.domain + ("" if cookie.host_only else " and below"))
    if cookie.path != "/":
        parts.append(cookie.path)
    if cookie.secure:
        parts.append("https only")
    if cookie.expires is not None:
        parts.append(f"until {date(cookie.expires)}")
    return "; ".join(parts)
