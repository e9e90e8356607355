"""Options about the program itself."""

from __future__ import annotations

from httpcli.options.auth import AUTH, SESSIONS
from httpcli.options.batch import BATCH
from httpcli.options.network import NETWORK
from httpcli.options.option import Option, OptionGroup
from httpcli.options.output import OUTPUT
from httpcli.options.request import REQUEST
from httpcli.options.scripting import SCRIPTING
from httpcli.options.streams import STREAMS
from httpcli.options.transfers import DOWNLOAD, TRANSFERS

PROGRAM = OptionGroup(
    "Program",
    (
        Option("help", "Show this help."),
        Option("manual", "Show this help in a pager."),
        Option("version", "Show the version."),
        Option("traceback", "Show where in the program a failure came from."),
        Option(
            "debug",
            "Tell versions, surroundings and what will be done; implies --traceback. "
            "Alone: tell the first two and end.",
        ),
    ),
)


# All options, in the order of the help.


GROUPS: tuple[OptionGroup, ...] = (
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

OPTIONS: tuple[Option, ...] = tuple(option for group in GROUPS for option in group.options)
