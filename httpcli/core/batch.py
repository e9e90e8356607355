"""The plans of runs with many requests: ``--batch`` and ``httpcli download``."""

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.transfers import ProgressStyle

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.core.reports import Reports


class Batch(NamedTuple):
    """A run of one request a line.

    ``path`` is the file, empty for standard input; ``name`` is what messages
    call it. ``jobs`` are under way at once; between two that begin there are
    ``gap`` seconds at least. ``reports`` are those of the whole run.
    """

    name: str
    path: str
    jobs: int = 8
    min_interval: float = 0.0
    fail_fast: bool = False
    quiet: int = 0
    reports: "Reports | None" = None


class Downloads(NamedTuple):
    """What will be downloaded, ``jobs`` files at once, and how it is told.

    ``names``: the path of each finished file goes to standard output.
    """

    plans: "tuple[Plan, ...]"
    jobs: int = 4
    progress_style: ProgressStyle = ProgressStyle.ENDS
    print_paths: bool = False
    quiet: int = 0
