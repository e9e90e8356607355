"""Options that say who asks, and what is remembered of it."""

from __future__ import annotations

from httpcli.auth.registry import SCHEMES
from httpcli.options.option import Flag, Group, Kind

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
            plugins="httpcli.auth",
            more="digest sends the request a second time, its content too (with "
            "--expect-continue once); --all shows both. Other packages may bring schemes "
            "(docs/auth-plugins.md).",
        ),
        Flag(
            "ignore-netrc",
            "Do not look for the host in $NETRC, ~/.netrc or ~/_netrc.",
            more="They are asked where neither --auth, the URL nor an Authorization field "
            "says who asks.",
        ),
    ),
)

SESSIONS = Group(
    "Sessions",
    (
        Flag(
            "session",
            "Remember fields, credentials and cookies, and send them again next time.",
            Kind.VALUE,
            value="NAME|PATH",
            conflicts=("session-read-only",),
            more="A name is for one host; a path (with a slash) for any. The files are HTTPie's.",
        ),
        Flag(
            "session-read-only",
            "The same, but a session that is there stays as it is.",
            Kind.VALUE,
            value="NAME|PATH",
        ),
        Flag(
            "cookie-jar",
            "Send the cookies of this file, and keep in it those that the servers set.",
            Kind.VALUE,
            value="FILE",
            conflicts=("session", "session-read-only"),
            more="The format that curl, wget and yt-dlp read and write; a new file is private.",
        ),
    ),
)
