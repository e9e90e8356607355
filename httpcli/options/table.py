"""Options about the program itself."""

from __future__ import annotations

from httpcli.options.auth import AUTH, SESSIONS
from httpcli.options.batch import BATCH
from httpcli.options.network import NETWORK
from httpcli.options.option import Flag, Group
from httpcli.options.output import OUTPUT
from httpcli.options.request import REQUEST
from httpcli.options.scripting import SCRIPTING
from httpcli.options.streams import STREAMS
from httpcli.options.transfers import DOWNLOAD, TRANSFERS

PROGRAM = Group(
    "Program",
    (
        Flag("help", "Show this help."),
        Flag("manual", "Show this help in a pager."),
        Flag("version", "Show the version."),
        Flag("traceback", "Show where in the program a failure came from."),
        Flag(
            "debug",
            "Tell versions, surroundings and what will be done; implies --traceback. "
            "Alone: tell the first two and end.",
        ),
    ),
)


# All options, in the order of the help.


GROUPS: tuple[Group, ...] = (
    REQUEST,
    AUTH,
    SESSIONS,
    NETWORK,
    BATCH,
    OUTPUT,
    SCRIPTING,
    STREAMS,
    DOWNLOAD,
    TRANSFERS,
    PROGRAM,
)

FLAGS: tuple[Flag, ...] = tuple(flag for group in GROUPS for flag in group.flags)
