"""The words beside ``--batch`` become a Batch, and defaults for its lines."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.parser import Word, refuse_conflicts, take, words_of
from httpcli.cli.typed_options import Options
from httpcli.config.file import stored_settings
from httpcli.config.precedence import SOMEWHERE, chosen_for, said_by
from httpcli.core.batch import Batch
from httpcli.core.errors import Fault, UsageError
from httpcli.core.invocation import StreamKind
from httpcli.options.batch import OF_THE_RUN
from httpcli.planning.batch_lines import BatchLines
from httpcli.storage.batch_files import BatchFiles

if TYPE_CHECKING:
    from httpcli.core.invocation import Surroundings

_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)/([smh])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_MOST_JOBS = 1000


class PlannedBatch(NamedTuple):
    """A batch that can be run: what holds for all lines, and what plans a line."""

    batch: Batch
    lines: BatchLines
    files: BatchFiles


def planned_batch(around: Surroundings) -> PlannedBatch:
    """Plan a run of ``--batch``. Raises UsageError for an error outside of the lines."""
    stored = stored_settings(around.env)
    typed = list(words_of(list(around.argv)))
    said = said_by(chosen_for(stored, SOMEWHERE))
    take(typed, said)
    refuse_conflicts(said)
    files = BatchFiles(around.cwd, around.env)
    batch = batch_of(Options(said.options), around, files)
    lines = BatchLines(_beside(typed), stored, around, files)
    batch = batch._replace(reports=lines.check().reports)
    _refuse_reports_into_the_list(batch, files)
    return PlannedBatch(batch, lines, files)


def _refuse_reports_into_the_list(batch: Batch, files: BatchFiles) -> None:
    """Raise UsageError for a report that would be read as lines, and so never end."""
    for kind, file in batch.reports.wanted if batch.reports is not None else ():
        if batch.path and os.path.realpath(files.path(file)) == os.path.realpath(batch.path):
            raise UsageError(
                f"--report={kind}={file}: --batch reads that file", hint="name another one"
            )


def batch_of(options: Options, around: Surroundings, files: BatchFiles) -> Batch:
    """Settle what holds for the run. Raises UsageError."""
    name = options.text("batch") or ""
    if name == "":
        raise UsageError("--batch names no file", hint="--batch FILE, or - for standard input")
    if name == "-" and around.stdin.kind is StreamKind.CLOSED:
        raise UsageError("--batch -: standard input is closed")
    if name != "-":
        files.size(name)
    jobs = options.whole_number("jobs", Batch("", "").jobs)
    if not 0 < jobs <= _MOST_JOBS:
        raise UsageError(f"--jobs={jobs}: not from 1 to {_MOST_JOBS}")
    return Batch(
        name="<stdin>" if name == "-" else name,
        path="" if name == "-" else files.path(name),
        jobs=jobs,
        gap=_gap(options.text("rate")),
        fail_early=options.switch("fail-early"),
        quiet=options.count("quiet"),
    )


def _gap(rate: str | None) -> float:
    """Return the seconds between two beginnings, 0 for no limit."""
    if rate is None:
        return 0.0
    match = _RATE.fullmatch(rate)
    if match is None or not float(match[1]):
        raise UsageError(
            f"--rate={rate}: not a rate",
            hint="requests per second, minute or hour: 5/s, 100/m, 1000/h",
            fault=Fault(rate, 0, len(rate)),
        )
    return _SECONDS[match[2]] / float(match[1])


def _beside(typed: list[Word]) -> list[Word]:
    """Return what is said for every line. Raises UsageError for a positional."""
    for word in typed:
        if word.switch is None:
            raise UsageError(
                f"{word.value!r} beside --batch: each line says its own URL and items",
                hint="options are defaults for all lines: --header 'Name: value'",
            )
    return [word for word in typed if word.switch and word.switch.flag.name not in OF_THE_RUN]
