"""What can be said behind ``httpcli download`` besides the options of a request."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

OF_DOWNLOADS = Group(
    "Several files",
    (
        Flag(
            "input",
            "Read URLs from a file, one a line; - is standard input.",
            Kind.MANY,
            value="FILE",
            more="Indented lines below a URL may say out=NAME and checksum=ALGORITHM:HEX.",
        ),
        Flag("jobs", "How many files at once (default: 4).", Kind.VALUE, value="N"),
        Flag(
            "connections",
            "How many connections to one file at most (default: 8; 1 never splits it).",
            Kind.VALUE,
            value="N",
            more="More than one only for files above 16 MiB, from servers that send parts, and "
            "only while that makes it faster.",
        ),
    ),
)
