"""All options of a request, in the order of the help; the parser and the manual read this."""

from __future__ import annotations

from httpcli.options.network import NETWORK
from httpcli.options.option import Option, OptionGroup
from httpcli.options.output import OUTPUT, SCRIPTING
from httpcli.options.request import AUTH, REQUEST, SESSIONS
from httpcli.options.transfers import BATCH, DOWNLOAD, STREAMS, TRANSFERS

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
