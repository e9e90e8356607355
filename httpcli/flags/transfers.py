"""Options for what takes a while: how it is told of, and how it is proved."""

from __future__ import annotations

from httpcli.flags.flag import Flag, Group, Kind

TRANSFERS = Group(
    "Transfers",
    (
        Flag(
            "progress",
            "How to tell on stderr how far files and uploads are.",
            Kind.VALUE,
            value="HOW",
            choices=("auto", "plain", "json", "none"),
            more="auto draws a line each on a terminal, and says elsewhere where a file begins "
            "and ends. plain adds a line every 30 seconds; json is one JSON object a line.",
        ),
    ),
)
