"""What a mode needs besides its plan: the doors to the person and the machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.invocation import Environment
from httpcli.core.plan import Plan
from httpcli.terminal.notices import Notices
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from httpcli.core.interfaces import BatchReportPart, Files, Write
else:  # what is in quotes would be compiled when its class is made (model.registry)
    Files = BatchReportPart = Write = object


class RunContext(NamedTuple):
    """The surroundings, the user's files, and a voice.

    ``plan_without_stdin`` makes the plan anew for a standard input that turned out
    to be empty: no byte means no body, and the method is what it is without.
    ``stdout`` writes to standard output where it is shared, in a batch;
    ``part``: what this request adds to its reports.
    """

    environment: Environment
    files: Files
    notices: Notices
    plan_without_stdin: Callable[[], Plan]
    stdout: Write | None = None
    part: BatchReportPart | None = None

    def random_fraction(self) -> float:
        """Return a number from 0 up to 1, by chance."""
        return int.from_bytes(self.environment.entropy(6)) / (1 << 48)

    def to_stdout(self) -> Write:
        """Return what writes to standard output, wherever content goes."""
        return self.stdout or to_stdout(self.environment)
