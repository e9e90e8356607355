"""The syntax of URLs on the command line, with HTTPie's shorthands.

Percent-escapes stay as typed, since changing them breaks signed URLs. Characters
that a request line cannot contain are quoted, or rejected with ``--path-as-is``
and ``--url-encoded``. No error shows a password or a query.
"""

import re
from collections.abc import Iterable

from httpcli.core.errors import Fault, HostError, UsageError
from httpcli.core.escaping import REDACTED
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.url import (
    DEFAULT_PORTS,
    PATH_CHARACTERS,
    QUERY_CHARACTERS,
    SCHEME,
    SCHEMES,
    WEBSOCKET_SCHEMES,
    Url,
    UrlSyntaxError,
    authority_end,
    form_quote,
    normalize_host,
    quote,
    remove_dot_segments,
    split_url,
    unquote,
)

ECHO_HOST = "echo"
"""The host of an ``echo:`` URL, whose server is part of this program."""

_ECHO_WEBSOCKET = "/ws"
_MAX_UNIX_PREFIX = len("https+unix://")
# Patterns are strings: most runs need none of them and do not pay for compiling them.
_UNPRINTABLE = "[\x00-\x1f\x7f-\x9f\ud800-\udfff]"
_NOT_PRINTABLE_ASCII = r"[^!-~]+"
_PREFIX = r"(?:[A-Za-z][A-Za-z0-9+.-]*)?://"
_AUTHORITY_END = r"[/?#]"
_QUOTING_HINT = "in user names and passwords, write / ? # as %2F %3F %23"
_UNIX_URL = r"(https?|wss?)\+unix://([^/?#]*)(.*)"
_CHARACTER_NAMES = {"\r": "a carriage return", "\n": "a line feed", "\t": "a tab", "\0": "a NUL"}


class ParsedUrl(NamedTuple):
    """A URL of the command line, split into the request's URL and other parts."""

    url: Url
    """The URL to request, without credentials; of a WebSocket, that of the handshake."""
    user: str | None = None
    """The user name, decoded; None if the URL has none."""
    password: str | None = None
    """The password, decoded; None if the URL has none."""
    echo: bool = False
    """Whether the built-in echo server answers."""
    unix_socket: str = ""
    """The decoded path of a Unix socket to connect to; ``@name`` for an abstract one."""
    websocket: bool = False
    """Whether to open a WebSocket."""


class _TypedUrl(NamedTuple):
    """A URL as typed, and in full."""

    typed: str
    full: str
    """The absolute URL; it ends as ``typed`` does."""

    @property
    def shift(self) -> int:
        """How much longer the absolute URL is."""
        return len(self.full) - len(self.typed)

    def error(self, message: str, start: int, end: int, *, hint: str = "") -> UsageError:
        """Return the error that points at ``full[start:end]``."""
        first = max(0, start - self.shift)
        last = max(first, end - self.shift)
        return UsageError(message, hint=hint, fault=_redacted_fault(self.typed, first, last))


def parse_url(
    text: str,
    *,
    default_scheme: str = "http",
    path_as_is: bool = False,
    encoded: bool = False,
) -> ParsedUrl:
    """Parse a URL of the command line.

    ``path_as_is`` keeps the path as typed, and ``encoded`` the path and the query;
    a character that a request line cannot contain is then an error. Raises
    UsageError with the place of the fault.
    """
    _reject_unprintable(text)
    if _has_wrong_slashes(text):
        _check_prefix(text)
    if "+unix://" in text[:_MAX_UNIX_PREFIX].lower():
        return _parse_unix_url(text, path_as_is=path_as_is, encoded=encoded)
    echo = text == "echo:" or text.startswith(("echo:/", "echo:?", "echo:#"))
    url = _TypedUrl(text, _expand(text, default_scheme, echo=echo))
    try:
        parts = split_url(url.full)
    except UrlSyntaxError as error:
        _check_prefix(text)
        raise url.error(
            str(error), error.start, error.end, hint=_QUOTING_HINT if "@" in text else ""
        ) from None
    scheme = WEBSOCKET_SCHEMES.get(parts.scheme, parts.scheme)
    if (
        parts.host in DEFAULT_PORTS
        or scheme not in DEFAULT_PORTS
        or (not echo and not SCHEME.match(text) and (parts.path[:2] == "//" or ":" in text))
    ):
        _check_prefix(text)
    if scheme not in DEFAULT_PORTS:
        known = f"{', '.join(DEFAULT_PORTS)}, {' and '.join(WEBSOCKET_SCHEMES)}"
        message = f"{parts.scheme}:// is not supported"
        raise url.error(message, 0, len(parts.scheme), hint=f"{known} are")
    end = authority_end(url.full)
    path, query = parts.path, parts.query
    if path_as_is or encoded:
        _reject_unquoted(url, path, end)
    else:
        path = remove_dot_segments(quote(path or "/", PATH_CHARACTERS))
    if query is not None and encoded:
        _reject_unquoted(url, query, end + len(parts.path) + 1)
    elif query is not None:
        query = quote(query, QUERY_CHARACTERS)
    user, password = _parse_credentials(url, parts.userinfo)
    host = _normalize_host(url, parts.host)
    return ParsedUrl(
        Url(scheme, host, parts.port, path or "/", query),
        user,
        password,
        echo,
        websocket=scheme != parts.scheme or (echo and path == _ECHO_WEBSOCKET),
    )


def _has_wrong_slashes(text: str) -> bool:
    """Return whether a scheme is not followed by ``://``, as in ``http:/host`` or ``http//host``.

    ``http:8080/x`` is a host called http.
    """
    scheme, separator, rest = text.partition(":")
    if not separator or scheme.lower() not in SCHEMES:
        scheme, separator, _ = text.partition("//")
        return bool(separator) and scheme.lower() in SCHEMES
    if not rest or rest[0].isdecimal():
        return False
    return not rest.startswith("//") or rest[2:3] in ("/", "\\")


def _parse_unix_url(text: str, *, path_as_is: bool, encoded: bool) -> ParsedUrl:
    """Parse ``http+unix://%2Frun%2Fapp.sock/path``: the socket is percent-encoded.

    The host of the request is ``localhost``. Raises UsageError.
    """
    match = re.fullmatch(_UNIX_URL, text, re.IGNORECASE | re.DOTALL)
    if match is None or not match[2]:
        raise UsageError(
            "missing socket path in the URL",
            hint="percent-encode the path of the socket: http+unix://%2Frun%2Fapp.sock/",
            fault=Fault(text, 0, len(text)),
        )
    url = f"{match[1]}://localhost{match[3]}"
    parsed_url = parse_url(url, path_as_is=path_as_is, encoded=encoded)
    return parsed_url._replace(unix_socket=unquote(match[2]))


def with_query(url: Url, pairs: Iterable[tuple[str, str]]) -> Url:
    """Return the URL with ``name=value`` for each pair added to its query.

    Pairs are quoted as in a form, with ``+`` for a space. Raises
    UnicodeEncodeError for a surrogate that is not the escape of a byte.
    """
    added = "&".join(f"{form_quote(name)}={form_quote(value)}" for name, value in pairs)
    if not added:
        return url
    return url._replace(query=f"{url.query}&{added}" if url.query else added)


def _expand(text: str, default_scheme: str, *, echo: bool) -> str:
    """Return the absolute URL for a shorthand."""
    if echo:
        path = text.removeprefix("echo:")
        if path.startswith("//"):
            raise UsageError(
                "echo: URLs have no host",
                hint="echo:/anything",
                fault=Fault("echo://", len("echo:"), len("echo://")),
            )
        page = "/anything" if not path or path.startswith("#") else ""
        return f"http://{ECHO_HOST}{page}{path}"
    if text.startswith("://"):
        return default_scheme + text
    if text.startswith("//"):
        return f"{default_scheme}:{text}"
    if text.startswith(":") and not text.startswith("::"):
        return f"{default_scheme}://localhost{text}"
    return text if SCHEME.match(text) else f"{default_scheme}://{text}"


def _check_prefix(text: str) -> None:
    """Raise UsageError if the scheme is mistyped, or not one of a URL that can be requested."""
    from httpcli.syntax.url_prefixes import explain_prefix

    error = explain_prefix(text)
    if error is not None:
        raise error


def _normalize_host(url: _TypedUrl, host: str) -> str:
    begin = url.full.index("//") + 2
    start = max(begin, url.full.rfind("@", begin, authority_end(url.full)) + 1)
    try:
        return normalize_host(host)
    except HostError as error:
        raise url.error(str(error), start + error.start, start + error.end) from None


def _parse_credentials(url: _TypedUrl, userinfo: str | None) -> tuple[str | None, str | None]:
    if not userinfo:
        return None, None
    user, colon, password = userinfo.partition(":")
    try:
        return (
            unquote(user, "strict"),
            unquote(password, "strict") if colon else None,
        )
    except UnicodeDecodeError:
        start = url.full.index("//") + 2
        raise url.error(
            "the user name or password is not UTF-8", start, start + len(userinfo)
        ) from None


def _reject_unprintable(text: str) -> None:
    if not text:
        raise UsageError("empty URL", hint="httpcli [METHOD] URL [ITEM]...")
    character = None if text.isprintable() else re.search(_UNPRINTABLE, text)
    if character is not None:
        what = _CHARACTER_NAMES.get(character[0], "a control character")
        if character[0] > "\x9f":  # a surrogate
            what = "a byte that is not UTF-8"
        raise _TypedUrl(text, text).error(
            f"{what} is not allowed in a URL", *character.span(), hint="percent-encode it"
        )
    if text[0].isspace() or text[-1].isspace():
        at = 0 if text[0].isspace() else len(text) - 1
        raise _TypedUrl(text, text).error("the URL starts or ends with a space", at, at + 1)


def _reject_unquoted(url: _TypedUrl, piece: str, start: int) -> None:
    """Raise UsageError if the part of the URL at ``full[start]`` would have to be quoted."""
    unquoted = re.search(_NOT_PRINTABLE_ASCII, piece)
    if unquoted is not None:
        raise url.error(
            (
                "with --path-as-is or --url-encoded, a URL can contain only printable ASCII "
                "without spaces"
            ),
            start + unquoted.start(),
            start + unquoted.end(),
            hint="without --path-as-is and --url-encoded, the URL is encoded automatically",
        )


def _redacted_fault(text: str, start: int, end: int) -> Fault:
    """Return the fault, showing neither the credentials nor the query around it."""
    scheme = re.match(_PREFIX, text)
    begin = scheme.end() if scheme else 0
    slash = re.search(_AUTHORITY_END, text[begin:])
    stop = begin + slash.start() if slash else len(text)
    at = text.rfind("@", begin, stop)
    if "@" in text[stop:] and (start < stop or ":" in text[at + 1 : stop]):
        # It may be a password with an unquoted slash: show nothing after the scheme.
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
