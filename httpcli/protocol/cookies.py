"""Cookies (RFC 6265bis): parses Set-Cookie headers, and stores cookies in a jar.

Headers are parsed as leniently as in browsers. Unlike in browsers, the age of cookies
is not limited, and SameSite has no effect because no other site causes the requests.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from httpcli.core.headers import CONTROLS
from httpcli.core.limits import (
    MAX_COOKIE_ATTRIBUTE_SIZE,
    MAX_COOKIE_HEADER_SIZE,
    MAX_COOKIE_SIZE,
    MAX_COOKIES,
    MAX_STORED_COOKIES,
)
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.request import Request
from httpcli.core.session import Cookie, CookieKey
from httpcli.core.url import canonical_host, host_is_ip
from httpcli.protocol.dates import parse_date

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList


class CookieScope(NamedTuple):
    """The properties of a request that decide which cookies apply. The port does not (8.5)."""

    host: str
    path: str
    secure: bool
    """Whether the connection is encrypted or local."""


def cookie_scope(request: Request) -> CookieScope:
    """Return the scope of a request; a typed Host header overrides the URL's host."""
    url = request.url
    host = canonical_host(url.host)
    secure = url.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return CookieScope(host_from_authority(request.fields.first("Host")) or host, url.path, secure)


def host_from_authority(authority: str | None) -> str:
    """Return the host of ``host[:port]``, as ``canonical_host`` returns it."""
    text = (authority or "").strip()
    if text.startswith("["):
        return canonical_host(text[1:].partition("]")[0])
    return canonical_host(text.partition(":")[0])


def domain_matches(host: str, domain: str) -> bool:
    """Return whether a host is a domain or a subdomain of it (RFC 6265bis, 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not host_is_ip(host))


def path_matches(path: str, cookie_path: str) -> bool:
    """Return whether a path is the cookie's path or below it (RFC 6265bis, 5.1.4)."""
    if not path.startswith(cookie_path):
        return False
    return (
        len(path) == len(cookie_path) or cookie_path[-1:] == "/" or path[len(cookie_path)] == "/"
    )


def default_path(path: str) -> str:
    """Return the default path of a cookie: the request's up to its last slash (5.1.4)."""
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"


# Set-Cookie headers (RFC 6265bis, 5.6)

_BLANKS = " \t"
_CONTROL = re.compile(CONTROLS)
_MAX_AGE = re.compile(r"-?[0-9]+")
_MAX_EXPIRES = 253_402_300_799.0
"""The last second of the year 9999."""


class SetCookie(NamedTuple):
    """One Set-Cookie header. Missing attributes are empty."""

    name: str
    value: str
    domain: str = ""
    path: str = ""
    """Empty for the default path, which also replaces an invalid one."""
    expires: float | None = None
    """Seconds since 1970, from Max-Age or Expires; None for a session cookie."""
    secure: bool = False
    http_only: bool = False
    same_site: str = ""


def parse_set_cookie(text: str, now: float) -> SetCookie | None:
    """Parse a Set-Cookie header; return None if it must be ignored."""
    if _CONTROL.search(text):
        return None
    pair, _, rest = text.partition(";")
    name, value = parse_pair(pair)
    if not (name or value) or _size(name) + _size(value) > MAX_COOKIE_SIZE:
        return None
    attributes: dict[str, str] = {}
    for piece in rest.split(";"):
        attribute, _, setting = (part.strip(_BLANKS) for part in piece.partition("="))
        if _size(setting) <= MAX_COOKIE_ATTRIBUTE_SIZE:
            _add_attribute(attributes, attribute.lower(), setting)
    return SetCookie(
        name=name,
        value=value,
        domain=attributes.get("domain", ""),
        path=attributes.get("path", ""),
        expires=_expires(attributes, now),
        secure="secure" in attributes,
        http_only="httponly" in attributes,
        same_site=attributes.get("samesite", ""),
    )


def is_too_large(text: str) -> bool:
    """Return whether the name and value in a Set-Cookie header are too long."""
    name, value = parse_pair(text.partition(";")[0])
    return _size(name) + _size(value) > MAX_COOKIE_SIZE


def parse_pair(text: str) -> tuple[str, str]:
    """Return name and value; without ``=``, the name is empty and the text is the value."""
    name, equals, value = text.partition("=")
    if not equals:
        name, value = "", name
    return name.strip(_BLANKS), value.strip(_BLANKS)


def _add_attribute(attributes: dict[str, str], name: str, setting: str) -> None:
    """Add an attribute unless it is invalid; it replaces an earlier one of the name."""
    if name == "expires" and parse_date(setting) is None:
        return
    if name == "max-age" and not _MAX_AGE.fullmatch(setting):
        return
    if name == "domain":
        setting = setting.removeprefix(".").rstrip(".").lower()
        if not setting.isascii():
            setting = canonical_host(setting)
    if name == "path" and not setting.startswith("/"):
        setting = ""
    if name == "samesite":
        setting = setting.lower() if setting.lower() in ("none", "strict", "lax") else ""
    attributes[name] = setting


def _expires(attributes: dict[str, str], now: float) -> float | None:
    age = attributes.get("max-age")
    if age is not None:
        seconds = int(age)
        return 0.0 if seconds <= 0 else float(min(now + min(seconds, _MAX_EXPIRES), _MAX_EXPIRES))
    return parse_date(attributes["expires"]) if "expires" in attributes else None


def _size(text: str) -> int:
    """Return the size in bytes as received."""
    # A byte that is not UTF-8 is stored as a surrogate, which becomes one question mark.
    return len(text.encode("utf-8", "replace"))


# The jar (RFC 6265bis, 5.7 and 5.8)

IsPublicSuffix = Callable[[str], bool]
"""Return whether anyone can register names under a domain, which then cannot have cookies."""


def is_public_suffix(domain: str) -> bool:
    """Return whether a domain, in lower case, is a public suffix, such as ``com`` or ``co.uk``.

    Every top-level domain is a public suffix, also if Mozilla's list does not contain it.
    """
    return "." not in domain or _public_suffix_list(punycode="xn--" in domain).is_public(domain)


@cache
def _public_suffix_list(*, punycode: bool) -> "PublicSuffixList":
    # From a library, because the list has 10,000 rules and changes every week. Its rules in
    # Punycode take 60 ms more to load, and few hosts need them.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_encoded_idn=punycode)


def parse_cookie_field(value: str, host: str) -> list[Cookie]:
    """Parse a Cookie header; the cookies are for that host only."""
    pairs = [parse_pair(piece) for piece in value.split(";") if piece.strip()]
    return [Cookie(name, text, host) for name, text in pairs]


class Jar:
    """The cookies of a run, oldest first."""

    def __init__(
        self, cookies: Iterable[Cookie] = (), is_public_suffix: IsPublicSuffix = is_public_suffix
    ) -> None:
        self._cookies: dict[CookieKey, Cookie] = {cookie.key: cookie for cookie in cookies}
        self._loaded = frozenset(self._cookies)
        self._is_public_suffix = is_public_suffix
        self._typed: set[CookieKey] = set()
        """The keys of the cookies that the user typed."""
        self.changes: dict[CookieKey, Cookie | None] = {}
        """The changes of this run: the cookie that was set, or None if it was removed."""
        self._leaves_out = False
        """Whether cookies were left out, and ``take_warning`` has not returned it."""
        self._has_warned = False

    def add_typed(self, cookie: Cookie, scope: CookieScope, now: float) -> None:
        """Add a typed cookie in place of those of its name that would be sent to ``scope``."""
        for other in self.cookies_for(scope, now):
            if other.name == cookie.name:
                self._remove(other.key)
        self._set(cookie)
        self._typed.add(cookie.key)

    def receive(self, lines: Iterable[str], scope: CookieScope, now: float) -> None:
        """Store the cookies of Set-Cookie headers received from ``scope``; skip invalid ones.

        Cookies over a limit are left out: see ``take_warning``.
        """
        for key, old in list(self._cookies.items()):
            if old.is_expired(now) and self._matches_host(old, scope.host):
                self._remove(key)
        count = sum(self._matches_host(cookie, scope.host) for cookie in self._cookies.values())
        for line in lines:
            field = parse_set_cookie(line, now)
            self._leaves_out |= field is None and is_too_large(line)
            cookie = None if field is None else self._make_cookie(field, scope)
            if cookie is None:
                continue
            if not (
                cookie.key in self._cookies
                or cookie.is_expired(now)
                or (count < MAX_COOKIES and len(self._cookies) < MAX_STORED_COOKIES)
            ):
                self._leaves_out = True
            elif self._may_set(cookie, scope):
                before = len(self._cookies)
                self._replace(cookie, scope, now)
                count += len(self._cookies) - before

    def take_warning(self) -> str:
        """Return the warning that cookies were left out, once; else an empty text."""
        if not self._leaves_out or self._has_warned:
            return ""
        self._has_warned = True
        return (
            f"some cookies are left out: a host can set {MAX_COOKIES} of "
            f"{MAX_COOKIE_SIZE >> 10} KiB, and {MAX_COOKIE_HEADER_SIZE >> 10} KiB are sent"
        )

    def cookies_for(self, scope: CookieScope, now: float) -> list[Cookie]:
        """Return the cookies to send: longer paths first, then older ones (5.8.3)."""
        cookies = [
            cookie
            for cookie in self._cookies.values()
            if self._matches(cookie, scope) and not cookie.is_expired(now)
        ]
        return sorted(cookies, key=lambda cookie: -len(cookie.path))

    def cookie_field(self, typed: list[str], scope: CookieScope, now: float) -> str:
        """Return the value of the Cookie header; empty if no cookie is sent.

        ``typed`` has the values of the typed Cookie headers. If several cookies have
        the same name, one received in this run goes first, then a typed one. Stored cookies
        for which there is no room are left out: see ``take_warning``.
        """
        cookies = self.cookies_for(scope, now)
        new = {cookie.name for cookie in cookies if self._is_new(cookie)}
        pieces = [piece.strip() for value in typed for piece in value.split(";")]
        kept = [piece for piece in pieces if piece and parse_pair(piece)[0] not in new]
        names = {parse_pair(piece)[0] for piece in kept}
        stored = [_pair(cookie) for cookie in cookies if cookie.name not in names]
        room = MAX_COOKIE_HEADER_SIZE - sum(_size(piece) + 2 for piece in kept) + 2
        sent = []
        for pair in stored[:MAX_COOKIES]:
            size = _size(pair)
            if size <= room:
                sent.append(pair)
                room -= size + 2
        self._leaves_out |= len(sent) < len(stored)
        return "; ".join(kept + sent)

    def _is_new(self, cookie: Cookie) -> bool:
        return cookie.key in self.changes and cookie.key not in self._typed

    def _make_cookie(self, field: SetCookie, scope: CookieScope) -> Cookie | None:
        """Return the cookie of a Set-Cookie header; None if the host may not set it."""
        domain, host_only = field.domain, False
        if not domain or (domain == scope.host and self._is_host_only(domain)):
            domain, host_only = scope.host, True
        elif not domain_matches(scope.host, domain) or self._is_host_only(domain):
            return None
        if not _meets_name_prefix(field, host_only=host_only):
            return None
        return Cookie(
            name=field.name,
            value=field.value,
            domain=domain,
            path=field.path or default_path(scope.path),
            host_only=host_only,
            secure=field.secure,
            expires=field.expires,
            http_only=field.http_only,
            same_site=field.same_site,
        )

    def _is_host_only(self, domain: str) -> bool:
        """Return whether a domain cannot have cookies for its subdomains."""
        return host_is_ip(domain) or not domain.isascii() or self._is_public_suffix(domain)

    def _may_set(self, cookie: Cookie, scope: CookieScope) -> bool:
        """Return whether ``scope`` may set a cookie: only a secure one may replace secure ones."""
        if scope.secure:
            return True
        return not cookie.secure and not any(
            other.secure and other.name == cookie.name and _would_shadow(cookie, other)
            for other in self._cookies.values()
        )

    def _replace(self, cookie: Cookie, scope: CookieScope, now: float) -> None:
        # A received cookie replaces typed ones.
        for key in [key for key in self._typed if key[0] == cookie.name]:
            if self._matches_host(self._cookies[key], scope.host):
                self._remove(key)
        if cookie.is_expired(now):
            self._remove(cookie.key)
        else:
            self._set(cookie)

    def _matches(self, cookie: Cookie, scope: CookieScope) -> bool:
        return (
            self._matches_host(cookie, scope.host)
            and path_matches(scope.path, cookie.path)
            and (scope.secure or not cookie.secure)
        )

    def _matches_host(self, cookie: Cookie, host: str) -> bool:
        """Return whether a host gets a cookie. A file may hold one for all of a public suffix."""
        if cookie.domain == host:
            return True
        return (
            not cookie.host_only
            and domain_matches(host, cookie.domain)
            and not self._is_public_suffix(cookie.domain)
        )

    def _set(self, cookie: Cookie) -> None:
        self._cookies[cookie.key] = cookie  # in the position, so with the age, of an older one
        self._typed.discard(cookie.key)
        self.changes[cookie.key] = cookie

    def _remove(self, key: CookieKey) -> None:
        if self._cookies.pop(key, None) is not None:
            self._typed.discard(key)
            if key in self._loaded or len(self.changes) < MAX_STORED_COOKIES:
                self.changes[key] = None
            else:  # a server could set and delete ever more cookies
                self.changes.pop(key, None)


def _meets_name_prefix(field: SetCookie, *, host_only: bool) -> bool:
    """Return whether a cookie meets the conditions of a name prefix (RFC 6265bis, 4.1.3)."""
    name = (field.name or field.value).lower()
    if not name.startswith(("__secure-", "__host-")):
        return True
    if not field.name or not field.secure:
        return False
    return name.startswith("__secure-") or (host_only and field.path == "/")


def _would_shadow(cookie: Cookie, other: Cookie) -> bool:
    """Return whether ``cookie`` could be sent instead of ``other``."""
    related = domain_matches(cookie.domain, other.domain) or domain_matches(
        other.domain, cookie.domain
    )
    return related and path_matches(cookie.path, other.path)


def _pair(cookie: Cookie) -> str:
    return f"{cookie.name}={cookie.value}" if cookie.name else cookie.value
