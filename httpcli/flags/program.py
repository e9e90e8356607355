"""Options about the program itself."""

from __future__ import annotations

from httpcli.flags.flag import Flag, Group

PROGRAM = Group(
    "Program",
    (
        Flag("help", "Show this help."),
        Flag("version", "Show the version."),
        Flag("debug", "Show a traceback when the program itself fails."),
    ),
)
