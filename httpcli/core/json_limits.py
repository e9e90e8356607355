"""The limits of JSON that a server sends and that is parsed as a whole.

Not in ``core.limits``, which every run imports: a NamedTuple costs a short run 0.05 %.
"""

from httpcli.core.limits import MAX_JSON_SIZE, MAX_JSON_VALUES, size_text
from httpcli.core.named_tuple import NamedTuple


class JsonLimits(NamedTuple):
    """How much of a body is parsed, for ``--select`` and ``--expect``."""

    size: int = MAX_JSON_SIZE
    """Decoded bytes of a body."""
    values: int = MAX_JSON_VALUES
    """Strings, numbers, constants, arrays and objects in a document."""

    @property
    def size_text(self) -> str:
        """The limit of the size with a unit."""
        return size_text(self.size)
