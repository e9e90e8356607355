"""Options that say when to try again, and how content flows."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

TRANSFERS = OptionGroup(
    "Retries and transfers",
    (
        Option(
            "retry",
            "Try again up to N times what may pass by itself.",
            OptionKind.VALUE,
            value="N",
            more="That is no connection, a timeout, content that was cut, and the statuses 408, "
            "425, 429, 500, 502, 503, 504, 522 and 524. POST and PATCH only where nobody can have "
            "seen them, or with an Idempotency-Key. The wait is anything up to 1 s, 2 s, 4 s … "
            "60 s, or what Retry-After says. Nothing of a failed try is written to stdout.",
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
            more="Commas stand between them. With expect it is tried until what --expect says "
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
            "Say the hash of the content that was sent and received (on stderr): sha256, …",
            OptionKind.VALUE,
            value="ALGORITHM",
        ),
        Option(
            "progress",
            "How to tell on stderr how far files and uploads are.",
            OptionKind.VALUE,
            value="HOW",
            choices=("auto", "plain", "json", "none"),
            more="auto draws a line each on a terminal, and says elsewhere where a file begins "
            "and ends. plain adds a line every 30 seconds; json is one JSON object a line.",
        ),
    ),
)


# Options that turn a response into a file.


DOWNLOAD = OptionGroup(
    "Download",
    (
        Option(
            "download",
            "Save the body to a file that is whole or not there; the rest goes to stderr.",
            letters="dO",
            more="Without --output the response or the URL names it. Implies --follow, "
            "--check-status and --retry=5; --output=- is standard output.",
        ),
        Option(
            "continue",
            "Go on with what an earlier --download left; =trust: unproven, too.",
            OptionKind.OPTIONAL,
            letters="c",
            value="trust",
            more="Bytes are only joined where the server proves that they are of one file; "
            "else it starts over. What another program left is gone on with where "
            "--checksum proves the result, or you vouch for it with =trust.",
        ),
        Option(
            "overwrite",
            "Replace a file that is there already instead of numbering the new one.",
            instead_of=("skip-existing", "newer"),
        ),
        Option(
            "skip-existing",
            "Download nothing where the file is there already.",
            instead_of=("overwrite", "newer"),
        ),
        Option(
            "newer",
            "Download only what is newer on the server than the file that is there.",
            instead_of=("overwrite", "skip-existing"),
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
            OptionKind.VALUE,
            value="HOW",
            more="A file that differs is not saved (exit status 13). Without it, what the server "
            "itself promises (Repr-Digest, Content-Digest) is checked.",
        ),
    ),
)
