"""A listener that writes what was asked for when the transfer is over, failed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.escaping import REDACTED, visible
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Fields
from httpcli.core.plan import Hide
from httpcli.core.url import form_quote
from httpcli.observers.base import Onlooker
from httpcli.protocol.secrets import is_secret, without_secrets
from httpcli.report.recording import Recording
from httpcli.report.registry import About
from httpcli.report.write_out import Value, Variables, Written, filled

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan, Show
    from httpcli.core.reports import Exchange
    from httpcli.run_context import Means

_STOPPED = (ExitStatus.INTERRUPTED, ExitStatus.CLOSED_PIPE)
"""How a run ends that nobody wants to hear of any more."""


def writing_out(plan: Plan, means: Means, _stdout: Write, stderr: Write) -> WritingOut:
    """Make the listener: what it writes goes to stdout, whatever else is shown where."""
    return WritingOut(plan, means, means.to_stdout(), stderr)


class WritingOut(Onlooker):
    """Collects what ``--write-out`` may name, and fills its format in the end.

    Values are exact, as all that a user asks to see: only secrets given by
    reference are hidden, and in a CI job all of them.
    """

    def __init__(self, plan: Plan, means: Means, stdout: Write, stderr: Write) -> None:
        self._plan = plan
        self._around = means.around
        request = plan.request
        self._variables = Variables(About(request.method, str(request.url), means.around.now()))
        self._fields = Fields()
        self._stdout = stdout
        self._stderr = stderr

    def recording(self) -> Recording:
        """Return who hears of one exchange; its content is only counted."""
        return Recording(self._tell, 0, self._around.now())

    def conclude(self, outcome: Outcome) -> None:
        """Write. Raises what writing raises."""
        if outcome.status in _STOPPED:
            return
        show = self._plan.show
        variables = self._variables.at_end(outcome)
        variables["filename_effective"] = outcome.file
        for each in filled(
            self._plan.write_out,
            {name: _hidden(value, show) for name, value in variables.items()},
            _shown(self._fields, show),
            failed=outcome.status is not ExitStatus.OK,
        ):
            self._write(each)

    def _tell(self, exchange: Exchange) -> None:
        self._variables.see(exchange)
        self._fields = exchange.response.fields if exchange.response is not None else Fields()

    def _write(self, written: Written) -> None:
        text = written.text
        if written.given and self._is_guarded(written):
            text = visible(text)
        write = self._stderr if written.to_stderr else self._stdout
        write(text.encode("utf-8", "surrogateescape"))

    def _is_guarded(self, written: Written) -> bool:
        """Tell whether a server's control characters must not get there."""
        if written.to_stderr:
            return self._around.stderr.is_terminal
        return self._around.stdout.is_terminal and self._plan.show.guard


def _hidden(value: Value, show: Show) -> Value:
    """Return a value without what is to be hidden in it."""
    if not isinstance(value, str) or show.hide is Hide.NOTHING:
        return value
    if show.hide is Hide.SECRETS:
        value = without_secrets(value)
    for secret in sorted(filter(None, show.secrets), key=len, reverse=True):
        value = value.replace(secret, REDACTED).replace(form_quote(secret), REDACTED)
    return value


def _shown(fields: Fields, show: Show) -> Fields:
    if show.hide is not Hide.SECRETS:
        return fields
    return Fields(
        field._replace(value=REDACTED) if is_secret(field.name) else field for field in fields
    )
