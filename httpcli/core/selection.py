"""What is shown of a JSON body in place of all of it."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Selection(NamedTuple):
    """``select`` gives of a JSON value what is shown; it raises ValueError where it cannot.

    ``raw``: a string is shown without quotes, and of an array each value on a line.
    """

    select: Callable[[Any], Any]
    raw: bool = False
