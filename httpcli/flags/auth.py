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
            "The scheme (default: basic); digest answers the server's challenge.",
            Kind.VALUE,
            letters="A",
            value="SCHEME",
            choices=tuple(SCHEMES),
            more="digest sends the request a second time, its content too (with "
            "--expect-continue once); --all shows both.",
        ),
        Flag(
            "ignore-netrc",
            "Do not look for the host in $NETRC, ~/.netrc or ~/_netrc.",
            more="They are asked where neither --auth, the URL nor an Authorization field "
            "says who asks.",
        ),
    ),
)
