"""Options that say who asks."""

from __future__ import annotations

from httpcli.auth.registry import SCHEMES
from httpcli.flags.flag import Flag, Group, Kind

AUTH = Group(
    "Authentication",
    (
        Flag(
            "auth",
            "Credentials; a user alone is asked for the password, without echo.",
            Kind.VALUE,
            letters="au",
            value="USER[:PASSWORD]|TOKEN",
        ),
        Flag(
            "auth-type",
            "The scheme (default: basic).",
            Kind.VALUE,
            letters="A",
            value="SCHEME",
            choices=tuple(SCHEMES),
        ),
    ),
)
