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
