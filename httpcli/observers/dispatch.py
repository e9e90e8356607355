"""The listeners that a plan asks for: who sees the events, and where the body goes."""

from asyncio import CancelledError
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus, Outcome, worst_status
from httpcli.core.plan import Display, Plan, RedactionLevel
from httpcli.observers.base import ExitStatusObserver
from httpcli.output.screen import Screen

if TYPE_CHECKING:
    from httpcli.core.interfaces import Awaiting, ExchangeObserver, RunObserver, Send, Write
    from httpcli.observers.output_file import OutputFile
    from httpcli.output.redact_values import ValueRedaction
    from httpcli.run_context import RunContext


class ObserverSpec(NamedTuple):
    """Which plans want a listener, and what makes it: of (Plan, Means, stdout, stderr).

    ``needs_content`` says of such a plan whether the content must come, shown or not.
    ``taps``: what is made is a Tap too, and hears of all that is on the wire.
    ``awaits``: what is made is Awaiting too, and may have had enough messages.
    """

    wanted: Callable[[Plan], bool]
    maker: str
    needs_content: Callable[[Plan], bool] | None = None
    taps: bool = False
    awaits: bool = False


def _checks_need_content(plan: Plan) -> bool:
    from httpcli.core.expectation import need_body

    return need_body(plan.checks)


def _write_out_needs_content(plan: Plan) -> bool:
    from httpcli.core.reports import uses_body_size

    return uses_body_size(plan.write_out)


def _reports_need_content(plan: Plan) -> bool:
    if plan.reports is None:
        return False
    from httpcli.report.registry import need_content

    return need_content(plan.reports)


OBSERVERS = (
    ObserverSpec(
        lambda plan: plan.progress_style is not None, "httpcli.observers.upload_progress:uploading"
    ),
    ObserverSpec(
        lambda plan: bool(plan.checks),
        "httpcli.observers.expectations:expecting",
        needs_content=_checks_need_content,
        awaits=True,
    ),
    ObserverSpec(
        lambda plan: bool(plan.write_out),
        "httpcli.observers.write_out:writing_out",
        needs_content=_write_out_needs_content,
        taps=True,
    ),
    ObserverSpec(
        lambda plan: plan.reports is not None,
        "httpcli.observers.reports:reporting",
        needs_content=_reports_need_content,
        taps=True,
    ),
    ObserverSpec(
        lambda plan: plan.timings_style is not None,
        "httpcli.observers.timings:timeline",
        # Who asks for the head alone does not wait for more; who shows nothing does.
        needs_content=lambda plan: not plan.display.parts,
        taps=True,
    ),
    ObserverSpec(
        lambda plan: plan.display.may_resend and "h" in plan.display.parts,
        "httpcli.observers.retried_responses:failed_heads",
    ),
    ObserverSpec(
        lambda plan: plan.passing is not None and bool(plan.passing.tee),
        "httpcli.observers.tee_and_hash:tee",
    ),
    ObserverSpec(
        lambda plan: plan.passing is not None and bool(plan.passing.hash),
        "httpcli.observers.tee_and_hash:content_hash",
    ),
)
"""They see each event before the screen does, in the order of the rows."""


class Observers:
    """Shows an exchange, saves it where that was asked for, and judges it.

    With ``--output`` a response that ``--check-status`` fails goes to stderr:
    it never takes the place of a good file, nor does one that was not as expected.
    ``file`` is the name of what was saved, if anything was.
    """

    def __init__(
        self, plan: Plan, context: "RunContext", stdout: "Write", stderr: "Write"
    ) -> None:
        self._plan = plan
        self._means = context
        self._stderr = stderr
        self._part: OutputFile | None = None
        if plan.output is not None:
            from httpcli.observers import output_file

            self._part = output_file.OutputFile(plan, context)
        self._listeners: list[RunObserver] = []
        self._taps: list[ExchangeObserver] = []
        self._awaiting: list[Awaiting] = []
        self._needs_content = False
        for row in OBSERVERS:
            if row.wanted(plan):
                listener = load(row.maker)(plan, context, stdout, stderr)
                self._listeners.append(listener)
                self._taps += [listener] if row.taps else []
                self._awaiting += [listener] if row.awaits else []
                if row.needs_content is not None and row.needs_content(plan):
                    self._needs_content = True
        self._redaction: ValueRedaction | None = None
        if plan.display.secrets and plan.display.redaction is not RedactionLevel.NOTHING:
            from httpcli.output import redact_values

            self._redaction = redact_values.ValueRedaction(plan.display.secrets)
        write = stdout if self._part is None else self._part.write
        self._screen = Screen(plan.display, write, context.notices.warn)
        self.file = plan.output or ""
        self._verdict = ExitStatusObserver(
            check_status=plan.check_status, following=plan.send_policy.follow
        )

    def __enter__(self) -> "Observers":
        """Open the file, before anything is sent. Raises HttpcliError."""
        if self._part is not None:
            self._part.__enter__()
        return self

    def observe(self, event: Event) -> None:
        """Let everybody take note of one event."""
        if isinstance(event, ResponseStarted):
            self._verdict.observe(event)
        for listener in self._listeners:
            listener.observe(event)
        if isinstance(event, ResponseStarted) and not event.intermediary:
            if event.unknown_coding:
                self._means.notices.warn(f"the content stays {event.unknown_coding}-coded")
            self._turn_away_failure()
            if self._part is not None:
                self._part.expect(event)
        if self._redaction is None:
            self._screen.observe(event)
            return
        for shown in self._redaction.of(event):
            self._screen.observe(shown)

    def tapped(self, send: "Send") -> "Send":
        """Return ``send`` for the wire, so that who wants it hears of each exchange there."""
        for tap in self._taps:
            from httpcli.middleware.recording import tapped

            send = tapped(send, tap)
        return send

    def observe_content(self, event: Event) -> None:
        """Let the listeners take note of content that is not for the screen."""
        for listener in self._listeners:
            listener.observe(event)

    def ignore_status(self) -> None:
        """Say that the last response's status is a good end."""
        self._verdict = ExitStatusObserver(check_status=False, following=True)

    @property
    def reason(self) -> str:
        """Why the response's status fails the run, as one line; empty where it does not."""
        return self._verdict.reason

    @property
    def status(self) -> ExitStatus:
        """What the run ends with if nothing else goes wrong."""
        judged = self._verdict.status
        if not self._listeners:
            return judged
        return worst_status((judged, *(listener.outcome().status for listener in self._listeners)))

    @property
    def wants_content(self) -> bool:
        """Whether anybody looks at the response's content."""
        if self._plan.passing is not None or self._needs_content:
            return True
        return self._screen.wants_content

    @property
    def has_enough(self) -> bool:
        """Whether all messages of a WebSocket have come that somebody waited for."""
        return any(awaiting.has_enough for awaiting in self._awaiting)

    def display(self, data: bytes) -> None:
        """Write what was made of the content elsewhere, where the content goes."""
        self._screen.display(data)

    @property
    def holds(self) -> bool:
        """Whether some of what came may be held back until more comes."""
        return self._screen.holds

    def pause(self) -> None:
        """Say that nothing came for a while."""
        self._screen.pause()

    def finish(self) -> None:
        """Say that all has been seen and is whole."""
        self._show_rest()
        self._screen.finish()
        if self._part is not None:
            (self._part.commit if self.status is ExitStatus.OK else self._part.discard)()

    def interrupted(self) -> None:
        """Say that no more will come: what is held back is shown."""
        self._show_rest()
        self._screen.interrupted()

    def _show_rest(self) -> None:
        if self._redaction is not None:
            for shown in self._redaction.rest():
                self._screen.observe(shown)

    def abandoned(self) -> None:
        """Say that nobody waits any more, perhaps in the middle of what is shown."""
        self._screen.abandoned()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop what was not finished, and tell the listeners how it came out."""
        if self._part is not None:
            self._part.__exit__()
        if self._listeners:
            self._conclude(error)

    def _conclude(self, error: BaseException | None) -> None:
        """Let every listener end. Raises HttpcliError for one that cannot, if all else did."""
        outcome = outcome_of(error)
        if outcome is None:
            outcomes = [listener.outcome() for listener in self._listeners]
            reasons = (self.reason, *(each.reason for each in outcomes))
            findings = tuple(finding for each in outcomes for finding in each.check_results)
            reason = "; ".join(filter(None, reasons))
            outcome = Outcome(self.status, reason, check_results=findings)
        outcome = outcome._replace(saved_file=self.file)
        failed: HttpcliError | None = None
        for listener in self._listeners:
            try:
                listener.finish(outcome)
            except HttpcliError as another:
                failed = failed or another
        if failed is not None and error is None:
            raise failed
        if failed is not None:
            self._means.notices.warn(failed.message)

    def _turn_away_failure(self) -> None:
        """Keep content that nobody asked for from where it does not belong."""
        if not self._verdict.reason:
            return
        dropped = self._plan.omit_failed_body
        if self._part is not None:
            self._part.__exit__()
            self._part = None
            parts = frozenset("" if dropped else "b")
            self._screen = Screen(Display(parts=parts, guard_terminal=True), self._stderr)
        elif dropped or self._plan.display.selection is not None:
            display = self._plan.display
            parts = display.parts - {"b"} if dropped else display.parts
            self._screen.go_on_with(display._replace(parts=parts, selection=None))


def outcome_of(error: BaseException | None) -> Outcome | None:
    """Return how a run came out that an exception ended; None where none did."""
    match error:
        case None:
            return None
        case HttpcliError():
            return Outcome(error.status, error.message)
        case BrokenPipeError():
            return Outcome(ExitStatus.CLOSED_PIPE, "the reader closed the pipe")
        case KeyboardInterrupt() | CancelledError():
            return Outcome(ExitStatus.INTERRUPTED, "interrupted")
        case _:
            return Outcome(ExitStatus.FAILED, f"{type(error).__name__}: {error}")
