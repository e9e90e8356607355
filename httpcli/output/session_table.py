"""The output of ``httpcli sessions``: a table of sessions, and the details of one.

Secrets are redacted. Control characters are escaped: cookies come from servers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from httpcli.auth.registry import SCHEMES
from httpcli.core.escaping import REDACTED, escape_controls
from httpcli.core.headers import Field
from httpcli.core.session import Cookie, SessionContents, StoredAuth
from httpcli.output.text_layouts import columns
from httpcli.protocol.secrets import is_secret_name

_TITLES = ("HOST", "NAME", "COOKIES", "AUTH", "CHANGED")
NONE = "-"


def sessions_table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of sessions, with titles."""
    return columns((_TITLES, *rows))


def session_summary(contents: SessionContents, now: float) -> tuple[str, str]:
    """Return how many cookies have not expired, and the kind of authentication."""
    valid = sum(not cookie.is_expired(now) for cookie in contents.cookies)
    if contents.auth is not None:
        return str(valid), contents.auth.scheme
    return str(valid), "field" if contents.fields.has("Authorization") else NONE


def session_details(
    contents: SessionContents, date: Callable[[float], str], *, show_secrets: bool
) -> str:
    """Return the contents of a session as lines. ``date`` formats seconds since 1970."""
    return "".join(
        f"{escape_controls(line)}\n" for line in _lines(contents, date, show_secrets=show_secrets)
    )


def _lines(
    contents: SessionContents, date: Callable[[float], str], *, show_secrets: bool
) -> Iterator[str]:
    if contents.auth is not None:
        raw = (contents.auth.raw or "") if show_secrets else _redacted(contents.auth)
        yield f"auth     {contents.auth.scheme} {raw}"
    if contents.fields:
        yield ""
        yield "Fields:"
        yield from (
            f"  {field.name}: {_value(field, show_secrets=show_secrets)}"
            for field in contents.fields
        )
    if contents.cookies:
        yield ""
        yield "Cookies:"
        yield from (
            f"  {_cookie(cookie, date, show_secrets=show_secrets)}" for cookie in contents.cookies
        )


def _redacted(auth: StoredAuth) -> str:
    """Return credentials without the password. References are not secret, so they are kept."""
    raw = auth.raw or ""
    if not auth.literal and _is_reference(raw):
        return raw
    scheme = SCHEMES.get(auth.scheme)
    user, colon, password = raw.partition(":")
    if scheme is None or scheme.token or not colon or not password:
        return REDACTED  # with an empty password the user is likely to be a token
    is_reference = not auth.literal and _is_reference(password)
    return f"{user}:{password if is_reference else REDACTED}"


def _is_reference(text: str) -> bool:
    return text.startswith(("@env:", "@file:"))


def _value(field: Field, *, show_secrets: bool) -> str:
    return REDACTED if is_secret_name(field.name) and not show_secrets else field.value


def _cookie(cookie: Cookie, date: Callable[[float], str], *, show_secrets: bool) -> str:
    parts = [f"{cookie.name}={cookie.value if show_secrets else REDACTED}"]
    parts.append(cookie.domain + ("" if cookie.host_only else " and below"))
    if cookie.path != "/":
        parts.append(cookie.path)
    if cookie.secure:
        parts.append("https only")
    if cookie.expires is not None:
        parts.append(f"until {date(cookie.expires)}")
    return "; ".join(parts)
