"""Cookies (RFC 6265bis), cookie files, and sessions: the data that is stored between runs."""

from collections.abc import Mapping

from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple

CookieKey = tuple[str, str, bool, str]
"""Name, domain, host-only flag and path: a cookie replaces the one with the same key."""


class Cookie(NamedTuple):
    """One cookie (RFC 6265bis, 5.1: the storage model)."""

    name: str
    value: str
    """Bytes that are not UTF-8 are held as in ``core.headers.Field``."""
    domain: str
    """As ``core.url.canonical_host`` returns it, without a leading dot."""
    path: str = "/"
    """The path for which the cookie is sent, with all paths below it."""
    host_only: bool = True
    """Whether the cookie is not sent to subdomains."""
    secure: bool = False
    """Whether the cookie is sent over https only."""
    expires: float | None = None
    """Seconds since 1970; None for a session cookie."""
    http_only: bool = False
    """Stored, but without effect: it is only about scripts in browsers."""
    same_site: str = ""
    """Stored, but without effect: it is only about requests that web pages make."""

    @property
    def key(self) -> CookieKey:
        """The key of the cookies that replace this one."""
        return self.name, self.domain, self.host_only, self.path

    def is_expired(self, now: float) -> bool:
        """Return whether the cookie has expired; ``now`` is seconds since 1970."""
        return self.expires is not None and self.expires <= now


class CookieFile(NamedTuple):
    """A cookie file in the Netscape format."""

    name: str
    """The file as typed."""
    path: str
    """The absolute path."""
    cookies: tuple[Cookie, ...] = ()
    """The cookies at the beginning of the run."""
    readable_by_others: bool = False
    """Whether other users can read the file."""


class StoredAuth(NamedTuple):
    """Credentials in a session file."""

    scheme: str
    """The authentication scheme, as in ``--auth-type``."""
    raw: str | None
    """The value of ``--auth`` with its references; None if the password was prompted for and
    is not stored."""
    literal: bool = False
    """Whether ``raw`` is used unchanged, even if it looks like a reference."""


class SessionContents(NamedTuple):
    """The contents of a session file."""

    fields: Fields = Fields()
    cookies: tuple[Cookie, ...] = ()
    auth: StoredAuth | None = None
    readable_by_others: bool = False
    """Whether it holds secrets that other users can read."""
    warnings: tuple[str, ...] = ()
    """About entries that are not used."""


class Session(NamedTuple):
    """A session in use."""

    name: str
    """The name or file as typed."""
    path: str
    """Its file."""
    host: str
    """The host of its cookies without a domain."""
    read_only: bool = False
    """Whether the run does not change the session."""
    cookies: tuple[Cookie, ...] = ()
    """The cookies at the beginning of the run."""
    new_cookies: tuple[Cookie, ...] = ()
    """The cookies from the command line."""
    fields: Fields = Fields()
    """Header fields to store after the run; they replace stored fields of the same name."""
    auth: StoredAuth | None = None
    """Credentials to store after the run; None to keep the stored ones."""

    @property
    def is_by_path(self) -> bool:
        """Whether the user typed its path, not a name."""
        return "/" in self.name


class SessionChanges(NamedTuple):
    """The changes of a run to its session."""

    fields: Fields
    """Header fields to store; they replace stored fields of the same name."""
    cookies: Mapping[CookieKey, Cookie | None]
    """Cookies that were set; None for one that was deleted."""
    auth: StoredAuth | None
    """None to keep the stored credentials."""
