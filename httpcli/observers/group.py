"""Passes the events of a run to the screen, the output file, and the observers of a plan.

An observer is loaded only for a plan that needs it: see ``OBSERVERS``.
"""

from asyncio import CancelledError
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseEnded, ResponseStarted
from httpcli.core.exit_status import ExitStatus, Outcome, worst_status
from httpcli.core.lazy_load import load
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Display, Plan, RedactionLevel
from httpcli.core.request import Request
from httpcli.observers.base import ResponseStatus
from httpcli.output.screen import Screen

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send, Write
    from httpcli.observers.base import ExchangeObserver, Observer
    from httpcli.observers.expectations import ExpectationObserver
    from httpcli.observers.output_file import OutputFile
    from httpcli.protocol.redaction import RedactedEvents
    from httpcli.run_context import RunContext


class ObserverSpec(NamedTuple):
    """An observer: which plans need it, and how to make it."""

    wanted: Callable[[Plan], bool]
    """Returns whether a plan needs it."""
    make: str
    """Entry point of its factory, a function of (Plan, RunContext, stdout, stderr)."""
    needs_body: Callable[[Plan], bool] | None = None
    """Returns whether it needs the body of the response, shown or not; None: never."""
    sees_exchanges: bool = False
    """Whether it is an ``ExchangeObserver`` too."""
    awaits_messages: bool = False
    """Whether it is an ``ExpectationObserver``, which counts messages of a WebSocket."""


def _checks_need_body(plan: Plan) -> bool:
    from httpcli.core.expectation import checks_need_body

    return checks_need_body(plan.checks)


def _write_out_needs_body(plan: Plan) -> bool:
    from httpcli.core.reports import uses_body_size

    return uses_body_size(plan.write_out)


def _reports_need_body(plan: Plan) -> bool:
    if plan.reports is None:
        return False
    from httpcli.report.registry import needs_body

    return needs_body(plan.reports)


OBSERVERS = (
    ObserverSpec(
        lambda plan: plan.upload_progress is not None,
        "httpcli.observers.upload_progress:make_upload_progress",
    ),
    ObserverSpec(
        lambda plan: bool(plan.checks),
        "httpcli.observers.expectations:make_expectation_observer",
        needs_body=_checks_need_body,
        awaits_messages=True,
    ),
    ObserverSpec(
        lambda plan: bool(plan.write_out),
        "httpcli.observers.write_out:make_write_out_observer",
        needs_body=_write_out_needs_body,
        sees_exchanges=True,
    ),
    ObserverSpec(
        lambda plan: plan.reports is not None,
        "httpcli.observers.reports:make_report_writer",
        needs_body=_reports_need_body,
        sees_exchanges=True,
    ),
    ObserverSpec(
        lambda plan: plan.timings_style is not None,
        "httpcli.observers.timings:make_timings_observer",
        # With --headers an event stream ends after the head; with -q, all of it is timed.
        needs_body=lambda plan: not plan.display.parts,
        sees_exchanges=True,
    ),
    ObserverSpec(
        lambda plan: plan.display.may_resend and "h" in plan.display.parts,
        "httpcli.observers.retried_responses:make_retried_responses",
    ),
    ObserverSpec(
        lambda plan: plan.tee_and_hash is not None and bool(plan.tee_and_hash.tee),
        "httpcli.observers.tee_and_hash:make_tee",
    ),
    ObserverSpec(
        lambda plan: plan.tee_and_hash is not None and bool(plan.tee_and_hash.hashes),
        "httpcli.observers.tee_and_hash:make_hash_observer",
    ),
)
"""The observers that a plan may need; they get each event before the screen, in this order."""


class Observers:
    """Writes a run to the screen or the file of ``--output``, and determines its exit status.

    With ``--output`` a response that ``--check-status`` fails goes to stderr: neither it nor a
    response with a failed expectation replaces an existing file.
    """

    def __init__(
        self, plan: Plan, context: "RunContext", stdout: "Write", stderr: "Write"
    ) -> None:
        self._plan = plan
        self._context = context
        self._stderr = stderr
        self._output_file: OutputFile | None = None
        if plan.output is not None:
            from httpcli.observers import output_file

            self._output_file = output_file.OutputFile(plan, context)
        self._observers: list[Observer] = []
        self._exchange_observers: list[ExchangeObserver] = []
        self._message_observers: list[ExpectationObserver] = []
        self._needs_body = False
        for spec in OBSERVERS:
            if spec.wanted(plan):
                observer = load(spec.make)(plan, context, stdout, stderr)
                self._observers.append(observer)
                self._exchange_observers += [observer] if spec.sees_exchanges else []
                self._message_observers += [observer] if spec.awaits_messages else []
                if spec.needs_body is not None and spec.needs_body(plan):
                    self._needs_body = True
        self._redaction = self._redacted_events()
        write = stdout if self._output_file is None else self._output_file.write
        self._screen = Screen(plan.display, write, context.notices.warn)
        self._has_warned_of_surplus = False
        self.saved_file = plan.output or ""
        """Name of the file that the response is saved to, for reports; empty for none."""
        self._response_status = ResponseStatus(
            check_status=plan.check_status, following=plan.send_policy.follow
        )

    def _redacted_events(self) -> "RedactedEvents | None":
        """Return the redaction of the screen; None if nothing that is shown can be secret."""
        display = self._plan.display
        if display.redaction is RedactionLevel.NOTHING or not display.parts & {"H", "B", "h"}:
            return None
        from httpcli.protocol.redaction import RedactedEvents, redaction_of

        # A file gets the body as it is.
        shows_responses = display.redaction is RedactionLevel.SECRETS and self._plan.output is None
        return RedactedEvents(redaction_of(self._plan), responses=shows_responses)

    def __enter__(self) -> "Observers":
        """Open the output file before anything is sent. Raises HttpcliError."""
        if self._output_file is not None:
            self._output_file.__enter__()
        return self

    def observe(self, event: Event) -> None:
        """Pass one event to all observers and the screen. Raises HttpcliError, OSError."""
        if isinstance(event, ResponseStarted):
            self._response_status.observe(event)
        for observer in self._observers:
            observer.observe(event)
        if isinstance(event, ResponseStarted) and not event.is_followed:
            if event.unknown_coding:
                self._context.notices.warn(
                    f"the body is not decompressed: {event.unknown_coding} is not supported"
                )
            self._divert_failed_response()
            if self._output_file is not None:
                self._output_file.prepare_for(event)
        for shown in (event,) if self._redaction is None else self._redaction.redact(event):
            self._screen.observe(shown)
        if isinstance(event, ResponseEnded) and event.surplus:
            # After the end of the body, which resets its colours.
            self._warn_of_surplus(event.surplus)

    def observe_exchanges(self, send: "Send") -> "Send":
        """Wrap ``send``, below all middleware, so that observers get each exchange."""
        for observer in self._exchange_observers:
            send = _recorded(send, observer)
        return send

    def observe_without_screen(self, event: Event) -> None:
        """Pass an event to the observers and not to the screen."""
        for observer in self._observers:
            observer.observe(event)

    def ignore_status(self) -> None:
        """Treat the last response as a success, regardless of its status."""
        self._response_status = ResponseStatus(check_status=False, following=True)

    @property
    def reason(self) -> str:
        """Why the status of the response fails the run, as one line; empty if it does not."""
        return self._response_status.reason

    @property
    def status(self) -> ExitStatus:
        """The exit status of the run if nothing else fails."""
        status = self._response_status.status
        if not self._observers:
            return status
        return worst_status((status, *(observer.outcome().status for observer in self._observers)))

    @property
    def needs_body(self) -> bool:
        """Whether more of the body of the response is needed."""
        if self._plan.tee_and_hash is not None or self._needs_body:
            return True
        return self._screen.needs_body

    def may_skip_body(self, response: ResponseStarted) -> bool:
        """Whether a body that is not needed may be left unread.

        Other bodies are read and dropped: the exit status must not depend on what is shown. An
        event stream may never end, and ``--fail`` ends at a failed response, like curl. A
        terminal has shown a notice instead of a binary body, which may be large.
        """
        if self._plan.omit_failed_body and self._response_status.reason:
            return True
        if "b" in self._plan.display.parts:
            return True
        from httpcli.protocol.media_types import parse_media_type

        return parse_media_type(response.fields.first("Content-Type") or "").is_event_stream

    @property
    def has_all_expected(self) -> bool:
        """Whether all expected messages of a WebSocket were received."""
        return any(observer.has_all_expected for observer in self._message_observers)

    def show_body(self, data: bytes) -> None:
        """Write output that the caller formatted, in place of the body of the response."""
        self._screen.show_body(data)

    @property
    def holds_output(self) -> bool:
        """Whether the screen may hold output until more of the body arrives."""
        return self._screen.holds_output

    def pause(self) -> None:
        """Write the output that the screen holds, because no event arrived for a while."""
        self._screen.pause()

    def end_exchange(self) -> None:
        """Write the rest of the response, and commit or discard the output file.

        Raises HttpcliError, OSError.
        """
        self._flush_redaction()
        self._screen.finish()
        if self._output_file is not None:
            file = self._output_file
            (file.commit if self.status is ExitStatus.OK else file.discard)()

    def end_early(self) -> None:
        """Write the held output of a response that failed or was interrupted."""
        self._flush_redaction()
        self._screen.end_early()

    def abandon(self) -> None:
        """Reset colours and drop held output, after Ctrl-C interrupted a write."""
        self._screen.abandon()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the output file if it is incomplete, and finish all observers.

        Raises HttpcliError.
        """
        if self._output_file is not None:
            self._output_file.__exit__()
        if self._observers:
            self._finish_observers(error)

    def _flush_redaction(self) -> None:
        """Write the end of the request that ``_redaction`` holds."""
        if self._redaction is not None:
            for redacted in self._redaction.flush():
                self._screen.observe(redacted)

    def _finish_observers(self, error: BaseException | None) -> None:
        """Finish all observers. Raises the first of their errors unless ``error`` is given."""
        outcome = outcome_of(error)
        if outcome is None:
            outcomes = [observer.outcome() for observer in self._observers]
            reasons = (self.reason, *(part.reason for part in outcomes))
            check_results = tuple(result for part in outcomes for result in part.check_results)
            reason = "; ".join(filter(None, reasons))
            outcome = Outcome(self.status, reason, check_results=check_results)
        outcome = outcome._replace(saved_file=self.saved_file)
        first_failure: HttpcliError | None = None
        for observer in self._observers:
            try:
                observer.finish(outcome)
            except HttpcliError as failure:
                first_failure = first_failure or failure
        if first_failure is not None and error is None:
            raise first_failure
        if first_failure is not None:
            self._context.notices.warn(first_failure.message)

    def _warn_of_surplus(self, count: int) -> None:
        """Warn once: the server and httpcli disagree about the end of a response."""
        if not self._has_warned_of_surplus:
            self._has_warned_of_surplus = True
            self._context.notices.warn(
                f"ignored {count} byte{'s' if count > 1 else ''} after the end of the response"
            )

    def _divert_failed_response(self) -> None:
        """Write the body of a failed response to stderr in place of the file, and unselected."""
        if not self._response_status.reason:
            return
        if self._redaction is not None:
            self._redaction.responses = self._plan.display.redaction is RedactionLevel.SECRETS
        omits_body = self._plan.omit_failed_body
        if self._output_file is not None:
            self._output_file.__exit__()
            self._output_file = None
            parts = frozenset("" if omits_body else "b")
            self._screen = Screen(Display(parts=parts, guard_terminal=True), self._stderr)
        elif omits_body or self._plan.display.selection is not None:
            display = self._plan.display
            parts = display.parts - {"b"} if omits_body else display.parts
            self._screen.change_display(display._replace(parts=parts, selection=None))


def _recorded(send: "Send", observer: "ExchangeObserver") -> "Send":
    """Wrap ``send`` so that ``observer`` records each exchange, also one that fails."""

    async def recorded(request: Request) -> AsyncGenerator[Event, None]:
        recorder = observer.record_exchange()
        try:
            async with aclosing(send(request)) as events:
                async for event in events:
                    recorder.observe(event)
                    yield event
        except HttpcliError as error:
            recorder.fail(error.message, error.timings)
            raise
        except CancelledError as cancelled:
            # The transport adds the operation that it waited for, and the timings.
            args = cancelled.args
            operation, timings = args if len(args) == 2 else ("interrupted", None)
            recorder.fail(operation, timings)
            raise
        finally:
            recorder.end()

    return recorded


def outcome_of(error: BaseException | None) -> Outcome | None:
    """Return the outcome of a run that an exception ended; None for no exception."""
    match error:
        case None:
            return None
        case HttpcliError():
            return Outcome(error.status, error.message)
        case BrokenPipeError():
            return Outcome(ExitStatus.CLOSED_PIPE, "the reader of the output closed the pipe")
        case KeyboardInterrupt() | CancelledError():
            return Outcome(ExitStatus.INTERRUPTED, "interrupted")
        case _:
            return Outcome(ExitStatus.FAILED, f"{type(error).__name__}: {error}")
