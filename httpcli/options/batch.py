"""Options for many requests in one run, and for the connections that they share."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

OF_THE_RUN = frozenset({"batch", "jobs", "rate", "fail-early"})
"""What is said once, beside ``--batch``."""

BATCH = Group(
    "Many requests",
    (
        Flag(
            "batch",
            "Send a request for each line of a file (- is standard input): see docs/batch.md.",
            Kind.VALUE,
            value="FILE|-",
            conflicts=("output", "tee", "offline", "show-cert", "debug", "print-curl"),
            more="A line is what would stand behind httpcli, quoted as in a shell, or a JSON "
            "object. Options beside --batch are defaults for every line. Output is in the order "
            "of the lines; the worst outcome decides the exit status.",
        ),
        Flag(
            "jobs",
            "How many requests of a batch are under way at once (default: 8).",
            Kind.VALUE,
            value="N",
        ),
        Flag(
            "rate",
            "Begin no more requests of a batch than this: 5/s, 100/m, 1000/h.",
            Kind.VALUE,
            value="N/UNIT",
        ),
        Flag("fail-early", "Begin no more requests of a batch after one has failed."),
        Flag(
            "keep-alive",
            "How long an idle connection is kept for another request (default: 15s).",
            Kind.VALUE,
            value="TIME",
        ),
        Flag(
            "max-connections",
            "Have no more connections than this at once (default: no limit but --jobs).",
            Kind.VALUE,
            value="N",
        ),
        Flag(
            "max-connections-per-host",
            "Have no more than this to one host and port.",
            Kind.VALUE,
            value="N",
        ),
    ),
)
