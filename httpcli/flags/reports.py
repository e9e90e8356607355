"""Options for scripts and CI: what a run leaves behind, and where its time went."""

from __future__ import annotations

from httpcli.flags.flag import Flag, Group, Kind

REPORTS = Group(
    "Reports",
    (
        Flag(
            "timings",
            "Show where the time went, for every redirect and try, on stderr.",
            more="DNS, connect (a tunnel too), TLS, request, wait, body: drawn on a terminal, "
            "else a table in seconds.",
        ),
        Flag(
            "report",
            "Write a report: json, jsonl (adds a line), junit, har or curl; - for stdout.",
            Kind.MANY,
            value="KIND=FILE",
            more="It is written also when the run fails, and has no secrets in it.",
        ),
        Flag(
            "print-curl",
            "Print the equivalent curl command, send nothing.",
            more="Secrets are redacted unless --show-secrets is given. What curl cannot do is "
            "listed on stderr.",
        ),
    ),
)
