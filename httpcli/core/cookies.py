"""A cookie as it is kept (RFC 6265bis, 5.1: the storage model)."""

from typing import NamedTuple

CookieKey = tuple[str, str | None, bool, str]
"""What makes a cookie take another one's place: name, domain, host-only, path."""


class Cookie(NamedTuple):
    """One cookie. ``name`` and ``value`` are text as in ``model.fields.Field``.

    ``domain`` is in lower case without a dot before it; None is any host, which
    no server can ask for. ``host_only``: other hosts below the domain do not
    get it. ``expires`` is seconds since 1970, None with the session. ``secure``:
    only over https. The last two are known and not acted upon: nobody but the
    user asks for a page here.
    """

    name: str
    value: str
    domain: str | None
    path: str = "/"
    host_only: bool = True
    secure: bool = False
    expires: float | None = None
    http_only: bool = False
    same_site: str = ""

    @property
    def key(self) -> CookieKey:
        """What a newer cookie must have in common to replace this one."""
        return self.name, self.domain, self.host_only, self.path

    def is_expired(self, now: float) -> bool:
        """Tell whether its time is over, ``now`` being seconds since 1970."""
        return self.expires is not None and self.expires <= now


class CookieFile(NamedTuple):
    """A cookie jar's file, in the format that many tools share.

    ``name`` is what the user calls it; ``cookies`` it held when the run began.
    ``exposed``: they could be read by other users.
    """

    name: str
    path: str
    cookies: tuple[Cookie, ...] = ()
    exposed: bool = False
