"""The built-in authentication schemes, by the name that ``--auth-type`` takes."""

from httpcli.core.named_tuple import NamedTuple


class Scheme(NamedTuple):
    """The factory of an authentication scheme, and the credentials that it needs."""

    factory: str
    """``module:attribute`` of a function that takes credentials and a source of random bytes
    and returns an ``Authenticate`` (``core.interfaces``)."""
    token: bool = False
    """Whether the credentials are one token, not a user and a password."""
    optional: bool = False
    """Whether the scheme finds credentials itself if none are given."""


SCHEMES: dict[str, Scheme] = {
    "basic": Scheme("httpcli.auth.basic:basic"),
    "bearer": Scheme("httpcli.auth.bearer:bearer", token=True),
    "digest": Scheme("httpcli.auth.digest:Digest"),
}
