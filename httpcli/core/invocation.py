"""What was typed, and where: the two values that a plan is made from."""

from collections.abc import Callable, Mapping
from enum import Enum
from os import urandom
from time import monotonic, time
from typing import NamedTuple


class StreamKind(Enum):
    """What a standard stream is connected to."""

    TERMINAL = "terminal"
    PIPE = "pipe"
    """A pipe or a socket."""
    FILE = "file"
    """A regular file, at its start."""
    PARTLY_READ = "passed"
    """A regular file, some of it read already (``while read line; do … done < list``)."""
    OTHER = "other"
    """/dev/null or another device."""
    CLOSED = "closed"


class Stream(NamedTuple):
    """A standard stream: its descriptor and what it is. ``size``: bytes left in a file."""

    fd: int
    kind: StreamKind
    size: int = 0

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it."""
        return self.kind is StreamKind.TERMINAL


class Environment(NamedTuple):
    """All of the ambient state, captured once; nobody else asks the system for it.

    ``argv`` is without the program's name, which is ``program``. ``clock`` gives
    seconds, for differences only, ``now`` those since 1970; ``entropy`` gives
    random bytes.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    stdin: Stream
    stdout: Stream
    stderr: Stream
    clock: Callable[[], float] = monotonic
    entropy: Callable[[int], bytes] = urandom
    program: str = "httpcli"
    now: Callable[[], float] = time


class TypedItem(NamedTuple):
    """One thing on the command line that adds to the request, in the order typed.

    ``option`` is the long name of the explicit option (``header``, ``param``…),
    empty for a positional item. ``rank``: 0 where it was typed, more where it
    comes from the settings; what has a higher one yields.
    """

    option: str
    text: str
    rank: int = 0


class Invocation(NamedTuple):
    """What was typed: words taken apart, nothing decided.

    ``options`` holds what each option came to, by long name: True, a text, a
    tuple of texts (options that add up) or a count. What is not there was not
    typed. Words of the settings count as typed; ``places`` says of options
    where in the settings they stand, ``warnings`` what the user should hear of them.
    """

    method: str | None
    target: str
    items: tuple[TypedItem, ...] = ()
    options: Mapping[str, bool | int | str | tuple[str, ...]] = {}
    locations: Mapping[str, str] = {}
    warnings: tuple[str, ...] = ()
