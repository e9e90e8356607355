"""The limits of JSON that a server sends and that is parsed as a whole."""

from typing import NamedTuple

from httpcli.core.limits import MAX_JSON_SIZE, MAX_JSON_VALUES


class JsonLimits(NamedTuple):
    """How much of a body is parsed, for ``--select`` and ``--expect``."""

    size: int = MAX_JSON_SIZE
    """Decoded bytes of a body."""
    values: int = MAX_JSON_VALUES
    """Strings, numbers, constants, arrays and objects in a document."""

    @property
    def size_text(self) -> str:
        """The limit of the size with a unit."""
        return f"{self.size >> 20} MiB" if self.size % (1 << 20) == 0 else f"{self.size} bytes"
