"""Where a request goes, and what cookies that place is for (RFC 6265bis, 5.1)."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from httpcli.core.request import Request
from httpcli.core.session import Cookie, CookieKey
from httpcli.core.url import is_ip_address
from httpcli.protocol.dates import parse_date


class CookieScope(NamedTuple):
    """Where a request goes, as cookies see it: no port (RFC 6265bis, 8.5).

    ``secure``: nobody on the way can read it.
    """

    host: str
    path: str
    secure: bool


def place_of(request: Request) -> CookieScope:
    """Return where the request goes; a Host field of the user's names the host."""
    url = request.url
    secure = url.scheme == "https" or url.host == "localhost" or url.host.endswith(".localhost")
    return CookieScope(host_of(request.fields.first("Host")) or url.host, url.path, secure)


def host_of(authority: str | None) -> str:
    """Return the host of ``host[:port]``, in lower case, without the brackets of IPv6."""
    text = (authority or "").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def domain_matches(host: str, domain: str) -> bool:
    """Tell whether a host is the domain or below it (RFC 6265bis, 5.1.3)."""
    return host == domain or (host.endswith(f".{domain}") and not is_ip_address(host))


def path_matches(path: str, cookie_path: str) -> bool:
    """Tell whether a path is the cookie's or below it (RFC 6265bis, 5.1.4)."""
    if not path.startswith(cookie_path):
        return False
    return (
        len(path) == len(cookie_path) or cookie_path[-1:] == "/" or path[len(cookie_path)] == "/"
    )


def default_path(path: str) -> str:
    """Return the path of a cookie that names none: that of the request, up to its last slash."""
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"


# What a Set-Cookie field says, read as leniently as browsers do (RFC 6265bis, 5.6).


_BLANKS = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r"-?[0-9]+")
_LONGEST_PAIR = 4096
_LONGEST_ATTRIBUTE = 1024
_LATEST = 253_402_300_799.0
"""The last second of the year 9999."""


class SetCookie(NamedTuple):
    """One Set-Cookie field. Attributes that were not there are empty.

    ``expires`` is seconds since 1970, None with the session, and already minds
    Max-Age. ``path`` is empty too where it is no path: the default is meant then.
    """

    name: str
    value: str
    domain: str = ""
    path: str = ""
    expires: float | None = None
    secure: bool = False
    http_only: bool = False
    same_site: str = ""


def parse_set_cookie(text: str, now: float) -> SetCookie | None:
    """Return what the field says; None where nothing of it counts."""
    if _CONTROL.search(text):
        return None
    pair, _, rest = text.partition(";")
    name, value = parse_pair(pair)
    if not (name or value) or _size(name) + _size(value) > _LONGEST_PAIR:
        return None
    attributes: dict[str, str] = {}
    for piece in rest.split(";"):
        attribute, _, setting = (part.strip(_BLANKS) for part in piece.partition("="))
        if _size(setting) <= _LONGEST_ATTRIBUTE:
            _note(attributes, attribute.lower(), setting)
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


def parse_pair(text: str) -> tuple[str, str]:
    """Return name and value; a text without ``=`` is the value of a cookie without name."""
    name, equals, value = text.partition("=")
    if not equals:
        name, value = "", name
    return name.strip(_BLANKS), value.strip(_BLANKS)


def _note(attributes: dict[str, str], name: str, setting: str) -> None:
    """Keep an attribute unless it says nothing; of several the last one counts."""
    if name == "expires" and parse_date(setting) is None:
        return
    if name == "max-age" and not _MAX_AGE.fullmatch(setting):
        return
    if name == "domain":
        setting = setting.removeprefix(".").lower()
    if name == "path" and not setting.startswith("/"):
        setting = ""
    if name == "samesite":
        setting = setting.lower() if setting.lower() in ("none", "strict", "lax") else ""
    attributes[name] = setting


def _expires(attributes: dict[str, str], now: float) -> float | None:
    age = attributes.get("max-age")
    if age is not None:
        seconds = int(age)
        return 0.0 if seconds <= 0 else float(min(now + min(seconds, _LATEST), _LATEST))
    return parse_date(attributes["expires"]) if "expires" in attributes else None


def _size(text: str) -> int:
    """Return how many bytes the text was."""
    # A byte that is no text is one surrogate, and one question mark.
    return len(text.encode("utf-8", "replace"))


# The jar: which cookies are kept, and which go where (RFC 6265bis, 5.7 and 5.8).
#
# Differs from browsers in that the age of cookies has no limit and that SameSite is not acted
# upon: all requests are the user's own.


IsPublicSuffix = Callable[[str], bool]
"""Tells whether anybody may register names below a domain, so that it can own no cookies."""


def is_public_suffix(domain: str) -> bool:
    """Tell whether a domain is public; only one of several labels needs the list."""
    if "." not in domain:
        return True
    from httpcli.protocol.public_suffixes import is_listed

    return is_listed(domain)


def typed_cookies(value: str, host: str) -> list[Cookie]:
    """Return the cookies of a Cookie field as cookies of that host alone."""
    pairs = [parse_pair(piece) for piece in value.split(";") if piece.strip()]
    return [Cookie(name, text, host) for name, text in pairs]


class Jar:
    """The cookies of a run, oldest first.

    ``changes`` tells what the run did to those that it began with: by key, the
    cookie that was set, or None for one that was taken away.
    """

    def __init__(
        self, cookies: Iterable[Cookie] = (), is_public_suffix: IsPublicSuffix = is_public_suffix
    ) -> None:
        self._cookies: dict[CookieKey, Cookie] = {cookie.key: cookie for cookie in cookies}
        self._is_public_suffix = is_public_suffix
        self._typed: set[CookieKey] = set()
        self.changes: dict[CookieKey, Cookie | None] = {}

    def put(self, cookie: Cookie, place: CookieScope, now: float) -> None:
        """Take a cookie that the user typed instead of all that the place would get so named."""
        for other in self.cookies_for(place, now):
            if other.name == cookie.name:
                self._remove(other.key)
        self._set(cookie)
        self._typed.add(cookie.key)

    def take(self, lines: Iterable[str], place: CookieScope, now: float) -> None:
        """Take the values of Set-Cookie fields that came from ``place``; refuse the unfit."""
        for line in lines:
            said = parse_set_cookie(line, now)
            cookie = None if said is None else self._made(said, place)
            if cookie is not None and self._may_set(cookie, place):
                self._replace(cookie, place, now)

    def cookies_for(self, place: CookieScope, now: float) -> list[Cookie]:
        """Return what is sent there: longer paths first, then the older ones."""
        fit = [
            cookie
            for cookie in self._cookies.values()
            if _is_for(cookie, place) and not cookie.is_expired(now)
        ]
        bound = {cookie.name for cookie in fit if cookie.domain is not None}
        fit = [cookie for cookie in fit if cookie.domain is not None or cookie.name not in bound]
        return sorted(fit, key=lambda cookie: -len(cookie.path))

    def field_for(self, typed: list[str], place: CookieScope, now: float) -> str:
        """Return the value of the Cookie field; empty where nothing is sent.

        ``typed`` has the values of such fields that the user typed. Of cookies
        of one name the one from this run's Set-Cookie counts, then the typed one.
        """
        cookies = self.cookies_for(place, now)
        new = {cookie.name for cookie in cookies if self._is_new(cookie)}
        pieces = [piece.strip() for value in typed for piece in value.split(";")]
        kept = [piece for piece in pieces if piece and parse_pair(piece)[0] not in new]
        names = {parse_pair(piece)[0] for piece in kept}
        stored = [_written(cookie) for cookie in cookies if cookie.name not in names]
        return "; ".join(kept + stored)

    def _is_new(self, cookie: Cookie) -> bool:
        return cookie.key in self.changes and cookie.key not in self._typed

    def _made(self, said: SetCookie, place: CookieScope) -> Cookie | None:
        """Return the cookie that the field makes; None where its domain is not the host's."""
        domain, host_only = said.domain, False
        if not domain or (domain == place.host and self._is_alone(domain)):
            domain, host_only = place.host, True
        elif not domain_matches(place.host, domain) or self._is_alone(domain):
            return None
        if not _keeps_promise(said, host_only=host_only):
            return None
        return Cookie(
            name=said.name,
            value=said.value,
            domain=domain,
            path=said.path or default_path(place.path),
            host_only=host_only,
            secure=said.secure,
            expires=said.expires,
            http_only=said.http_only,
            same_site=said.same_site,
        )

    def _is_alone(self, domain: str) -> bool:
        """Tell whether a domain can have no cookies that others share."""
        return is_ip_address(domain) or not domain.isascii() or self._is_public_suffix(domain)

    def _may_set(self, cookie: Cookie, place: CookieScope) -> bool:
        """Tell whether the place may set it: what came in the open leaves secure cookies alone."""
        if place.secure:
            return True
        return not cookie.secure and not any(
            other.secure and other.name == cookie.name and _would_shadow(cookie, other)
            for other in self._cookies.values()
        )

    def _replace(self, cookie: Cookie, place: CookieScope, now: float) -> None:
        over = cookie.is_expired(now)
        for key, other in list(self._cookies.items()):
            if other.name != cookie.name or not _is_for_host(other, place.host):
                continue
            # What the user typed gives way to the server's word; what goes to any
            # host only to the word that there shall be none.
            if key in self._typed or (over and other.domain is None):
                self._remove(key)
        if over:
            self._remove(cookie.key)
        else:
            self._set(cookie)

    def _set(self, cookie: Cookie) -> None:
        self._cookies[cookie.key] = cookie  # an older one leaves its age to it
        self._typed.discard(cookie.key)
        self.changes[cookie.key] = cookie

    def _remove(self, key: CookieKey) -> None:
        if self._cookies.pop(key, None) is not None:
            self._typed.discard(key)
            self.changes[key] = None


def _keeps_promise(said: SetCookie, *, host_only: bool) -> bool:
    """Tell whether a cookie is what the prefix of its name says (RFC 6265bis, 4.1.3)."""
    name = (said.name or said.value).lower()
    if not name.startswith(("__secure-", "__host-")):
        return True
    if not said.name or not said.secure:
        return False
    return name.startswith("__secure-") or (host_only and said.path == "/")


def _would_shadow(cookie: Cookie, other: Cookie) -> bool:
    """Tell whether a place that gets ``other`` could get ``cookie`` in its stead."""
    if cookie.domain is None or other.domain is None:
        return True
    related = domain_matches(cookie.domain, other.domain) or domain_matches(
        other.domain, cookie.domain
    )
    return related and path_matches(cookie.path, other.path)


def _is_for(cookie: Cookie, place: CookieScope) -> bool:
    return (
        _is_for_host(cookie, place.host)
        and path_matches(place.path, cookie.path)
        and (place.secure or not cookie.secure)
    )


def _is_for_host(cookie: Cookie, host: str) -> bool:
    if cookie.domain is None or cookie.domain == host:
        return True
    return not cookie.host_only and domain_matches(host, cookie.domain)


def _written(cookie: Cookie) -> str:
    return f"{cookie.name}={cookie.value}" if cookie.name else cookie.value
