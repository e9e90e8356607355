"""Authentication schemes by the name that ``--auth-type`` takes: one file, one line each."""

from typing import NamedTuple


class Scheme(NamedTuple):
    """Where a scheme is; ``token``: its credentials are one token, not a pair.

    ``optional``: it can do without any, since it knows where to find them.
    ``made_by`` names what makes a ``ports.Authenticate`` of credentials and entropy.
    """

    made_by: str
    token: bool = False
    optional: bool = False


SCHEMES: dict[str, Scheme] = {
    "basic": Scheme("httpcli.auth.basic:basic"),
    "bearer": Scheme("httpcli.auth.bearer:bearer", token=True),
    "digest": Scheme("httpcli.auth.digest:Digest"),
}
