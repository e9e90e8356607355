"""The output of ``httpcli sessions``: a table of sessions, and the details of one.

Secrets are redacted. Control characters are escaped: cookies come from servers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from httpcli.auth.registry import SCHEMES
from httpcli.core.escaping import escape_controls
from httpcli.core.session import Cookie, SessionContents, StoredAuth
from httpcli.output.text_layouts import columns
from httpcli.protocol.redaction import NOT_REDACTED, Redaction

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
    redaction = NOT_REDACTED if show_secrets else Redaction()
    return "".join(f"{escape_controls(line)}\n" for line in _lines(contents, date, redaction))


def _lines(
    contents: SessionContents, date: Callable[[float], str], redaction: Redaction
) -> Iterator[str]:
    if contents.auth is not None:
        yield f"auth     {contents.auth.scheme} {_credentials(contents.auth, redaction)}"
    if contents.fields:
        yield ""
        yield "Fields:"
        fields = redaction.fields(contents.fields)
        yield from (f"  {field.name}: {field.value}" for field in fields)
    if contents.cookies:
        yield ""
        yield "Cookies:"
        yield from (f"  {_cookie(cookie, date, redaction)}" for cookie in contents.cookies)


def _credentials(auth: StoredAuth, redaction: Redaction) -> str:
    """Return credentials without the password. References are not secret, so they are kept."""
    scheme = SCHEMES.get(auth.scheme)
    is_token = scheme is None or scheme.token
    return redaction.credentials(auth.raw or "", is_token=is_token, is_literal=auth.literal)


def _cookie(cookie: Cookie, date: Callable[[float], str], redaction: Redaction) -> str:
    parts = [redaction.value("Cookie", f"{cookie.name}={cookie.value}")]
    parts.append(cookie.domain + ("" if cookie.host_only else " and below"))
    if cookie.path != "/":
        parts.append(cookie.path)
    if cookie.secure:
        parts.append("https only")
    if cookie.expires is not None:
        parts.append(f"until {date(cookie.expires)}")
    return "; ".join(parts)
