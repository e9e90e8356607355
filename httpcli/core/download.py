"""How a response becomes a file: where it goes, and what may be there already."""

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from httpcli.core.checksum import Wanted
    from httpcli.core.progress import Telling


class Existing(Enum):
    """What happens where a file by that name is there already."""

    NUMBER = "number"
    """The new one gets a number; a name that the user typed is replaced."""
    REPLACE = "replace"
    SKIP = "skip"
    NEWER = "newer"
    """It is replaced where the server's is newer."""


class Resume(Enum):
    """Whether an earlier run's part is gone on with."""

    NO = "no"
    CHECKED = "checked"
    """Where it is sure that its bytes are of what the server has."""
    TRUST = "trust"
    """Also where nothing tells: the user vouches for it."""


class Download(NamedTuple):
    """What is done with the content of a response.

    ``output`` is the file as typed, None where the response names it; ``folder``
    goes before it, as typed. ``most``: bytes, more are an error; None for no limit.
    ``checksum`` is what the user asked for, as typed. ``telling``: how the user
    is told how far it is, None for not at all. ``connections``: how many at most.
    ``wanted``: what ``checksum`` means.
    """

    output: str | None = None
    folder: str = ""
    existing: Existing = Existing.NUMBER
    resume: Resume = Resume.NO
    keeps_time: bool = False
    makes_folders: bool = False
    most: int | None = None
    checksum: str = ""
    telling: "Telling | None" = None
    connections: int = 1
    wanted: "Wanted | None" = None

    @property
    def to_stdout(self) -> bool:
        """Whether the content goes to standard output."""
        return self.output == "-"
