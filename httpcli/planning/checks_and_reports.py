"""``--expect``: what has to hold, read before anything is sent."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from httpcli.core.body import StdinBody
from httpcli.core.errors import Fault, UsageError
from httpcli.core.expectation import MESSAGE_SUBJECTS, NEED_BODY, Check, Subject
from httpcli.core.formatting import JsonSelection
from httpcli.core.invocation import Environment
from httpcli.core.plan import Mode
from httpcli.core.reports import ReportFile, Reports, TimingsStyle, uses_connection, uses_timings
from httpcli.planning.request_items import items_of, secrets_of
from httpcli.protocol.secrets import is_secret
from httpcli.report.registry import REPORTS
from httpcli.syntax.expectations import parse_expectation
from httpcli.syntax.jmespath import compile_selector
from httpcli.syntax.write_out import parse_write_out

if TYPE_CHECKING:
    from httpcli.cli.typed_options import TypedOptions
    from httpcli.core.interfaces import Files
    from httpcli.core.plan import Plan
    from httpcli.planning.features import PlanningInput


_WITH_PATHS = (Subject.JSON, Subject.MESSAGE_JSON)


def apply_expectations(plan: Plan, inputs: PlanningInput) -> Plan:
    """Return the plan with all that is expected. Raises UsageError."""
    files = inputs.files
    typed = (parse_expectation(text, files.read) for text in inputs.options.texts("expect"))
    checks = tuple(check._replace(secret=_is_secret(check)) for check in typed)
    subjects = {check.subject for check in checks}
    _check_place(checks, websocket=inputs.target.websocket)
    if plan.download is not None and subjects & NEED_BODY - {Subject.TIME}:
        # It may come in pieces, at once or in several runs.
        raise UsageError(
            "--expect: of a download's content nothing can be expected",
            hint="--checksum=sha256:HEX and --max-size are for that",
        )
    if Subject.STATUS in subjects:
        # What is expected of the status says which one fails.
        plan = plan._replace(check_status=False)
    if Subject.CERTIFICATE in subjects:
        plan = plan._replace(network=plan.network._replace(record_connection=True))
    if subjects & {Subject.TIME, Subject.TTFB}:
        plan = plan._replace(network=plan.network._replace(record_timings=True))
    return plan._replace(checks=checks)


def _check_place(checks: tuple[Check, ...], *, websocket: bool) -> None:
    """Refuse what could never hold: messages of a response, content of a WebSocket."""
    for check in checks:
        if not websocket and check.subject in MESSAGE_SUBJECTS:
            raise UsageError(
                f"--expect {check.text!r}: only a WebSocket has messages",
                hint="ws://HOST/PATH or wss://HOST/PATH; of other answers: json.PATH, body",
            )
        if websocket and check.subject in NEED_BODY - {Subject.TIME}:
            raise UsageError(
                f"--expect {check.text!r}: a WebSocket has messages, and no content",
                hint="message.json.PATH, message.json(EXPR) or message",
            )


def _is_secret(check: Check) -> bool:
    """Tell whether what is found may be a secret: a failure is told where many may read it."""
    return is_secret(check.name or (check.text if check.subject in _WITH_PATHS else ""))


# ``--fail``: a response's status decides the exit status, and a failed one has no body.


def apply_fail(plan: Plan, _asked: PlanningInput) -> Plan:
    """Return the plan that fails by the status."""
    return plan._replace(check_status=True, omit_failed_body=True)


# ``--select``: what is shown of a JSON body.


def apply_select(plan: Plan, inputs: PlanningInput) -> Plan:
    """Return the plan that shows a selection. Raises UsageError for a wrong expression."""
    typed = inputs.options.text("select") or ""
    selection = JsonSelection(
        compile_selector(typed, "--select"), raw=inputs.options.switch("raw-strings")
    )
    return plan._replace(display=plan.display._replace(selection=selection))


# ``--write-out``: what is written when the transfer is over, and what has to be known for it.


def apply_write_out(plan: Plan, inputs: PlanningInput) -> Plan:
    """Return the plan that writes it. Raises UsageError for a wrong format."""
    pieces = parse_write_out(_format(plan, inputs, inputs.options.text("write-out") or ""))
    network = plan.network
    network = network._replace(
        record_connection=network.record_connection or uses_connection(pieces),
        record_timings=network.record_timings or uses_timings(pieces),
    )
    return plan._replace(write_out=pieces, network=network)


def _format(plan: Plan, inputs: PlanningInput, typed: str) -> str:
    """Return the format itself: as typed, or what a file holds, less its line ends."""
    if not typed.startswith("@"):
        return typed
    path = typed[1:]
    if path == "-":
        if isinstance(plan.request.body, StdinBody):
            raise UsageError(
                "--write-out=@-: standard input is the body already",
                hint="type GET, give the body in another way, or the format in a file",
            )
        path = f"/dev/fd/{inputs.environment.stdin.fd}"
    try:
        text = inputs.files.read(path).decode()
    except UnicodeDecodeError:
        raise UsageError(f"--write-out={typed}: not UTF-8") from None
    # As curl: a line end is written as \n.
    return text.replace("\r", "").replace("\n", "")


# What the options say of reports and timings: a part of the plan.


_SAID = frozenset(
    """
    allow-downgrade auth auth-type boundary cert cert-key cert-key-pass chunked ciphers compress
    connect-timeout connect-to cookie-jar dns-server expect-continue follow form header headers
    http1.0 ignore-netrc interface ipv4 ipv6 json local-address local-port max-redirects max-time
    multipart noproxy output path-as-is print proxy proxy-auth proxy-header raw resolve ssl
    timeout trust-redirects unix-socket upload-file url-encoded verify
    """.split()  # noqa: SIM905 - a line for each would be three pages
)
"""Options that the command says in its own way."""
_ALIKE = dict.fromkeys(("fail", "retry", "write-out"))
"""Options that are curl's own, in the order that the command has them."""
_OF_OURS = frozenset(
    """
    all body debug default-scheme format-options history-print ignore-stdin meta no-config pretty
    print-curl profile quiet response-charset response-mime show-secrets sorted stream style
    terminal traceback unsorted verbose
    """.split()  # noqa: SIM905
)
"""Options of what is shown, or of the command line: nobody misses them in a request."""
_SHOWN = ("print", "verbose", "headers", "body", "meta")


def apply_reports(plan: Plan, inputs: PlanningInput) -> Plan:
    """Return the plan with its reports. Raises UsageError for a kind that nobody knows."""
    options = inputs.options
    secrets = _secrets(plan, inputs)
    typed = options.texts("report")
    if typed:
        wanted = tuple(map(_wanted, typed))
        _check(wanted, plan.output, inputs.files)
        plan = plan._replace(reports=Reports(wanted, secrets))
        to_stdout = any(each.file == "-" for each in wanted)
        if to_stdout and not any(options.given(name) for name in _SHOWN) and plan.output is None:
            # Two things in one pipe are of use to nobody.
            plan = plan._replace(display=plan.display._replace(parts=frozenset()))
    if options.switch("timings"):
        plan = plan._replace(timings_style=_timeline(inputs.environment, secrets))
    if plan.reports is not None or plan.timings_style is not None:
        plan = plan._replace(
            network=plan.network._replace(record_timings=True, record_connection=True)
        )
    if options.switch("print-curl"):
        return _as_curl(plan, options, inputs, secrets)
    return plan


def _as_curl(
    plan: Plan, options: TypedOptions, inputs: PlanningInput, secrets: frozenset[str]
) -> Plan:
    """Return the plan of a run that only prints. It opens no session and keeps no cookies."""
    typed = inputs.invocation.options
    said = [
        (f"--{name}",) if typed[name] is True else (f"--{name}", options.text(name) or "")
        for name in _ALIKE
        if name in typed
    ]
    if plan.cookie_file is not None:
        said += [(option, plan.cookie_file.path) for option in ("--cookie", "--cookie-jar")]
    known = _SAID | _OF_OURS | _ALIKE.keys()
    unsaid = tuple(f"--{name}" for name in typed if name not in known)
    return plan._replace(
        mode=Mode.CURL,
        reports=Reports((), secrets, tuple(said), unsaid),
        timings_style=None,
        session=None,
        cookie_file=None,
    )


def _wanted(typed: str) -> ReportFile:
    kind, equals, file = typed.partition("=")
    if kind not in REPORTS:
        near = get_close_matches(kind.lower(), REPORTS, 1)
        raise UsageError(
            f"--report={typed}: there is no report of the kind {kind}",
            hint=f"did you mean {near[0]}?" if near else f"KIND is {', '.join(REPORTS)}",
            fault=Fault(typed, 0, len(kind)),
        )
    if not equals or not file:
        raise UsageError(
            f"--report={typed}: the file is missing",
            hint=f"--report={kind}=FILE, or {kind}=- for standard output",
            fault=Fault(typed, len(typed), len(typed)),
        )
    return ReportFile(kind, file)


def _check(wanted: tuple[ReportFile, ...], output: str | None, files: Files) -> None:
    paths = [each.file if each.file == "-" else files.path(each.file) for each in wanted]
    for path, (kind, file) in zip(paths, wanted, strict=True):
        if paths.count(path) > 1:
            where = "standard output" if file == "-" else file
            raise UsageError(f"--report: two reports go to {where}", hint="give each its own file")
        if output is not None and path == files.path(output) and not path.startswith("/dev/"):
            raise UsageError(
                f"--report={kind}={file}: --output writes that file", hint="give each its own file"
            )


def _timeline(environment: Environment, secrets: frozenset[str]) -> TimingsStyle:
    term = environment.env.get("TERM", "")
    drawn = environment.stderr.is_terminal and term not in ("", "dumb")
    return TimingsStyle(
        drawn, colour=drawn and not environment.env.get("NO_COLOR"), secrets=secrets
    )


def _secrets(plan: Plan, inputs: PlanningInput) -> frozenset[str]:
    """Return what was given by reference, also where ``--show-secrets`` shows it elsewhere."""
    found = set(secrets_of(items_of(inputs.invocation), inputs.files))
    found |= {field.value for field in plan.request.fields if field.secret}
    credentials = plan.send_policy.credentials
    if credentials is not None and credentials.secret and credentials.password:
        found.add(credentials.password)
    return frozenset(found)
