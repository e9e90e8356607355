"""Options of what flows: WebSockets, server-sent events."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

STREAMS = OptionGroup(
    "WebSockets and event streams",
    (
        Option(
            "subprotocol",
            "Offer a WebSocket subprotocol (again for more, the best first).",
            OptionKind.MANY,
            value="NAME",
        ),
        Option("ws-compress", "Offer to compress the messages (permessage-deflate)."),
        Option("ws-binary", "Send bytes, as they come from standard input, not lines of text."),
        Option(
            "ws-json",
            "Send only lines that are JSON; fail at the first one that is not.",
            conflicts=("ws-binary",),
        ),
        Option(
            "ws-wait",
            "How long to listen after the last message was sent: a time (2s), or until so many "
            "messages have come in all.",
            OptionKind.VALUE,
            value="TIME|N",
            more="By default: until nothing has come for a second, where standard input was read; "
            "on a terminal until Ctrl-D; else until the server closes.",
        ),
        Option(
            "ws-max-size",
            "The longest message that is taken or sent (default: 16MiB; 0 is no limit).",
            OptionKind.VALUE,
            value="SIZE",
            more="A number of bytes, or with a unit: 64KiB, 1MiB, 1MB.",
        ),
        Option(
            "heartbeat",
            "Ask a WebSocket server that has been silent for this long for a sign of life, and "
            "give up when none comes in the same time.",
            OptionKind.VALUE,
            value="TIME",
        ),
        Option("timestamps", "Show when each message came."),
        Option(
            "events",
            "Server-sent events and messages as they are (raw), or one JSON object a line.",
            OptionKind.VALUE,
            value="raw|json",
            choices=("raw", "json"),
        ),
        Option(
            "reconnect",
            "Connect again when an event stream ends, and go on behind the last event.",
            more="After the time that the server asks for (retry:), else 3 seconds, longer while "
            "it cannot be reached. A 204 ends it.",
        ),
        Option("max-events", "End after so many server-sent events.", OptionKind.VALUE, value="N"),
    ),
)
