"""The listeners that a plan asks for: who sees the events, and where the body goes."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from httpcli.model.events import Event, ResponseStarted
from httpcli.model.plan import Plan, Show
from httpcli.model.registry import load
from httpcli.output.screen import Screen
from httpcli.report.verdict import Verdict

if TYPE_CHECKING:
    from httpcli.model.ports import Write
    from httpcli.modes.means import Means
    from httpcli.modes.uploading import Uploading
    from httpcli.output.redaction import Redaction
    from httpcli.storage.partfile import PartFile


class Audience:
    """Shows an exchange, saves it where that was asked for, and judges it.

    With ``--output`` a response that ``--check-status`` fails goes to stderr:
    it never takes the place of a good file.
    """

    def __init__(self, plan: Plan, means: Means, stdout: Write, stderr: Write) -> None:
        self._means = means
        self._stderr = stderr
        self._stack = ExitStack()
        self._part: PartFile | None = None
        if plan.output is not None:
            self._part = load("httpcli.storage.partfile:PartFile")(
                plan.output, means.files.path(plan.output)
            )
        self._uploading: Uploading | None = None
        if plan.progress:
            self._uploading = load("httpcli.modes.uploading:Uploading")(means.around)
            self._stack.callback(self._uploading.end)
        self._redaction: Redaction | None = None
        if plan.show.secrets:
            self._redaction = load("httpcli.output.redaction:Redaction")(plan.show.secrets)
        write = stdout if self._part is None else self._part.write
        self._screen = Screen(plan.show, write, means.notices.warn)
        self.verdict = Verdict(check_status=plan.check_status, following=plan.journey.follow)

    def __enter__(self) -> Audience:
        """Open the file, before anything is sent. Raises HttpcliError."""
        if self._part is not None:
            self._stack.enter_context(self._part).begin()
        return self

    def see(self, event: Event) -> None:
        """Let everybody take note of one event."""
        self.verdict.see(event)
        if self._uploading is not None:
            self._uploading.see(event)
        if isinstance(event, ResponseStarted) and not event.intermediary:
            if event.undecoded:
                self._means.notices.warn(f"the content stays {event.undecoded}-coded")
            self._turn_away_failure()
        for shown in (event,) if self._redaction is None else self._redaction.of(event):
            self._screen.see(shown)

    @property
    def wants_content(self) -> bool:
        """Whether anybody looks at the response's content."""
        return self._screen.wants_content

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
            self._part.commit()

    def interrupted(self) -> None:
        """Say that no more will come: what is held back is shown."""
        self._show_rest()
        self._screen.interrupted()

    def _show_rest(self) -> None:
        if self._redaction is not None:
            for shown in self._redaction.rest():
                self._screen.see(shown)

    def abandoned(self) -> None:
        """Say that nobody waits any more, perhaps in the middle of what is shown."""
        self._screen.abandoned()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop what was not finished."""
        self._stack.__exit__(kind, error, trace)

    def _turn_away_failure(self) -> None:
        if self._part is None or not self.verdict.reason:
            return
        self._part.__exit__(None, None, None)
        self._part = None
        self._screen = Screen(Show(parts=frozenset("b"), guard=True), self._stderr)
