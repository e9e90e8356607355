"""What can be said behind ``httpcli echo``."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

OF_ECHO = OptionGroup(
    "Options",
    (
        Option(
            "port",
            "The port to listen on (default: 8080; 0 is a free one).",
            OptionKind.VALUE,
            value="N",
        ),
        Option(
            "host",
            "The address to listen on (default: 127.0.0.1, which this machine alone reaches).",
            OptionKind.VALUE,
            value="ADDRESS",
        ),
        Option("help", "Show this help."),
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

OF_SESSIONS = OptionGroup(
    "Options",
    (
        Option("show-secrets", "show: secrets too, as they are sent."),
        Option("help", "Show this help."),
    ),
)


# What can be said behind ``httpcli download`` besides the options of a request.


OF_DOWNLOADS = OptionGroup(
    "Several files",
    (
        Option(
            "input",
            "Read URLs from a file, one a line; - is standard input.",
            OptionKind.MANY,
            value="FILE",
            more="Indented lines below a URL may say out=NAME and checksum=ALGORITHM:HEX.",
        ),
        Option("jobs", "How many files at once (default: 4).", OptionKind.VALUE, value="N"),
        Option(
            "connections",
            "How many connections to one file at most (default: 8; 1 never splits it).",
            OptionKind.VALUE,
            value="N",
            more="More than one only for files above 16 MiB, from servers that send parts, and "
            "only while that makes it faster.",
        ),
    ),
)
