"""Options that say what is shown of the exchange, where, and how."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

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
        Flag(
            "meta",
            "How long it took, over which connection: --print=m.",
            letters="m",
            sets=("print", "m"),
        ),
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
            "The colours: auto (the default), pie, solarized, or a style of Pygments.",
            Kind.VALUE,
            letters="s",
            value="STYLE",
            more="auto keeps to the terminal's own sixteen, readable on light where COLORFGBG "
            "says so; so does every style where there are no 256. pie and solarized have a "
            "light side too; pie-dark and pie-light are fixed.",
        ),
        Flag(
            "format-options",
            "How bodies are formatted, as KEY:VALUE,…: json.indent:2, xml.format:false.",
            Kind.MANY,
            value="OPTIONS",
            more="headers.sort, json.format, json.indent, json.sort_keys, json.unescape, "
            "xml.format, xml.indent. The last one of a key wins.",
        ),
        Flag(
            "sorted",
            "Sort header fields (by name in any case) and JSON keys where they are formatted.",
            sets=("format-options", "headers.sort:true,json.sort_keys:true"),
            opposite="unsorted",
        ),
        Flag(
            "unsorted",
            "Leave header fields and JSON keys in their order (the default).",
            sets=("format-options", "headers.sort:false,json.sort_keys:false"),
            opposite="sorted",
        ),
        Flag(
            "response-charset",
            "Read the response's body in this charset, whatever it says.",
            Kind.VALUE,
            value="CHARSET",
        ),
        Flag(
            "response-mime",
            "Format the response's body as this media type, whatever it says.",
            Kind.VALUE,
            value="TYPE/SUBTYPE",
        ),
        Flag(
            "stream",
            "Show each line of a body when it arrives; nothing is held back to format it.",
            letters="S",
        ),
        Flag(
            "raw-body",
            "Leave the body in the coding in which it came (gzip, br, zstd).",
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
        Flag(
            "quiet",
            "Show nothing but errors and warnings; twice, no warnings.",
            Kind.COUNT,
            letters="q",
        ),
    ),
)
