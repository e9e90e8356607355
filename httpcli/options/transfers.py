"""Options for batches, WebSockets, event streams, downloads, retries and rate limits."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

BATCH_RUN_OPTIONS = frozenset({"batch", "jobs", "rate", "fail-early"})
"""Options that apply to the whole run of ``--batch``, not to one line."""

BATCH = OptionGroup(
    "Many requests",
    (
        Option(
            "batch",
            "Send a request for each line of a file (- is standard input): see docs/batch.md.",
            OptionKind.VALUE,
            value="FILE|-",
            conflicts=("output", "tee", "offline", "show-cert", "debug", "print-curl"),
            details="A line is what would stand behind httpcli, quoted as in a shell, or a JSON "
            "object. Options beside --batch are defaults for every line. Output is in the order "
            "of the lines; the worst outcome decides the exit status.",
        ),
        Option(
            "jobs",
            "How many requests of a batch are under way at once (default: 8).",
            OptionKind.VALUE,
            value="N",
        ),
        Option(
            "rate",
            "Begin no more requests of a batch than this: 5/s, 100/m, 1000/h.",
            OptionKind.VALUE,
            value="N/UNIT",
        ),
        Option("fail-early", "Begin no more requests of a batch after one has failed."),
        Option(
            "keep-alive",
            "How long an idle connection is kept for another request (default: 15s).",
            OptionKind.VALUE,
            value="TIME",
        ),
        Option(
            "max-connections",
            "Have no more connections than this at once (default: no limit but --jobs).",
            OptionKind.VALUE,
            value="N",
        ),
        Option(
            "max-connections-per-host",
            "Have no more than this to one host and port.",
            OptionKind.VALUE,
            value="N",
        ),
    ),
)

STREAMS = OptionGroup(
    "WebSockets and event streams",
    (
        Option(
            "subprotocol",
            "Offer a WebSocket subprotocol (again for more, the best first).",
            OptionKind.REPEATABLE,
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
            details="By default: until nothing has come for a second, where standard input was "
            "read; on a terminal until Ctrl-D; else until the server closes.",
        ),
        Option(
            "ws-max-size",
            "The longest message that is taken or sent (default: 16MiB; 0 is no limit).",
            OptionKind.VALUE,
            value="SIZE",
            details="A number of bytes, or with a unit: 64KiB, 1MiB, 1MB.",
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
            details="After the time that the server asks for (retry:), else 3 seconds, longer "
            "while it cannot be reached. A 204 ends it.",
        ),
        Option("max-events", "End after so many server-sent events.", OptionKind.VALUE, value="N"),
        Option(
            "max-event-size",
            "The largest server-sent event that is accepted (default: 8MiB; 0 is no limit).",
            OptionKind.VALUE,
            value="SIZE",
            details="All lines of the event count, also comments. It holds with --reconnect, "
            "--max-events and --events=json; without them, events are printed as they arrive.",
        ),
    ),
)

DOWNLOAD = OptionGroup(
    "Download",
    (
        Option(
            "download",
            "Save the body to a file that is whole or not there; the rest goes to stderr.",
            letters="dO",
            details="Without --output the response or the URL names it. Implies --follow, "
            "--check-status and --retry=5; --output=- is standard output.",
        ),
        Option(
            "continue",
            "Resume a partial download; =trust resumes even what nothing proves.",
            OptionKind.OPTIONAL,
            letters="c",
            value="trust",
            details="Bytes are joined only if the server proves that they are of one file, and "
            "if this user's httpcli wrote NAME.part.json; else the download starts over and says "
            "why. With --checksum or =trust, a partial file from another program is resumed, too.",
        ),
        Option(
            "overwrite",
            "Replace a file that is there already instead of numbering the new one.",
            overrides=("skip-existing", "newer"),
        ),
        Option(
            "skip-existing",
            "Download nothing if the file is there already (and has its --checksum).",
            overrides=("overwrite", "newer"),
        ),
        Option(
            "newer",
            "Download only what is newer on the server than the file that is there.",
            overrides=("overwrite", "skip-existing"),
        ),
        Option("remote-time", "Give the file the time of the server's."),
        Option("create-dirs", "Make the folders that the file goes into."),
        Option(
            "output-dir", "The folder that the file goes into.", OptionKind.VALUE, value="FOLDER"
        ),
        Option(
            "max-size",
            "Give up on a file that is larger: 500k, 20M, 5G.",
            OptionKind.VALUE,
            value="SIZE",
        ),
        Option(
            "checksum",
            "What proves the file: ALGORITHM:HEX, or a list like SHA256SUMS by its URL or path.",
            OptionKind.REPEATABLE,
            value="HOW",
            details="If it is repeated, all must match. A file that differs is not saved (exit "
            "status 13). A file that is there "
            "already is verified, too. Without this option, what the "
            "server itself promises (Repr-Digest, Content-Digest) is checked.",
        ),
    ),
)

TRANSFERS = OptionGroup(
    "Retries and transfers",
    (
        Option(
            "retry",
            "Try again up to N times what may pass by itself.",
            OptionKind.VALUE,
            value="N",
            details="That is no connection, a timeout, content that was cut, and the statuses "
            "408, 425, 429, 500, 502, 503, 504, 522 and 524. POST and PATCH only where nobody can "
            "have seen them, or with an Idempotency-Key. The wait is anything up to 1 s, 2 s, 4 s "
            "… 60 s, or what Retry-After says. Nothing of a failed try is written to stdout.",
        ),
        Option(
            "retry-delay",
            "Wait so long between two tries, always.",
            OptionKind.VALUE,
            value="TIME",
        ),
        Option(
            "retry-max-time",
            "Begin no try later than this after the first (default: 10m; 0: whenever).",
            OptionKind.VALUE,
            value="TIME",
        ),
        Option(
            "retry-on",
            "Try again on these only: statuses (429, 5xx), dns, connect, timeout, truncated, "
            "expect.",
            OptionKind.VALUE,
            value="LIST",
            details="Commas stand between them. With expect it is tried until what --expect says "
            "holds; that implies --spool.",
        ),
        Option("retry-unsafe", "Try again also what may be done twice by it (POST, PATCH)."),
        Option(
            "spool",
            "Hold content on disk: a response until it is whole, a body from a pipe to send it "
            "again.",
        ),
        Option(
            "limit-rate",
            "Transfer no more bytes a second, over all connections, up and down: 500kB, 2M.",
            OptionKind.VALUE,
            value="SIZE",
        ),
        Option(
            "min-rate",
            "Give up when fewer bytes a second than this pass for so long (default: 30s).",
            OptionKind.VALUE,
            value="SIZE[:TIME]",
        ),
        Option(
            "tee",
            "Keep a copy of the response's content in a file, beside what is shown.",
            OptionKind.VALUE,
            value="FILE",
        ),
        Option(
            "hash",
            "Print the hash of the body that was sent and received (on stderr): sha256, …",
            OptionKind.REPEATABLE,
            value="ALGORITHM",
            details="Can be repeated: each algorithm is a line.",
        ),
        Option(
            "progress",
            "How to tell on stderr how far files and uploads are.",
            OptionKind.VALUE,
            value="HOW",
            choices=("auto", "plain", "json", "none"),
            details="auto draws a line each on a terminal, and says elsewhere where a file begins "
            "and ends. plain adds a line every 30 seconds; json is one JSON object a line.",
        ),
    ),
)
