"""The files of ``httpcli download``, as one run (``model.download`` is one of them)."""

from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.progress import Telling

if TYPE_CHECKING:
    from httpcli.core.plan import Plan


class Downloads(NamedTuple):
    """What will be downloaded, ``jobs`` files at once, and how it is told.

    ``names``: the path of each finished file goes to standard output.
    """

    plans: "tuple[Plan, ...]"
    jobs: int = 4
    telling: Telling = Telling.ENDS
    names: bool = False
    quiet: int = 0
