"""Options for the output: printed parts, formatting, checks, selection and reports."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

OUTPUT = OptionGroup(
    "Output",
    (
        Option(
            "print",
            "What to show: H B request head, body; h b response head, body; m meta.",
            OptionKind.VALUE,
            letters="p",
            value="HBhbm",
        ),
        Option(
            "headers",
            "The response's head only: --print=h.",
            letters="h",
            short_for=("print", "h"),
        ),
        Option(
            "body", "The response's body only: --print=b.", letters="b", short_for=("print", "b")
        ),
        Option(
            "meta",
            "How long it took, over which connection: --print=m.",
            letters="m",
            short_for=("print", "m"),
        ),
        Option(
            "verbose",
            "The whole exchange: --all --print=HBhb; twice, with meta, trailers, 1xx responses.",
            OptionKind.COUNT,
            letters="v",
        ),
        Option(
            "history-print",
            "Without effect, as in HTTPie: --all shows intermediary exchanges as --print says.",
            OptionKind.VALUE,
            letters="P",
            value="HBhbm",
        ),
        Option("all", "Show intermediary exchanges (redirects) too."),
        Option(
            "pretty",
            "Formatting and colours (default: all on a terminal, none elsewhere).",
            OptionKind.VALUE,
            value="HOW",
            choices=("all", "colors", "format", "none"),
        ),
        Option(
            "style",
            "The colours: auto (the default), pie, solarized, or a style of Pygments.",
            OptionKind.VALUE,
            letters="s",
            value="STYLE",
            details="auto keeps to the terminal's own sixteen, readable on light where COLORFGBG "
            "says so; so does every style where there are no 256. pie and solarized have a "
            "light side too; pie-dark and pie-light are fixed.",
        ),
        Option(
            "format-options",
            "How bodies are formatted, as KEY:VALUE,…: json.indent:2, xml.format:false.",
            OptionKind.REPEATABLE,
            value="OPTIONS",
            details="headers.sort, json.format, json.indent, json.sort_keys, json.unescape, "
            "xml.format, xml.indent. The last one of a key wins.",
        ),
        Option(
            "sorted",
            "Sort header fields (by name in any case) and JSON keys where they are formatted.",
            short_for=("format-options", "headers.sort:true,json.sort_keys:true"),
            opposite="unsorted",
        ),
        Option(
            "unsorted",
            "Leave header fields and JSON keys in their order (the default).",
            short_for=("format-options", "headers.sort:false,json.sort_keys:false"),
            opposite="sorted",
        ),
        Option(
            "response-charset",
            "Read the response's body in this charset, whatever it says.",
            OptionKind.VALUE,
            value="CHARSET",
        ),
        Option(
            "response-mime",
            "Format the response's body as this media type, whatever it says.",
            OptionKind.VALUE,
            value="TYPE/SUBTYPE",
        ),
        Option(
            "stream",
            "Show each line of a body when it arrives; nothing is held back to format it.",
            letters="S",
        ),
        Option(
            "raw-body",
            "Leave the body in the coding in which it came (gzip, br, zstd).",
        ),
        Option(
            "terminal",
            "raw lets the control characters of a body reach the terminal.",
            OptionKind.VALUE,
            value="HOW",
            choices=("safe", "raw"),
        ),
        Option(
            "show-secrets",
            "Show secret fields as they are sent, in a CI job too (where CI is set).",
        ),
        Option(
            "output",
            "Write what is shown (the body) to a file, which is replaced only by a whole one.",
            OptionKind.VALUE,
            letters="o",
            value="FILE",
        ),
        Option(
            "timings",
            "Show where the time went, for every redirect and try, on stderr.",
            details="DNS, connect (a tunnel too), TLS, request, wait, body: drawn on a terminal, "
            "else a table in seconds.",
        ),
        Option(
            "report",
            "Write a report: json, jsonl (adds a line), junit, har or curl; - for stdout.",
            OptionKind.REPEATABLE,
            value="KIND=FILE",
            details="It is written also when the run fails, and has no secrets in it.",
        ),
        Option(
            "print-curl",
            "Print the equivalent curl command, send nothing.",
            details="Secrets are redacted unless --show-secrets is given. What curl cannot do is "
            "listed on stderr.",
        ),
        Option(
            "quiet",
            "Show nothing but errors and warnings; twice, no warnings.",
            OptionKind.COUNT,
            letters="q",
        ),
    ),
)

SCRIPTING = OptionGroup(
    "Scripting",
    (
        Option("check-status", "Exit with 3, 4 or 5 on an HTTP status of 3xx, 4xx or 5xx."),
        Option(
            "fail",
            "The same, and the body of such a response is not shown.",
            details="curl's -f; -f is --form here.",
        ),
        Option(
            "expect",
            "What has to hold; exit with 16 where it does not: status == 200, json.id == 42.",
            OptionKind.REPEATABLE,
            value="EXPR",
            conflicts=("offline", "show-cert"),
            details="status, header.NAME, body, size, sha256, json.PATH, json(EXPR), schema "
            "@FILE, time, time.ttfb, redirects and cert.days; of a WebSocket message, "
            "message.json.PATH and message.json(EXPR); ==, !=, <, <=, >, >=, in, contains, ~, "
            "exists; not before it all. One on the status takes the place of --check-status.",
        ),
        Option(
            "select",
            "Show what a JMESPath expression selects from a JSON body, in place of the body.",
            OptionKind.VALUE,
            value="EXPR",
        ),
        Option(
            "max-json-size",
            "The longest body that --select and --expect parse (default: 64MiB; 0 is no limit).",
            OptionKind.VALUE,
            value="SIZE",
            details="The decoded body counts.",
        ),
        Option(
            "max-json-values",
            "How many values a JSON body may have for them (default: 2000000; 0 is no limit).",
            OptionKind.VALUE,
            value="N",
            details="Strings, numbers, constants, arrays and objects count.",
        ),
        Option(
            "raw-strings",
            "With --select: strings without quotes; of an array, each value on a line.",
            letters="r",
        ),
        Option(
            "write-out",
            "Write that when it is over, also when it failed: '%{http_code} %{time_total}\\n'.",
            OptionKind.VALUE,
            letters="w",
            value="FORMAT",
            details="curl's variables, where they make sense here; %header{NAME}, %output{FILE}, "
            "%output{>>FILE}, %{json}, %{header_json}, %{stderr}, %{stdout}, %{onerror}; @FILE or "
            "@- holds the format. An unknown name is a warning.",
        ),
    ),
)
