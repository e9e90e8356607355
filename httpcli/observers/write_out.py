"""A listener that writes what was asked for when the transfer is over, failed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.escaping import REDACTED, escape_controls
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Fields
from httpcli.core.plan import RedactionLevel
from httpcli.core.url import form_quote
from httpcli.observers.base import Observer
from httpcli.protocol.secrets import is_secret, without_secrets
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.registry import About
from httpcli.report.write_out import Value, Variables, WriteOutValues, filled

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Display, Plan
    from httpcli.core.reports import RecordedExchange
    from httpcli.run_context import RunContext

_STOPPED = (ExitStatus.INTERRUPTED, ExitStatus.CLOSED_PIPE)
"""How a run ends that nobody wants to hear of any more."""


def make_write_out_observer(
    plan: Plan, context: RunContext, _stdout: Write, stderr: Write
) -> WriteOutObserver:
    """Make the listener: what it writes goes to stdout, whatever else is shown where."""
    return WriteOutObserver(plan, context, context.to_stdout(), stderr)


class WriteOutObserver(Observer):
    """Collects what ``--write-out`` may name, and fills its format in the end.

    Values are exact, as all that a user asks to see: only secrets given by
    reference are hidden, and in a CI job all of them.
    """

    def __init__(self, plan: Plan, context: RunContext, stdout: Write, stderr: Write) -> None:
        self._plan = plan
        self._around = context.environment
        request = plan.request
        self._variables = Variables(
            About(request.method, str(request.url), context.environment.now())
        )
        self._fields = Fields()
        self._stdout = stdout
        self._stderr = stderr

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange that counts the bodies and keeps none."""
        return ExchangeRecorder(self._tell, 0, self._around.now())

    def finish(self, outcome: Outcome) -> None:
        """Write. Raises what writing raises."""
        if outcome.status in _STOPPED:
            return
        display = self._plan.display
        variables = self._variables.at_end(outcome)
        variables["filename_effective"] = outcome.saved_file
        for each in filled(
            self._plan.write_out,
            {name: _hidden(value, display) for name, value in variables.items()},
            _shown(self._fields, display),
            failed=outcome.status is not ExitStatus.OK,
        ):
            self._write(each)

    def _tell(self, exchange: RecordedExchange) -> None:
        self._variables.observe(exchange)
        self._fields = exchange.response.fields if exchange.response is not None else Fields()

    def _write(self, written: WriteOutValues) -> None:
        text = written.text
        if written.given and self._is_guarded(written):
            text = escape_controls(text)
        write = self._stderr if written.to_stderr else self._stdout
        write(text.encode("utf-8", "surrogateescape"))

    def _is_guarded(self, written: WriteOutValues) -> bool:
        """Tell whether a server's control characters must not get there."""
        if written.to_stderr:
            return self._around.stderr.is_terminal
        return self._around.stdout.is_terminal and self._plan.display.guard_terminal


def _hidden(value: Value, display: Display) -> Value:
    """Return a value without what is to be hidden in it."""
    if not isinstance(value, str) or display.redaction is RedactionLevel.NOTHING:
        return value
    if display.redaction is RedactionLevel.SECRETS:
        value = without_secrets(value)
    for secret in sorted(filter(None, display.secrets), key=len, reverse=True):
        value = value.replace(secret, REDACTED).replace(form_quote(secret), REDACTED)
    return value


def _shown(fields: Fields, display: Display) -> Fields:
    if display.redaction is not RedactionLevel.SECRETS:
        return fields
    return Fields(
        field._replace(value=REDACTED) if is_secret(field.name) else field for field in fields
    )
