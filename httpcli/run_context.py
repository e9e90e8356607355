"""The context of a run besides its plan: environment, the user's files, and messages."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.core.invocation import Environment
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Plan
from httpcli.terminal.notices import Notices
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from httpcli.core.interfaces import Files, Write
    from httpcli.core.reports import BatchReportPart
else:  # keeps NamedTuple from compiling the annotations, see core.lazy_load
    Files = BatchReportPart = Write = object


class RunContext(NamedTuple):
    """The context of a run, or of one line of a batch."""

    environment: Environment
    files: Files
    """Resolves and reads the paths that the user typed."""
    notices: Notices
    """Prints errors, warnings and notes on stderr."""
    plan_without_stdin: Callable[[], Plan]
    """Makes the plan again without standard input; called if standard input was empty.

    Without a body the method may change to GET.
    """
    stdout: Write | None = None
    """Writes to standard output in a batch, where lines share it; else None."""
    report_part: BatchReportPart | None = None
    """Adds to the reports of a batch; else None."""

    def random_fraction(self) -> float:
        """Return a random number of at least 0 and less than 1."""
        return int.from_bytes(self.environment.entropy(6)) / (1 << 48)

    def stdout_writer(self) -> Write:
        """Return a function that writes to standard output, even with ``--output``."""
        return self.stdout or stdout_writer(self.environment)
