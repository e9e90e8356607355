"""The URL as people type it, with HTTPie's shorthands, becomes a Target.

Percent-escapes stay as typed (signed URLs break otherwise); what cannot stand
on a request line is quoted, or refused where the user asked for the text as it
is. No error shows a password, or a query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from httpcli.core import url as url_text
from httpcli.core.errors import Fault, UsageError
from httpcli.core.escaping import REDACTED
from httpcli.core.url import DEFAULT_PORTS, HostError, Url, normalize_host, unquote

ECHO_HOST = "echo"
"""The host of an ``echo:`` URL: this program."""

WEBSOCKET_SCHEMES = {"ws": "http", "wss": "https"}
"""Schemes of a WebSocket, and what its handshake is asked by (RFC 6455, 3)."""

_ECHO_WEBSOCKET = "/ws"
_LONGEST_UNIX = len("https+unix://")
# Texts: most runs need none of them, and compiling costs at start.
_CONTROL = "[\x00-\x1f\x7f-\x9f\ud800-\udfff]"
_NOT_AS_IS = r"[^!-~]+"
_PREFIX = r"(?:[A-Za-z][A-Za-z0-9+.-]*)?://"
_AUTHORITY_END = r"[/?#]"
_QUOTED = "in a user or password, / ? # are written %2F %3F %23"
_NAMES = {"\r": "a carriage return", "\n": "a line feed", "\t": "a tab", "\0": "a NUL"}


class RequestTarget(NamedTuple):
    """Where the request goes, and who the URL says is asking (both decoded).

    ``echo``: the host is this program itself; the URL only tells what to ask it.
    ``unix_socket``: the path that stands in the place of the host, as typed.
    ``websocket``: the scheme asks for one; the URL has that of its handshake.
    """

    url: Url
    user: str | None = None
    password: str | None = None
    echo: bool = False
    unix_socket: str = ""
    websocket: bool = False


class _Text(NamedTuple):
    """The text typed, and the absolute URL that it is short for.

    The URL ends as the text does; ``shift`` is by how much it is longer.
    """

    typed: str
    full: str

    @property
    def shift(self) -> int:
        return len(self.full) - len(self.typed)

    def error(self, message: str, start: int, end: int, *, hint: str = "") -> UsageError:
        """Return the error for a fault at ``full[start:end]``."""
        first = max(0, start - self.shift)
        last = max(first, end - self.shift)
        return UsageError(message, hint=hint, fault=_redacted(self.typed, first, last))


def parse_target(
    text: str,
    *,
    default_scheme: str = "http",
    path_as_is: bool = False,
    encoded: bool = False,
) -> RequestTarget:
    """Return what the URL on the command line means.

    ``path_as_is`` leaves the path alone and ``encoded`` the query too; what
    cannot stand on a request line is then an error. Raises UsageError, with
    the place of the fault.
    """
    _refuse_unprintable(text)
    if "+unix://" in text[:_LONGEST_UNIX].lower():
        return parse_unix_target(text, path_as_is=path_as_is, encoded=encoded)
    echo = text == "echo:" or text.startswith(("echo:/", "echo:?", "echo:#"))
    url = _Text(text, _expanded(text, default_scheme, echo=echo))
    try:
        parts = url_text.split_url(url.full)
    except url_text.UrlSyntaxError as error:
        raise url.error(
            str(error), error.start, error.end, hint=_QUOTED if "@" in text else ""
        ) from None
    scheme = WEBSOCKET_SCHEMES.get(parts.scheme, parts.scheme)
    if scheme not in DEFAULT_PORTS:
        known = f"{', '.join(DEFAULT_PORTS)}, {' and '.join(WEBSOCKET_SCHEMES)}"
        message = f"{parts.scheme}:// is not supported"
        raise url.error(message, 0, len(parts.scheme), hint=f"{known} are")
    end = url_text.authority_end(url.full)
    path, query = parts.path, parts.query
    if path_as_is or encoded:
        _refuse_unfit(url, path, end)
    else:
        path = url_text.remove_dot_segments(url_text.quote(path or "/", url_text.PATH_CHARACTERS))
    if query is not None and encoded:
        _refuse_unfit(url, query, end + len(parts.path) + 1)
    elif query is not None:
        query = url_text.quote(query, url_text.QUERY_CHARACTERS)
    user, password = _credentials(url, parts.userinfo)
    host = _host(url, parts.host)
    return RequestTarget(
        Url(scheme, host, parts.port, path or "/", query),
        user,
        password,
        echo,
        websocket=scheme != parts.scheme or (echo and path == _ECHO_WEBSOCKET),
    )


def with_query(url: Url, pairs: Iterable[tuple[str, str]]) -> Url:
    """Return the URL with ``name=value`` for each pair behind its own query.

    They are quoted as a form's fields are, ``+`` for space. Raises
    UnicodeEncodeError for a lone surrogate that stands for no byte.
    """
    added = "&".join(
        f"{url_text.form_quote(name)}={url_text.form_quote(value)}" for name, value in pairs
    )
    if not added:
        return url
    return url._replace(query=f"{url.query}&{added}" if url.query else added)


def _expanded(text: str, default_scheme: str, *, echo: bool) -> str:
    """Return the absolute URL that a shorthand stands for."""
    if echo:
        rest = text.removeprefix("echo:")
        if rest.startswith("//"):
            raise UsageError(
                "echo: has no host: it is this program",
                hint="echo:/anything",
                fault=Fault("echo://", len("echo:"), len("echo://")),
            )
        path = "/anything" if not rest or rest.startswith("#") else ""
        return f"http://{ECHO_HOST}{path}{rest}"
    if text.startswith("://"):
        return default_scheme + text
    if text.startswith(":") and not text.startswith("::"):
        return f"{default_scheme}://localhost{text}"
    return text if url_text.SCHEME.match(text) else f"{default_scheme}://{text}"


def _host(url: _Text, typed: str) -> str:
    begin = url.full.index("//") + 2
    start = max(begin, url.full.rfind("@", begin, url_text.authority_end(url.full)) + 1)
    try:
        return normalize_host(typed)
    except HostError as error:
        raise url.error(str(error), start + error.start, start + error.end) from None


def _credentials(url: _Text, userinfo: str | None) -> tuple[str | None, str | None]:
    if not userinfo:
        return None, None
    user, colon, password = userinfo.partition(":")
    try:
        return (
            url_text.unquote(user, "strict"),
            url_text.unquote(password, "strict") if colon else None,
        )
    except UnicodeDecodeError:
        start = url.full.index("//") + 2
        raise url.error(
            "the user and password are not UTF-8", start, start + len(userinfo)
        ) from None


def _refuse_unprintable(text: str) -> None:
    if not text:
        raise UsageError("there is no URL", hint="httpcli [METHOD] URL [ITEM]...")
    control = None if text.isprintable() else re.search(_CONTROL, text)
    if control is not None:
        what = _NAMES.get(control[0], "a control character")
        if control[0] > "\x9f":
            what = "a byte that is not UTF-8"
        raise _Text(text, text).error(
            f"{what} cannot stand in a URL", *control.span(), hint="its escape begins with %"
        )
    if text[0].isspace() or text[-1].isspace():
        at = 0 if text[0].isspace() else len(text) - 1
        raise _Text(text, text).error("there is a blank around the URL", at, at + 1)


def _refuse_unfit(url: _Text, piece: str, start: int) -> None:
    """Raise UsageError where the piece, at ``full[start]``, cannot be sent as it is."""
    unfit = re.search(_NOT_AS_IS, piece)
    if unfit is not None:
        raise url.error(
            "a path and query that are sent as typed have only printable ASCII, and no space",
            start + unfit.start(),
            start + unfit.end(),
            hint="without --path-as-is and --url-encoded it is quoted for you",
        )


def _redacted(text: str, start: int, end: int) -> Fault:
    """Return the fault without the user, the password and the query around it."""
    scheme = re.match(_PREFIX, text)
    begin = scheme.end() if scheme else 0
    slash = re.search(_AUTHORITY_END, text[begin:])
    stop = begin + slash.start() if slash else len(text)
    at = text.rfind("@", begin, stop)
    if "@" in text[stop:] and (start < stop or ":" in text[at + 1 : stop]):
        # Perhaps a password in which a slash was not quoted: show none of it.
        return Fault(text[:begin] + REDACTED, begin, begin + len(REDACTED))
    query = text.find("?", stop)
    if 0 <= query < start:
        before = text[: query + 1] + "…"
        text, start, end = (
            before + text[start:end] + "…" * (end < len(text)),
            len(before),
            len(before) + end - start,
        )
    elif query >= 0:
        text = text[: query + 1] + "…" * (query + 1 < len(text))
    if at < 0:
        return Fault(text, start, end)
    if start < at and end > begin:
        return Fault(text[:begin] + REDACTED + text[at:], begin, begin + len(REDACTED))
    shift = len(REDACTED) - (at - begin) if start >= at else 0
    return Fault(text[:begin] + REDACTED + text[at:], start + shift, end + shift)


# URLs whose authority is a Unix socket: ``http+unix://%2Frun%2Fapp.sock/target``.


_URL = r"(https?|wss?)\+unix://([^/?#]*)(.*)"


def parse_unix_target(text: str, *, path_as_is: bool, encoded: bool) -> RequestTarget:
    """Return what the URL means: a socket, asked as ``localhost``. Raises UsageError.

    The path of the socket is percent-encoded; ``@name`` is an abstract one.
    """
    match = re.fullmatch(_URL, text, re.IGNORECASE | re.DOTALL)
    if match is None or not match[2]:
        raise UsageError(
            "there is no socket in the URL",
            hint="the socket's path is quoted: http+unix://%2Frun%2Fapp.sock/",
            fault=Fault(text, 0, len(text)),
        )
    url = f"{match[1]}://localhost{match[3]}"
    target = parse_target(url, path_as_is=path_as_is, encoded=encoded)
    return target._replace(unix_socket=unquote(match[2]))
