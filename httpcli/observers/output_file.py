"""The file of ``--output``: it replaces an existing file only when it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.output.transfer_lines import partial_file_message
from httpcli.storage.part_file import PartFile
from httpcli.storage.resume_key import ResumeKey

if TYPE_CHECKING:
    from httpcli.core.download import PartialState
    from httpcli.core.events import ResponseStarted
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


class OutputFile:
    """Writes to a partial file, which ``commit`` renames. Every method raises HttpcliError.

    A partial file of an earlier run is kept until the first byte is written.
    """

    def __init__(self, plan: Plan, context: RunContext) -> None:
        self._plan = plan
        self._notices = context.notices
        self._name = plan.output or ""
        key = ResumeKey(context.environment.env)
        self._part = PartFile(self._name, context.files.path(self._name), key)
        self._resume_state: PartialState | None = None
        """The state to store in the sidecar; None if the response cannot be resumed."""
        self._started = False
        self._keeps_existing = False

    def __enter__(self) -> OutputFile:
        """Lock the file before anything is sent."""
        self._part.__enter__()
        return self

    def prepare_for(self, response: ResponseStarted) -> None:
        """Prepare for a response. One whose body is saved unchanged can be resumed later."""
        plan, fields = self._plan, response.fields
        display = plan.display
        # The condition that the user typed is not met: the existing file is the newest one.
        self._keeps_existing = response.status == 304 and display.parts == {"b"}
        if self._keeps_existing:
            self._notices.note(f"{self._name} is not written: HTTP 304 {response.reason}".rstrip())
        changed = (
            display.format or display.colours or display.guard_terminal or display.parts != {"b"}
        )
        is_plain_get = plan.request.method == "GET" and plan.request.body is None
        complete = response.status == 200 and is_plain_get
        if complete and not changed and not fields.has("Content-Encoding"):
            from httpcli.protocol.ranges import partial_state_of, refuses_ranges

            if refuses_ranges(fields) or plan.request.fields.has("Range"):
                return
            self._resume_state = partial_state_of(
                str(plan.request.url), fields, fields.content_length
            )

    def write(self, data: bytes) -> None:
        """Append bytes to the file."""
        self._begin()
        self._part.write(data)

    def _begin(self) -> None:
        if not self._started:
            self._started = True
            self._part.begin(self._resume_state)

    def commit(self) -> None:
        """Rename the complete file to its final name; a 304 (Not Modified) replaces no file."""
        if self._keeps_existing:
            return
        self._begin()
        self._part.commit()

    def discard(self) -> None:
        """Delete the file: it is complete, but its response is a failure."""
        self._part.discard()

    def __exit__(self, *_error: object) -> None:
        """Delete an incomplete file, or keep it and print how to resume it."""
        kept = self._part.close()
        if kept is not None:
            from httpcli.protocol.ranges import if_range_validator

            needs_trust = not (kept.is_proven and if_range_validator(kept.state))
            self._notices.note(
                partial_file_message(
                    self._name, kept.written, kept.state.size, needs_trust=needs_trust
                )
            )
