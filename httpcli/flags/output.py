"""Options that say what is shown of the exchange, where, and how."""

from __future__ import annotations

from httpcli.flags.flag import Flag, Group, Kind

OUTPUT = Group(
    "Output",
    (
        Flag(
            "print",
            "What to show: H B request head, body; h b response head, body; m meta.",
            Kind.VALUE,
            letters="p",
            value="HBhbm",
        ),
        Flag("headers", "The response's head only: --print=h.", letters="h", sets=("print", "h")),
        Flag("body", "The response's body only: --print=b.", letters="b", sets=("print", "b")),
        Flag("meta", "How long it took: --print=m.", letters="m", sets=("print", "m")),
        Flag(
            "verbose",
            "The whole exchange: --all --print=HBhb; twice, with meta.",
            Kind.COUNT,
            letters="v",
        ),
        Flag(
            "history-print",
            "Without effect, as in HTTPie: --all shows intermediary exchanges as --print says.",
            Kind.VALUE,
            letters="P",
            value="HBhbm",
        ),
        Flag("all", "Show intermediary exchanges (redirects) too."),
        Flag(
            "pretty",
            "Formatting and colours (default: all on a terminal, none elsewhere).",
            Kind.VALUE,
            value="HOW",
            choices=("all", "colors", "format", "none"),
        ),
        Flag(
            "style",
            "The colours: auto, or a Pygments style.",
            Kind.VALUE,
            letters="s",
            value="STYLE",
        ),
        Flag(
            "terminal",
            "raw lets the server's control characters reach the terminal.",
            Kind.VALUE,
            value="HOW",
            choices=("safe", "raw"),
        ),
        Flag(
            "show-secrets",
            "Show secret fields as they are sent, in a CI job too (where CI is set).",
        ),
        Flag(
            "output",
            "Write what is shown (the body) to a file, which is replaced only by a whole one.",
            Kind.VALUE,
            letters="o",
            value="FILE",
        ),
        Flag("check-status", "Exit with 3, 4 or 5 on an HTTP status of 3xx, 4xx or 5xx."),
        Flag(
            "quiet",
            "Show nothing but errors and warnings; twice, no warnings.",
            Kind.COUNT,
            letters="q",
        ),
    ),
)
