"""Options for reports: ``--report``, ``--timings``, ``--print-curl``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, UsageError
from httpcli.core.plan import Mode
from httpcli.core.reports import ReportFile, Reports, TimingsStyle
from httpcli.report.registry import REPORTS

if TYPE_CHECKING:
    from httpcli.cli.parser import OptionValues
    from httpcli.core.interfaces import Files
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Plan
    from httpcli.planning.optional_features import PlanningInput

_TRANSLATED = frozenset(
    """
    allow-downgrade auth auth-type boundary cert cert-key cert-key-pass chunked ciphers compress
    connect-timeout connect-to cookie-jar dns-server expect-continue follow form header headers
    http1.0 ignore-netrc interface ipv4 ipv6 json local-address local-port max-redirects max-time
    multipart noproxy output path-as-is print proxy proxy-auth proxy-header raw resolve ssl
    timeout trust-redirects unix-socket upload-file url-encoded verify
    """.split()  # noqa: SIM905 - a line for each would be three pages
)
"""Options that the curl command expresses with other options."""
_SAME_IN_CURL = dict.fromkeys(("fail", "retry", "write-out"))
"""Options that curl has, too, in the order of the command."""
_WITHOUT_EFFECT_ON_REQUEST = frozenset(
    """
    all body debug default-scheme format-options history-print ignore-stdin meta no-config pretty
    print-curl profile quiet response-charset response-mime show-secrets sorted stream style
    terminal traceback unsorted verbose
    """.split()  # noqa: SIM905
)
"""Options that the curl command does not need: they do not change the request."""
_DISPLAY_OPTIONS = ("print", "verbose", "headers", "body", "meta")


def apply_reports(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--report``, ``--timings`` and ``--print-curl``. Raises UsageError."""
    options = inputs.options
    values = options.texts("report")
    if values:
        report_files = tuple(map(_parse_report, values))
        _refuse_shared_files(report_files, plan.output, inputs.files)
        plan = plan._replace(reports=Reports(report_files))
        writes_to_stdout = any(report.file == "-" for report in report_files)
        if writes_to_stdout and not options.any(_DISPLAY_OPTIONS) and plan.output is None:
            # A report mixed with a body could not be parsed.
            plan = plan._replace(display=plan.display._replace(parts=frozenset()))
    if options.switch("timings"):
        plan = plan._replace(timings_style=_timings_style(inputs.environment))
    if plan.reports is not None or plan.timings_style is not None:
        plan = plan._replace(
            network=plan.network._replace(record_timings=True, record_connection=True)
        )
    if options.switch("print-curl"):
        return _print_curl(plan, options, inputs)
    return plan


def _print_curl(plan: Plan, options: OptionValues, inputs: PlanningInput) -> Plan:
    """Return the plan that only prints a command; no session or cookie jar is used."""
    given = inputs.invocation.options
    curl_options = [
        (f"--{name}",) if given[name] is True else (f"--{name}", options.text(name) or "")
        for name in _SAME_IN_CURL
        if name in given
    ]
    if plan.cookie_file is not None:
        curl_options += [
            (option, plan.cookie_file.path) for option in ("--cookie", "--cookie-jar")
        ]
    known = _TRANSLATED | _WITHOUT_EFFECT_ON_REQUEST | _SAME_IN_CURL.keys()
    unsupported = tuple(f"--{name}" for name in given if name not in known)
    return plan._replace(
        mode=Mode.CURL,
        reports=Reports((), tuple(curl_options), unsupported),
        timings_style=None,
        session=None,
        cookie_file=None,
    )


def _parse_report(value: str) -> ReportFile:
    """Parse ``KIND=FILE``. Raises UsageError."""
    kind, equals, file = value.partition("=")
    if kind not in REPORTS:
        near = get_close_matches(kind.lower(), REPORTS, 1)
        raise UsageError(
            f"--report: unknown kind {kind!r}",
            hint=f"did you mean {near[0]}?" if near else f"choose from: {', '.join(REPORTS)}",
            fault=Fault(value, 0, len(kind)),
        )
    if not equals or not file:
        raise UsageError(
            f"--report={value}: missing file name",
            hint=f"use --report={kind}=FILE, or {kind}=- for standard output",
            fault=Fault(value, len(value), len(value)),
        )
    return ReportFile(kind, file)


def _refuse_shared_files(
    report_files: tuple[ReportFile, ...], output: str | None, files: Files
) -> None:
    """Raise UsageError if two reports, or a report and ``--output``, write to one file."""
    paths = [
        report.file if report.file == "-" else files.path(report.file) for report in report_files
    ]
    for path, (kind, file) in zip(paths, report_files, strict=True):
        if paths.count(path) > 1:
            where = "standard output" if file == "-" else file
            raise UsageError(
                f"--report: two reports are written to {where}", hint="give each its own file"
            )
        if output is not None and path == files.path(output) and not path.startswith("/dev/"):
            raise UsageError(
                f"--report={kind}={file}: --output writes to the same file",
                hint="give each its own file",
            )


def _timings_style(environment: Environment) -> TimingsStyle:
    term = environment.env.get("TERM", "")
    can_draw = environment.stderr.is_terminal and term not in ("", "dumb")
    return TimingsStyle(can_draw, colour=can_draw and not environment.env.get("NO_COLOR"))
