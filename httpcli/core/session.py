"""What is remembered between runs: a session file, and what a run adds to it."""

from collections.abc import Mapping
from typing import NamedTuple

from httpcli.core.cookies import Cookie, CookieKey
from httpcli.core.headers import Fields


class StoredAuth(NamedTuple):
    """Credentials as a session keeps them.

    ``raw`` is what ``--auth`` took, references not resolved; None where the
    password was asked for, so that only the run knows it. ``literal``: it holds
    no references, whatever it looks like.
    """

    scheme: str
    raw: str | None
    literal: bool = False


class Remembered(NamedTuple):
    """What a session file holds. ``exposed``: secrets that other users can read."""

    fields: Fields = Fields()
    cookies: tuple[Cookie, ...] = ()
    auth: StoredAuth | None = None
    exposed: bool = False


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
    typed: tuple[Cookie, ...] = ()
    fields: Fields = Fields()
    auth: StoredAuth | None = None


class SessionChanges(NamedTuple):
    """What a run did to its session. ``cookies``: None for one that is gone."""

    fields: Fields
    cookies: Mapping[CookieKey, Cookie | None]
    auth: StoredAuth | None
