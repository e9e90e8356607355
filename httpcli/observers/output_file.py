"""The file of ``--output``: what is shown goes there, and what is cut can be gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.transfers import format_bytes
from httpcli.storage.part_file import PartFile

if TYPE_CHECKING:
    from httpcli.core.download import PartialState
    from httpcli.core.events import ResponseStarted
    from httpcli.core.plan import Plan
    from httpcli.run_context import RunContext


class OutputFile:
    """Writes the file; ``commit`` gives it its name. Every method raises HttpcliError.

    Nothing that an earlier run left is touched before the first byte is written.
    """

    def __init__(self, plan: Plan, context: RunContext) -> None:
        self._plan = plan
        self._means = context
        self._name = plan.output or ""
        self._part = PartFile(self._name, context.files.path(self._name))
        self._record: PartialState | None = None
        self._begun = False

    def __enter__(self) -> OutputFile:
        """Lock the file, before anything is sent."""
        self._part.__enter__()
        return self

    def expect(self, response: ResponseStarted) -> None:
        """Take note of what will come: of content as it is, one can ask for the rest."""
        plan, fields = self._plan, response.fields
        display = plan.display
        dressed = (
            display.format or display.colours or display.guard_terminal or display.parts != {"b"}
        )
        whole = response.status == 200 and plan.request.method == "GET"
        if whole and not dressed and not fields.has("Content-Encoding"):
            from httpcli.protocol.ranges import of_response

            self._record = of_response(str(plan.request.url), fields, fields.content_length)

    def write(self, data: bytes) -> None:
        """Write all of these bytes."""
        self._begin()
        self._part.write(data)

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            self._part.begin(self._record)

    def commit(self) -> None:
        """Say that it is whole."""
        self._begin()
        self._part.commit()

    def discard(self) -> None:
        """Say that it is whole, and not what was wanted."""
        self._part.discard()

    def __exit__(self, *_error: object) -> None:
        """Keep what can be gone on with, and say how."""
        if self._part.will_be_kept:
            have = format_bytes(self._part.written.total)
            self._means.notices.note(
                f"{self._name}.part has {have}: --download --continue goes on"
            )
        self._part.__exit__()
