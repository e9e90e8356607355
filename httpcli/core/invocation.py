"""The command line and the environment: a plan is made from these two values."""

from collections.abc import Callable, Mapping
from enum import Enum, IntEnum
from os import urandom
from time import monotonic, time

from httpcli.core.named_tuple import NamedTuple


class StreamKind(Enum):
    """The kind of file behind a standard stream."""

    TERMINAL = "terminal"
    PIPE = "pipe"
    """A pipe or a socket."""
    FILE = "file"
    """A regular file, at its start."""
    PARTLY_READ = "passed"
    """A regular file not at its start (``while read line; do … done < list``)."""
    OTHER = "other"
    """/dev/null or another device."""
    CLOSED = "closed"


class Stream(NamedTuple):
    """A standard stream."""

    fd: int
    """The file descriptor."""
    kind: StreamKind
    size: int = 0
    """Bytes left in a regular file."""
    charset: str = "utf-8"
    """The charset of a terminal, as a codec."""

    @property
    def is_terminal(self) -> bool:
        """Whether it is a terminal."""
        return self.kind is StreamKind.TERMINAL


class Environment(NamedTuple):
    """The process's environment, captured once at the start; no other module reads it."""

    argv: tuple[str, ...]
    """The arguments, without the program's name."""
    env: Mapping[str, str]
    """The environment variables."""
    cwd: str
    """The current directory."""
    stdin: Stream
    stdout: Stream
    stderr: Stream
    clock: Callable[[], float] = monotonic
    """Returns seconds, for differences only."""
    entropy: Callable[[int], bytes] = urandom
    """Returns the given number of random bytes."""
    program: str = "httpcli"
    """The name that the program was called by."""
    now: Callable[[], float] = time
    """Returns seconds since 1970."""


class SettingSource(IntEnum):
    """The source of an option or item, highest precedence first."""

    COMMAND_LINE = 0
    """The command line; in a batch, the line."""
    BATCH = 1
    """An option given with ``--batch``."""
    PROFILE = 2
    """``[profile.NAME]`` of ``config.toml``."""
    DEFAULTS = 3
    """``[defaults]`` of ``config.toml``."""
    HTTPIE = 4
    """HTTPie's ``default_options`` in ``config.json``."""


class TypedItem(NamedTuple):
    """A request item, or an item option such as ``--header``, in the order typed."""

    option: str
    """The option's long name (``header``, ``param``, …); empty for a positional item."""
    text: str
    source: SettingSource = SettingSource.COMMAND_LINE
    """Where it was given."""


class Invocation(NamedTuple):
    """The parsed command line, combined with the options of the configuration."""

    method: str | None
    """None if it was not typed."""
    typed_url: str
    """The URL as typed."""
    items: tuple[TypedItem, ...] = ()
    options: Mapping[str, bool | int | str | tuple[str, ...]] = {}
    """Values by long name: True, a text, a tuple of texts (repeatable options) or a count.
    Options that were not given are absent."""
    locations: Mapping[str, str] = {}
    """Where in the configuration options were set, by long name."""
    warnings: tuple[str, ...] = ()
    """Warnings about the configuration."""
