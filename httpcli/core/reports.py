"""What a run leaves behind beside its output: reports in files, and where the time went."""

from typing import NamedTuple


class Wanted(NamedTuple):
    """One report: its kind (``report.registry``) and the file as typed, ``-`` for stdout."""

    kind: str
    file: str


class Reports(NamedTuple):
    """The reports of a run.

    ``secrets``: texts that were given by reference; no report shows them.
    ``said``: options that curl has too, with their values; ``unsaid``: those
    for which it has no word.
    """

    wanted: tuple[Wanted, ...] = ()
    secrets: frozenset[str] = frozenset()
    said: tuple[tuple[str, ...], ...] = ()
    unsaid: tuple[str, ...] = ()


class Timeline(NamedTuple):
    """Where the time went is shown on stderr: ``drawn`` on a terminal, else as a table."""

    drawn: bool = False
    colour: bool = False
    secrets: frozenset[str] = frozenset()
