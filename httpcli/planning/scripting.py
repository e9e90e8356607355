"""Options for scripts: ``--expect``, ``--fail``, ``--select``, ``--write-out``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.body import StdinBody
from httpcli.core.errors import UsageError
from httpcli.core.expectation import MESSAGE_SUBJECTS, NEED_BODY, Check, Subject
from httpcli.core.plan import Mode
from httpcli.core.reports import uses_connection, uses_timings

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.optional_features import PlanningInput

_REQUIRED_OPTION = {
    "jobs": "batch",
    "rate": "batch",
    "fail-early": "batch",
    "raw-strings": "select",
}
"""Options that have no effect without another option."""


def apply_expectations(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--expect``. Raises UsageError."""
    from httpcli.syntax.expectations import parse_expectation

    files = inputs.files
    texts = inputs.options.texts("expect")
    checks = tuple(parse_expectation(text, files.read) for text in texts)
    subjects = {check.subject for check in checks}
    _refuse_impossible(checks, websocket=inputs.parsed_url.websocket)
    if plan.download is not None and subjects & NEED_BODY - {Subject.TIME}:
        # A download may arrive in parallel parts, or be resumed.
        raise UsageError(
            "--expect cannot check the body of a download",
            hint="use --checksum=sha256:HEX or --max-size instead",
        )
    if Subject.STATUS in subjects:
        # The expected status decides, not its class.
        plan = plan._replace(check_status=False)
    if Subject.CERTIFICATE in subjects:
        plan = plan._replace(network=plan.network._replace(record_connection=True))
    if subjects & {Subject.TIME, Subject.TTFB}:
        plan = plan._replace(network=plan.network._replace(record_timings=True))
    return plan._replace(checks=checks)


def _refuse_impossible(checks: tuple[Check, ...], *, websocket: bool) -> None:
    """Refuse checks of messages without a WebSocket, and checks of content with one."""
    for check in checks:
        if not websocket and check.subject in MESSAGE_SUBJECTS:
            raise UsageError(
                f"--expect {check.text!r}: only WebSockets have messages",
                hint="use a ws:// or wss:// URL; for other responses check json.PATH or body",
            )
        if websocket and check.subject in NEED_BODY - {Subject.TIME}:
            raise UsageError(
                f"--expect {check.text!r}: a WebSocket has messages, not a body",
                hint="use message, message.json.PATH or message.json(EXPR)",
            )


def apply_fail(plan: Plan, _inputs: PlanningInput) -> Plan:
    """Apply ``--fail``: the status decides the exit status, and an error's body is not shown."""
    return plan._replace(check_status=True, omit_failed_body=True)


_NO_LIMIT = 1 << 62


def apply_select(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--select``. Raises UsageError for an invalid expression."""
    from httpcli.core.format_options import JsonSelection
    from httpcli.syntax.jmespath import compile_selector

    expression = inputs.options.text("select") or ""
    selection = JsonSelection(
        compile_selector(expression, "--select"), raw=inputs.options.switch("raw-strings")
    )
    return plan._replace(display=plan.display._replace(selection=selection))


def apply_json_limits(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--max-json-size`` and ``--max-json-values``; 0 is no limit. Raises UsageError."""
    from httpcli.core.json_limits import JsonLimits

    size, values = (
        inputs.options.byte_count("max-json-size"),
        inputs.options.text("max-json-values"),
    )
    limits = JsonLimits()
    if size is not None:
        limits = limits._replace(size=size or _NO_LIMIT)
    if values is not None:
        count = inputs.options.whole_number("max-json-values", 0)
        limits = limits._replace(values=count or _NO_LIMIT)
    return plan._replace(display=plan.display._replace(json_limits=limits))


def apply_write_out(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--write-out``. Raises UsageError for a file that cannot be read."""
    from httpcli.syntax.write_out import parse_write_out

    text = _read_format(plan, inputs, inputs.options.text("write-out") or "")
    pieces, warnings = parse_write_out(text)
    network = plan.network
    network = network._replace(
        record_connection=network.record_connection or uses_connection(pieces),
        record_timings=network.record_timings or uses_timings(pieces),
    )
    return plan._replace(write_out=pieces, network=network, warnings=(*plan.warnings, *warnings))


def _read_format(plan: Plan, inputs: PlanningInput, value: str) -> str:
    """Return the format: the value itself, or the content of ``@FILE`` without line ends."""
    if not value.startswith("@"):
        return value
    path = value[1:]
    if path == "-":
        if isinstance(plan.request.body, StdinBody):
            raise UsageError(
                "--write-out=@-: standard input is already the request body",
                hint=(
                    "read the format from a file, or send the body another way (type "
                    "GET to send none)"
                ),
            )
        path = f"/dev/fd/{inputs.environment.stdin.fd}"
    try:
        text = inputs.files.read(path).decode()
    except UnicodeDecodeError:
        raise UsageError(f"--write-out={value}: not UTF-8") from None
    # As in curl, a line end is written as \n.
    return text.replace("\r", "").replace("\n", "")


def warn_of_unused_options(plan: Plan, inputs: PlanningInput) -> Plan:
    """Warn of options that have no effect, unless they come from the settings."""
    if plan.mode is Mode.DOWNLOAD:
        return plan
    warnings = [
        f"--{name} has no effect without --{required}"
        for name, required in _REQUIRED_OPTION.items()
        if inputs.options.given(name)
        and not inputs.options.given(required)
        and name not in inputs.invocation.locations
    ]
    return plan._replace(warnings=(*plan.warnings, *warnings))
