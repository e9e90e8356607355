"""Options for many requests in one run, and for the connections that they share."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

OF_THE_RUN = frozenset({"batch", "jobs", "rate", "fail-early"})
"""What is said once, beside ``--batch``."""

BATCH = OptionGroup(
    "Many requests",
    (
        Option(
            "batch",
            "Send a request for each line of a file (- is standard input): see docs/batch.md.",
            OptionKind.VALUE,
            value="FILE|-",
            conflicts=("output", "tee", "offline", "show-cert", "debug", "print-curl"),
            more="A line is what would stand behind httpcli, quoted as in a shell, or a JSON "
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
