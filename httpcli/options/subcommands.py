"""What can be said behind ``httpcli echo``."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

OF_ECHO = Group(
    "Options",
    (
        Flag(
            "port",
            "The port to listen on (default: 8080; 0 is a free one).",
            Kind.VALUE,
            value="N",
        ),
        Flag(
            "host",
            "The address to listen on (default: 127.0.0.1, which this machine alone reaches).",
            Kind.VALUE,
            value="ADDRESS",
        ),
        Flag("help", "Show this help."),
    ),
)


# What can be said behind ``httpcli sessions``.


ACTIONS = {
    "list": ("", "All sessions that have a name: host, name, cookies, who asks, last change."),
    "show": ("NAME|PATH", "What a session holds, secrets redacted."),
    "edit": (
        "NAME|PATH",
        "Change a session in your editor ($VISUAL, $EDITOR), checked first.",
    ),
    "rm": ("NAME|PATH", "Remove a session."),
}
"""The word for what is done: what stands behind it, and its help."""

OF_SESSIONS = Group(
    "Options",
    (
        Flag("show-secrets", "show: secrets too, as they are sent."),
        Flag("help", "Show this help."),
    ),
)


# What can be said behind ``httpcli download`` besides the options of a request.


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
