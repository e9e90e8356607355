"""Options for scripts: what has to hold, what fails, and what is taken out of an answer."""

from __future__ import annotations

from httpcli.options.option import Option, OptionGroup, OptionKind

SCRIPTING = OptionGroup(
    "Scripting",
    (
        Option("check-status", "Exit with 3, 4 or 5 on an HTTP status of 3xx, 4xx or 5xx."),
        Option(
            "fail",
            "The same, and the body of such a response is not shown.",
            more="curl's -f; -f is --form here.",
        ),
        Option(
            "expect",
            "What has to hold; exit with 16 where it does not: status == 200, json.id == 42.",
            OptionKind.MANY,
            value="EXPR",
            conflicts=("offline", "show-cert"),
            more="status, header.NAME, body, size, sha256, json.PATH, json(EXPR), schema @FILE, "
            "time, time.ttfb, redirects and cert.days; of a WebSocket message, message.json.PATH "
            "and message.json(EXPR); ==, !=, <, <=, >, >=, in, contains, ~, exists; not before it "
            "all. One on the status takes the place of --check-status.",
        ),
        Option(
            "select",
            "Show what a JMESPath expression selects from a JSON body, in place of the body.",
            OptionKind.VALUE,
            value="EXPR",
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
            more="curl's variables, where they make sense here; %header{NAME}, %{json}, "
            "%{header_json}, %{stderr}, %{stdout}, %{onerror}; @FILE or @- holds the format.",
        ),
    ),
)
