"""What is said of many requests in one run."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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
    gap: float = 0.0
    fail_early: bool = False
    quiet: int = 0
    reports: "Reports | None" = None
