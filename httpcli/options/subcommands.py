"""Options and actions of the subcommands ``echo``, ``sessions`` and ``download``."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

ECHO_OPTIONS = OptionGroup(
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

SESSION_ACTIONS = {
    "list": ("", "All sessions that have a name: host, name, cookies, who asks, last change."),
    "show": ("NAME|PATH", "What a session holds, secrets redacted."),
    "edit": (
        "NAME|PATH",
        "Change a session in your editor ($VISUAL, $EDITOR), checked first.",
    ),
    "rm": ("NAME|PATH", "Remove a session."),
}
"""The actions of ``httpcli sessions``: the argument that each one takes, and its help."""

SESSIONS_OPTIONS = OptionGroup(
    "Options",
    (
        Option("show-secrets", "show: secrets too, as they are sent."),
        Option("help", "Show this help."),
    ),
)

DOWNLOAD_COMMAND_OPTIONS = OptionGroup(
    "Several files",
    (
        Option(
            "input",
            "Read URLs from a file, one a line; - is standard input.",
            OptionKind.REPEATABLE,
            value="FILE",
            details="Indented lines below a URL may be out=NAME and checksum=ALGORITHM:HEX, "
            "which can be repeated.",
        ),
        Option("jobs", "How many files at once (default: 4).", OptionKind.VALUE, value="N"),
        Option(
            "connections",
            "How many connections to one file at most (default: 8; 1 never splits it).",
            OptionKind.VALUE,
            value="N",
            details="More than one only for files above 16 MiB, from servers that send parts, and "
            "only while that makes it faster.",
        ),
    ),
)
"""Options of ``httpcli download``, in addition to those of a request."""
