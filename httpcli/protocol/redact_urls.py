"""Redacts URLs, absolute or relative, URLs in other text, and forms.

Redacted are the userinfo, and secret parameters in the path (``;token=x``), the query and
the fragment, where OAuth returns tokens (RFC 6749, 4.2.2). Values that are URLs or JSON are
searched too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from httpcli.core.escaping import REDACTED
from httpcli.core.url import form_quote, unquote
from httpcli.protocol.redact_json import (
    MARK,
    NAME_END,
    JsonRedactor,
    is_secret_member,
    redact_bytes,
)

_SECRET_PARAMETERS = frozenset(
    {"assertion", "code", "code-verifier", "device-code", "samlart", "samlresponse", "ticket"}
)
"""Credentials in URLs and forms of logins (RFC 6749, RFC 8628, SAML, CAS); elsewhere ``code``
is a common name of harmless values."""
_MAX_FORM_VALUE = 1 << 20
"""Bytes of a member of a form that is searched for further names; a longer one is redacted."""
_MAX_URL = 4096
"""Bytes of a URL in a body that is held until it is complete."""
_MAX_FORM_NAME = 4096
"""Bytes of the name of a longer member that are kept."""
_AUTHORITY = re.compile(r"\s*(?:(?!mailto:|urn:|data:)[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]{2,}")
_USERINFO = re.compile(r"[^/?#\\]*@")
_ODD_USERINFO = re.compile(r"(?!\[)[^/?#\\\s]*:(?!\d*(?:[/?#\\\s]|\Z))\S*@")
"""Userinfo with a password that contains a character that ends the host."""
_PATH_PARAMETER = re.compile(r";([^;/=?#]+)=([^;/?#]*)")
_USERINFO_IN_PATH = re.compile(r"(?<=/)[^/:@\s]+:[^/@\s]+@(?=[\w\[])")
"""Userinfo of a URL in the path of another, as ``/proxy/http://user:password@host/``."""
_IN_TEXT = re.compile(r"""(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^\s<>"'`]+""")
_PARAMETER_IN_TEXT = re.compile(r"""(^|[?&;#\s(,])((?!-)[^\s=&;?#/"'<>]{1,200})=([^\s&#"'<>]+)""")
_CREDENTIALS_IN_TEXT = re.compile(
    r"(?<![\w/:@.…-])[^\s/@:'\"<>=;,]+:(?!//)[^\s@'\"/<>]+@(?=[\w\[])"
)
_PLACEHOLDER = "USER:PASSWORD@"
"""Userinfo in our own hints."""
_PUNCTUATION = re.compile(r"[:,.;)\]\\]*\Z")


@lru_cache(maxsize=4096)
def is_secret_parameter(name: str) -> bool:
    """Return whether a name in a URL or form is secret; ``name`` may be percent-encoded.

    >>> [is_secret_parameter(name) for name in ("%70assword%5B%5D", "code", "a")]
    [True, True, False]
    """
    for _ in range(3):
        decoded = unquote(name, "replace").replace("+", " ")
        if decoded == name:
            break
        name = decoded
    plain = name.strip().lower().replace("_", "-")
    return plain in _SECRET_PARAMETERS or is_secret_member(name)


def redact_url(url: str) -> str:
    """Return a URL without its secrets.

    >>> redact_url("https://me:p@h/x;token=a?token=t&b=1#access_token=t&state=s")
    'https://…redacted…@h/x;token=…redacted…?token=…redacted…&b=1#access_token=…redacted…&state=s'
    """
    start = 0
    authority = _AUTHORITY.match(url)
    before = ""
    if authority is not None:
        start = authority.end()
        userinfo = _ODD_USERINFO.match(url, start) or _USERINFO.match(url, start)
        before = url[:start]
        if userinfo is not None and userinfo[0] != _PLACEHOLDER:
            before += f"{REDACTED}@"
            start = userinfo.end()
    rest, mark, fragment = url[start:].partition("#")
    return before + _redact_path_and_query(rest) + mark + _redact_fragment(fragment)


def without_secret_parameters(path: str) -> str:
    """Return a path without its secret parameters.

    >>> without_secret_parameters("/a;token=t;v=1/b;jsessionid=t.zip")
    '/a;v=1/b'
    """
    return _PATH_PARAMETER.sub(
        lambda match: "" if is_secret_parameter(match[1]) else match[0], path
    )


def redact_urls_in_text(text: str) -> str:
    """Return a text, such as a message, without the secrets of the URLs in it."""
    if "//" in text:
        text = _IN_TEXT.sub(_redact_match, text)
    if "@" in text:
        text = _CREDENTIALS_IN_TEXT.sub(_redact_credentials, text)
    return _PARAMETER_IN_TEXT.sub(_redact_parameter, text) if "=" in text else text


def _redact_match(match: re.Match[str]) -> str:
    url = match[0]
    end = _PUNCTUATION.search(url)
    cut = end.start() if end else len(url)
    return redact_url(url[:cut]) + url[cut:]


def _redact_credentials(match: re.Match[str]) -> str:
    return match[0] if REDACTED in match[0] else f"{REDACTED}@"


def _redact_parameter(match: re.Match[str]) -> str:
    is_secret = is_secret_parameter if match[1] in "?&;#" and match[1] else is_secret_member
    if match[3].startswith(REDACTED) or not is_secret(match[2]):
        return match[0]
    return f"{match[1]}{match[2]}={REDACTED}"


def _redact_path_and_query(text: str) -> str:
    path, mark, query = text.partition("?")
    path = _USERINFO_IN_PATH.sub(f"{REDACTED}@", path)
    return _PATH_PARAMETER.sub(_redact_path_parameter, path) + mark + _redact_query(query)


def _redact_path_parameter(match: re.Match[str]) -> str:
    return f";{match[1]}={REDACTED}" if is_secret_parameter(match[1]) else match[0]


def _redact_fragment(fragment: str) -> str:
    """Return a fragment without secrets; it may have a query of its own, as in ``#/x?a=1``."""
    if "?" in fragment:
        return _redact_path_and_query(fragment)
    return _redact_query(fragment)


def _redact_query(query: str) -> str:
    if "=" not in query and "%" not in query:
        return query
    data = query.encode("utf-8", "surrogateescape")
    return redact_bytes(FormRedactor(), data).decode("utf-8", "surrogateescape")


_URL_IN_BODY = re.compile(
    # Each alternative begins with a literal: the search is several times faster.
    rb"""(?:/(?<=:/)\\?/|/(?<=["']/)|\\/(?<=:\\/)\\?/|\\/(?<=["']\\/))(?:[^\s"'<>\\]++|\\/|\\u0026)++"""
)
_UNUSUAL = re.compile(rb"""[@%+\\"'{\[\x80-\xff]|&amp;""")
_NAMES = re.compile(rb"[?&;#]([^?&;#=]*)=")
_MAY_BE_URL = re.compile(rb"""(?::[\\/]{0,4}|["']\\?)\Z""")


class UrlRedactor:
    """Redacts the URLs in a body: after ``://``, and paths in quotation marks."""

    def __init__(self) -> None:
        self._data = b""
        self._context = b""
        """The last byte before the data."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        self._data += data
        return self._redact(at_end=False)

    def flush(self) -> bytes:
        """Return the rest."""
        return self._redact(at_end=True)

    def _redact(self, *, at_end: bool) -> bytes:
        text = self._context + self._data
        done = len(self._context)
        pieces: list[bytes] = []
        cut = len(text)
        for match in _URL_IN_BODY.finditer(text):
            if match.start() < done:
                continue
            is_cut = match.end() >= len(text) - len("\\u0026") and not at_end
            if is_cut and len(match[0]) < _MAX_URL:
                cut = match.start()
                break
            pieces += [text[done : match.start()], _redact_url_in_body(match[0])]
            done = match.end()
        held = None if at_end else _MAY_BE_URL.search(text, max(done, len(text) - 8), cut)
        if held is not None:
            cut = held.start()
        cut = max(cut, done)
        pieces.append(text[done:cut])
        self._data = text[cut:]
        self._context = text[max(0, cut - 1) : cut]
        return b"".join(pieces)


@lru_cache(maxsize=4096)
def _is_secret_parameter_name(name: bytes) -> bool:
    return is_secret_parameter(name.decode("ascii"))


def _redact_url_in_body(data: bytes) -> bytes:
    """Return a URL, in which JSON or HTML may have escaped some characters."""
    if _UNUSUAL.search(data) is None:
        # The common case, by fewer steps: no escapes, no userinfo, and only harmless names.
        names = _NAMES.findall(data)
        if data.count(b"=") == len(names) and not any(map(_is_secret_parameter_name, names)):
            return data
    plain = data.replace(b"\\/", b"/").replace(b"\\u0026", b"&").replace(b"&amp;", b"&")
    text = plain.decode("utf-8", "surrogateescape")
    redacted = redact_url(text)
    return data if redacted == text else redacted.encode("utf-8", "surrogateescape")


class FormRedactor:
    """Redacts members of ``a=1&b=2``; ``;`` separates them too, and lines if ``lines``.

    A secret value extends to the next ``&``: it may contain a semicolon.
    """

    def __init__(self, *, lines: bool = False) -> None:
        self._separator = re.compile(rb"[&;\r\n]" if lines else rb"[&;]")
        self._data = b""
        self._redacts = False
        """Whether the value up to the next ``&`` is being dropped."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return the bytes that are ready."""
        self._data += data
        pieces = []
        done = 0
        for match in self._separator.finditer(self._data):
            pieces.append(self._member(self._data[done : match.start()], match[0]))
            done = match.end()
        self._data = self._data[done:]
        if len(self._data) > _MAX_FORM_VALUE:
            if not self._redacts:
                pieces.append(self._data[:_MAX_FORM_NAME].partition(b"=")[0] + b"=" + MARK)
                self._redacts = True
            self._data = b""
        return b"".join(pieces)

    def flush(self) -> bytes:
        """Return the rest."""
        data, self._data = self._data, b""
        return self._member(data, b"")

    def _member(self, member: bytes, separator: bytes) -> bytes:
        """Return a member without its secret, and the separator behind it."""
        if self._redacts:
            if separator == b";":
                return b""
            self._redacts = False
            return separator
        name, equals, value = member.partition(b"=")
        if not equals:
            return redact_encoded(member) + separator
        if not is_secret_parameter(name.decode("utf-8", "replace")):
            return name + equals + redact_encoded(value) + separator
        if not value and separator != b";":
            return member + separator
        self._redacts = separator == b";"
        return name + equals + MARK + (b"" if self._redacts else separator)


def redact_encoded(value: bytes) -> bytes:
    """Return a value of a form, which may be JSON or a URL with secrets in it, without them."""
    if not re.search(rb"[\"'=%?]", value):
        return value
    text = unquote(value.decode("utf-8", "surrogateescape").replace("+", " "))
    plain = text.encode("utf-8", "surrogateescape")
    redacted = plain
    if NAME_END.search(plain):
        redacted = redact_bytes(JsonRedactor(), plain)
    elif re.search(rb"[?&;=/]|%", plain) and b"\n" not in plain:
        redacted = redact_url(text).encode("utf-8", "surrogateescape")
    if redacted == plain:
        return value
    encoded = form_quote(redacted.decode("utf-8", "surrogateescape"))
    return encoded.replace(form_quote(REDACTED), REDACTED).encode()
