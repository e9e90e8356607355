"""Options that say who asks, and what is remembered of it."""

from __future__ import annotations

from httpcli.auth.registry import SCHEMES
from httpcli.options.option import Option, OptionGroup, OptionKind

AUTH = OptionGroup(
    "Authentication",
    (
        Option(
            "auth",
            "Credentials; a user alone is asked for the password, without echo.",
            OptionKind.VALUE,
            letters="au",
            value="USER[:PASSWORD]|TOKEN",
        ),
        Option(
            "auth-type",
            "The scheme (default: basic); digest answers the server's challenge.",
            OptionKind.VALUE,
            letters="A",
            value="SCHEME",
            choices=tuple(SCHEMES),
            plugins="httpcli.auth",
            more="digest sends the request a second time, its content too (with "
            "--expect-continue once); --all shows both. Other packages may bring schemes "
            "(docs/auth-plugins.md).",
        ),
        Option(
            "ignore-netrc",
            "Do not look for the host in $NETRC, ~/.netrc or ~/_netrc.",
            more="They are asked where neither --auth, the URL nor an Authorization field "
            "says who asks.",
        ),
    ),
)

SESSIONS = OptionGroup(
    "Sessions",
    (
        Option(
            "session",
            "Remember fields, credentials and cookies, and send them again next time.",
            OptionKind.VALUE,
            value="NAME|PATH",
            conflicts=("session-read-only",),
            more="A name is for one host; a path (with a slash) for any. The files are HTTPie's.",
        ),
        Option(
            "session-read-only",
            "The same, but a session that is there stays as it is.",
            OptionKind.VALUE,
            value="NAME|PATH",
        ),
        Option(
            "cookie-jar",
            "Send the cookies of this file, and keep in it those that the servers set.",
            OptionKind.VALUE,
            value="FILE",
            conflicts=("session", "session-read-only"),
            more="The format that curl, wget and yt-dlp read and write; a new file is private.",
        ),
    ),
)
