"""Observer for ``--write-out``: prints a format at the end of a transfer, failed or not."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Fields
from httpcli.observers.base import Observer
from httpcli.protocol.redaction import redaction_of
from httpcli.report.recording import ExchangeRecorder
from httpcli.report.registry import ReportInfo
from httpcli.report.write_out import VariableValue, WriteOutText, WriteOutVariables, fill_format
from httpcli.storage.append_file import AppendFile

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.plan import Plan
    from httpcli.core.reports import RecordedExchange
    from httpcli.protocol.redaction import Redaction
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
        self._context = context
        self._files: dict[str, AppendFile] = {}
        """The files of ``%output{NAME}``, by name as typed."""
        self._open_files = ExitStack()

    def record_exchange(self) -> ExchangeRecorder:
        """Return a recorder for one exchange. It counts the bytes of bodies and keeps none."""
        return ExchangeRecorder(self._add, 0, self._environment.now())

    def finish(self, outcome: Outcome) -> None:
        """Print the format. Raises HttpcliError, BrokenPipeError."""
        if outcome.status in _SILENT:
            return
        redaction = redaction_of(self._plan)
        variables = self._variables.values(outcome)
        variables["filename_effective"] = outcome.saved_file
        variables["certs"] = self._variables.certificates()
        with self._open_files:
            for part in fill_format(
                self._plan.write_out,
                {name: _redacted(value, redaction) for name, value in variables.items()},
                redaction.fields(self._fields),
                failed=outcome.status is not ExitStatus.OK,
            ):
                self._write(part)
            for file in self._files.values():
                file.commit()

    def _add(self, exchange: RecordedExchange) -> None:
        self._variables.add(exchange)
        self._fields = exchange.response.fields if exchange.response is not None else Fields()

    def _write(self, part: WriteOutText) -> None:
        text = part.text
        if part.file:
            self._file(part.file).write(text.encode("utf-8", "surrogateescape"))
            return
        write = self._stderr if part.to_stderr else self._stdout
        if part.from_server and self._goes_to_terminal(part):
            text = escape_controls(text)
        write(text.encode("utf-8", "surrogateescape"))

    def _file(self, typed: str) -> AppendFile:
        """Return the file of ``%output{NAME}`` or ``%output{>>NAME}``. Raises HttpcliError."""
        if typed not in self._files:
            name = typed.removeprefix(">>").strip()
            path = self._context.files.path(name)
            if not typed.startswith(">>") and os.path.isfile(path):
                os.truncate(path, 0)
            self._files[typed] = self._open_files.enter_context(AppendFile(name, path))
        return self._files[typed]

    def _goes_to_terminal(self, part: WriteOutText) -> bool:
        stream = self._environment.stderr if part.to_stderr else self._environment.stdout
        return stream.is_terminal


def _redacted(value: VariableValue, redaction: Redaction) -> VariableValue:
    """Return a value without its secrets."""
    return redaction.text(value) if isinstance(value, str) else value
