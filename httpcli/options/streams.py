"""Options of what flows: WebSockets, server-sent events."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

STREAMS = Group(
    "WebSockets and event streams",
    (
        Flag(
            "subprotocol",
            "Offer a WebSocket subprotocol (again for more, the best first).",
            Kind.MANY,
            value="NAME",
        ),
        Flag("ws-compress", "Offer to compress the messages (permessage-deflate)."),
        Flag("ws-binary", "Send bytes, as they come from standard input, not lines of text."),
        Flag(
            "ws-json",
            "Send only lines that are JSON; fail at the first one that is not.",
            conflicts=("ws-binary",),
        ),
        Flag(
            "ws-wait",
            "How long to listen after the last message was sent: a time (2s), or until so many "
            "messages have come in all.",
            Kind.VALUE,
            value="TIME|N",
            more="By default: until nothing has come for a second, where standard input was read; "
            "on a terminal until Ctrl-D; else until the server closes.",
        ),
        Flag(
            "ws-max-size",
            "The longest message that is taken or sent (default: 16MiB; 0 is no limit).",
            Kind.VALUE,
            value="SIZE",
            more="A number of bytes, or with a unit: 64KiB, 1MiB, 1MB.",
        ),
        Flag(
            "heartbeat",
            "Ask a WebSocket server that has been silent for this long for a sign of life, and "
            "give up when none comes in the same time.",
            Kind.VALUE,
            value="TIME",
        ),
        Flag("timestamps", "Show when each message came."),
        Flag(
            "events",
            "Server-sent events and messages as they are (raw), or one JSON object a line.",
            Kind.VALUE,
            value="raw|json",
            choices=("raw", "json"),
        ),
        Flag(
            "reconnect",
            "Connect again when an event stream ends, and go on behind the last event.",
            more="After the time that the server asks for (retry:), else 3 seconds, longer while "
            "it cannot be reached. A 204 ends it.",
        ),
        Flag("max-events", "End after so many server-sent events.", Kind.VALUE, value="N"),
    ),
)
