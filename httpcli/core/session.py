"""A cookie as it is kept (RFC 6265bis, 5.1: the storage model)."""

from collections.abc import Mapping
from typing import NamedTuple

from httpcli.core.headers import Fields

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
    readable_by_others: bool = False


# What is remembered between runs: a session file, and what a run adds to it.


class StoredAuth(NamedTuple):
    """Credentials as a session keeps them.

    ``raw`` is what ``--auth`` took, references not resolved; None where the
    password was asked for, so that only the run knows it. ``literal``: it holds
    no references, whatever it looks like.
    """

    scheme: str
    raw: str | None
    literal: bool = False


class SessionContents(NamedTuple):
    """What a session file holds. ``exposed``: secrets that other users can read."""

    fields: Fields = Fields()
    cookies: tuple[Cookie, ...] = ()
    auth: StoredAuth | None = None
    readable_by_others: bool = False


class Session(NamedTuple):
    """A session in use.

    ``name`` is what the user calls it, ``path`` its file. ``host``: where its
    cookies without a domain belong. ``cookies`` were there before, ``typed``
    ones are new; ``fields`` (which replace those of the same name) and ``auth``
    (None: as it was) are kept after the run.
    """

    name: str
    path: str
    host: str
    read_only: bool = False
    cookies: tuple[Cookie, ...] = ()
    new_cookies: tuple[Cookie, ...] = ()
    fields: Fields = Fields()
    auth: StoredAuth | None = None


class SessionChanges(NamedTuple):
    """What a run did to its session. ``cookies``: None for one that is gone."""

    fields: Fields
    cookies: Mapping[CookieKey, Cookie | None]
    auth: StoredAuth | None
