"""Observer for ``--write-out``: prints a format at the end of a transfer, failed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.escaping import REDACTED, escape_controls
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Fields
from httpcli.core.plan import RedactionLevel
from httpcli.core.url import form_quote
from httpcli.observers.base import Observer
from httpcli.protocol.secrets import is_secret_name, without_secrets
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.registry import ReportInfo
from httpcli.report.write_out import VariableValue, WriteOutText, WriteOutVariables, fill_format

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Display, Plan
    from httpcli.core.reports import RecordedExchange
    from httpcli.run_context import RunContext

_SILENT = (ExitStatus.INTERRUPTED, ExitStatus.CLOSED_PIPE)
"""Statuses of a run after which nothing is printed."""


def make_write_out_observer(
    plan: Plan, context: RunContext, _stdout: Write, stderr: Write
) -> WriteOutObserver:
    """Return the observer for a plan with a format, printed to stdout even with ``--output``."""
    return WriteOutObserver(plan, context, context.stdout_writer(), stderr)


class WriteOutObserver(Observer):
    """Collects the values of the format's variables and prints the format at the end.

    The values are exact, except for redacted secrets (see ``RedactionLevel``).
    """

    def __init__(self, plan: Plan, context: RunContext, stdout: Write, stderr: Write) -> None:
        self._plan = plan
        self._environment = context.environment
        request = plan.request
        self._variables = WriteOutVariables(
            ReportInfo(request.method, str(request.url), context.environment.now())
        )
        self._fields = Fields()
        self._stdout = stdout
        self._stderr = stderr

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange. It counts the bytes of bodies and keeps none."""
        return ExchangeRecorder(self._add, 0, self._environment.now())

    def finish(self, outcome: Outcome) -> None:
        """Print the format. Raises HttpcliError, BrokenPipeError."""
        if outcome.status in _SILENT:
            return
        display = self._plan.display
        variables = self._variables.values(outcome)
        variables["filename_effective"] = outcome.saved_file
        for part in fill_format(
            self._plan.write_out,
            {name: _redacted(value, display) for name, value in variables.items()},
            _redacted_fields(self._fields, display),
            failed=outcome.status is not ExitStatus.OK,
        ):
            self._write(part)

    def _add(self, exchange: RecordedExchange) -> None:
        self._variables.add(exchange)
        self._fields = exchange.response.fields if exchange.response is not None else Fields()

    def _write(self, part: WriteOutText) -> None:
        text = part.text
        write = self._stderr if part.to_stderr else self._stdout
        if part.from_server and self._goes_to_terminal(part):
            text = escape_controls(text)
        write(text.encode("utf-8", "surrogateescape"))

    def _goes_to_terminal(self, part: WriteOutText) -> bool:
        stream = self._environment.stderr if part.to_stderr else self._environment.stdout
        return stream.is_terminal


def _redacted(value: VariableValue, display: Display) -> VariableValue:
    """Return a value without its secrets."""
    if not isinstance(value, str) or display.redaction is RedactionLevel.NOTHING:
        return value
    if display.redaction is RedactionLevel.SECRETS:
        value = without_secrets(value)
    for secret in sorted(filter(None, display.secrets), key=len, reverse=True):
        value = value.replace(secret, REDACTED).replace(form_quote(secret), REDACTED)
    return value


def _redacted_fields(fields: Fields, display: Display) -> Fields:
    if display.redaction is not RedactionLevel.SECRETS:
        return fields
    return Fields(
        field._replace(value=REDACTED) if is_secret_name(field.name) else field for field in fields
    )
