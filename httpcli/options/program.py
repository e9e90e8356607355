"""Options about the program itself."""

from __future__ import annotations

from httpcli.options.option import Flag, Group

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
