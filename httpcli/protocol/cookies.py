"""The jar: which cookies are kept, and which go where (RFC 6265bis, 5.7 and 5.8).

Differs from browsers in that the age of cookies has no limit and that SameSite
is not acted upon: all requests are the user's own.
"""

from collections.abc import Callable, Iterable

from httpcli.core.cookies import Cookie, CookieKey
from httpcli.core.url import is_address
from httpcli.protocol.cookie_places import (
    Place,
    default_path,
    domain_matches,
    path_matches,
)
from httpcli.protocol.set_cookie import SetCookie, parse_pair, parse_set_cookie

IsPublicSuffix = Callable[[str], bool]
"""Tells whether anybody may register names below a domain, so that it can own no cookies."""


def is_public_suffix(domain: str) -> bool:
    """Tell whether a domain is public; only one of several labels needs the list."""
    from httpcli.protocol.public_suffixes import is_listed

    return "." not in domain or bool(is_listed(domain))


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

    def put(self, cookie: Cookie, place: Place, now: float) -> None:
        """Take a cookie that the user typed instead of all that the place would get so named."""
        for other in self.cookies_for(place, now):
            if other.name == cookie.name:
                self._remove(other.key)
        self._set(cookie)
        self._typed.add(cookie.key)

    def take(self, lines: Iterable[str], place: Place, now: float) -> None:
        """Take the values of Set-Cookie fields that came from ``place``; refuse the unfit."""
        for line in lines:
            said = parse_set_cookie(line, now)
            cookie = None if said is None else self._made(said, place)
            if cookie is not None and self._may_set(cookie, place):
                self._replace(cookie, place, now)

    def cookies_for(self, place: Place, now: float) -> list[Cookie]:
        """Return what is sent there: longer paths first, then the older ones."""
        fit = [
            cookie
            for cookie in self._cookies.values()
            if _is_for(cookie, place) and not cookie.is_expired(now)
        ]
        bound = {cookie.name for cookie in fit if cookie.domain is not None}
        fit = [cookie for cookie in fit if cookie.domain is not None or cookie.name not in bound]
        return sorted(fit, key=lambda cookie: -len(cookie.path))

    def field_for(self, typed: list[str], place: Place, now: float) -> str:
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

    def _made(self, said: SetCookie, place: Place) -> Cookie | None:
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
        return is_address(domain) or not domain.isascii() or self._is_public_suffix(domain)

    def _may_set(self, cookie: Cookie, place: Place) -> bool:
        """Tell whether the place may set it: what came in the open leaves secure cookies alone."""
        if place.secure:
            return True
        return not cookie.secure and not any(
            other.secure and other.name == cookie.name and _would_shadow(cookie, other)
            for other in self._cookies.values()
        )

    def _replace(self, cookie: Cookie, place: Place, now: float) -> None:
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


def _is_for(cookie: Cookie, place: Place) -> bool:
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
