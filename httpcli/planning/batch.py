"""A line of a batch becomes a Plan; pure but for what ``Files`` is asked.

Most lines of a batch differ in path and query alone. So the plan of one serves
the next that has the same other words and the same origin, and neither is taken
apart by click again: that costs a tenth of planning anew.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.parser import ParsedWords, Word, invocation_of, refuse_conflicts, take, words_of
from httpcli.cli.typed_options import TypedOptions
from httpcli.config.file import read_stored_settings
from httpcli.config.precedence import (
    PLACEHOLDER_URL,
    ChosenSettings,
    apply_settings,
    parse_settings,
    prefix_source,
    select_settings,
)
from httpcli.core.batch import Batch
from httpcli.core.body import Body, BytesBody, MultipartBody, StdinBody
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import Fields
from httpcli.core.invocation import Environment, Invocation, Stream, StreamKind
from httpcli.core.plan import Mode, Plan
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.options.transfers import BATCH_RUN_OPTIONS
from httpcli.planning.features import FEATURES
from httpcli.planning.planner import make_plan
from httpcli.storage.user_files import BatchFiles
from httpcli.syntax.batch_lines import arguments_of_object, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.config.file import StoredSettings
    from httpcli.core.interfaces import Files
    from httpcli.core.invocation import Environment


OF_ONE_RUN = BATCH_RUN_OPTIONS | {
    *("help", "manual", "version", "traceback", "debug"),
    *("cookie-jar", "session", "session-read-only"),
    *("max-connections", "max-connections-per-host", "keep-alive", "report"),
}
"""What all requests of a run share, and so cannot stand in a line."""
_FIT = r"[0-9A-Za-z_.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
_URL = re.compile(rf"(https?://[^/?#]+)(/(?:{_FIT})*)?(?:\?((?:{_FIT}|\?)*))?")
"""A URL in its plainest form: what is behind the origin is sent as it stands (RFC 3986, 3)."""
_KNOWN = 64
_LARGE = 64 * 1024


class _Shape(NamedTuple):
    """All that a line says but for path and query: its words, less the URL, and its origin."""

    before: tuple[str, ...]
    origin: str
    after: tuple[str, ...]


class BatchLines:
    """Plans lines, one after another. ``beside`` are the defaults for all of them."""

    def __init__(
        self,
        beside: Sequence[Word],
        stored: StoredSettings | None,
        environment: Environment,
        files: Files,
    ) -> None:
        self._beside = beside
        self._stored = stored
        # A body is never taken from standard input unasked: a batch may be there.
        self._around = environment._replace(stdin=Stream(environment.stdin.fd, StreamKind.OTHER))
        self._files = files
        self._chosen: ChosenSettings | None = None
        self._known: dict[_Shape, Plan] = {}

    def plan(self, line: str) -> Plan | None:
        """Return what a line asks for, None where it asks for nothing. Raises HttpcliError."""
        words = arguments_of_object(line) if line.lstrip()[:1] == "{" else split_words(line)
        if not words:
            return None
        shape, path, query = _taken_apart(words)
        if shape is not None and (known := self._known.get(shape)) is not None:
            return _asking(known, path, query)
        invocation = self._invocation(words)
        try:
            plan = self._fresh(invocation)
        except UsageError as error:
            prefix_source(error, invocation.locations)
            raise
        if shape is not None and _serves_others(plan, invocation, words, path, query):
            if len(self._known) >= _KNOWN:
                self._known.pop(next(iter(self._known)))
            self._known[shape] = plan
        return plan

    def check(self) -> Plan:
        """Return the plan of the defaults. Raises UsageError for what is wrong in any case."""
        chosen = select_settings(self._stored, PLACEHOLDER_URL)
        invocation = apply_settings([Word(None, chosen.target)], chosen, self._beside)
        options = dict(invocation.options)
        for name in ("session", "session-read-only"):  # which file that is a line says
            options.pop(name, None)
        return self._fresh(invocation._replace(options=options))

    def _fresh(self, invocation: Invocation) -> Plan:
        plan = make_plan(invocation, self._around, self._files)
        if plan.mode not in (Mode.REQUEST, Mode.OFFLINE):
            raise UsageError(
                f"a line cannot ask for this ({plan.mode.value})", hint="give it a run of its own"
            )
        if _reads_stdin(plan.request.body):
            raise UsageError(
                "a line of a batch cannot send standard input", hint="send a file: @FILE, -T FILE"
            )
        session = plan.session
        if session is not None:  # fields and credentials are of single lines
            session = session._replace(fields=Fields(), auth=None)
        warnings = tuple(dict.fromkeys((*invocation.warnings, *plan.warnings)))
        return plan._replace(upload_progress=None, warnings=warnings, session=session)

    def _invocation(self, words: list[str]) -> Invocation:
        taken = list(words_of(words))
        for word in taken:
            if word.switch is not None and word.switch.option.name in OF_ONE_RUN:
                name = word.switch.option.name
                raise UsageError(f"--{name} cannot stand in a line", hint="say it beside --batch")
        # Which settings count depends on the target, for @PROFILE and echo: alone.
        said = ParsedWords()
        take((*self._beside, *taken), said)
        target = invocation_of(said).target
        if target.startswith(("@", "echo:")):
            return apply_settings(taken, select_settings(self._stored, target), self._beside)
        if self._chosen is None:
            self._chosen = select_settings(self._stored, target)
        return apply_settings(taken, self._chosen._replace(target=target), self._beside)


def _asking(known: Plan, path: str, query: str | None) -> Plan:
    """Return the plan that differs in path and query alone."""
    before = known.request
    url = Url(before.url.scheme, before.url.host, before.url.port, path, query)
    # By place: ``_replace`` goes through all fields by name, at each line of a batch.
    return Plan(known.mode, Request(before.method, url, *before[2:]), *known[2:])


def _taken_apart(words: list[str]) -> tuple[_Shape | None, str, str | None]:
    """Return the shape of a line, with path and query, where it has one plain URL."""
    for place, word in enumerate(words):
        if word[:4] == "http" and (match := _URL.fullmatch(word)) is not None:
            origin, path, query = match.groups()
            if not word.isascii() or (path is not None and "/." in path):
                break
            shape = _Shape(tuple(words[:place]), origin, tuple(words[place + 1 :]))
            return shape, path or "/", query
    return None, "", None


def _serves_others(
    plan: Plan, invocation: Invocation, words: list[str], path: str, query: str | None
) -> bool:
    """Tell whether the plan is that of every line with the same shape."""
    url, body = plan.request.url, plan.request.body
    first = next(word for word in words if word[:4] == "http")
    return (
        (url.path, url.query) == (path, query)
        and invocation.target == first
        and words.count(first) == 1
        and (body is None or (isinstance(body, BytesBody) and len(body.data) <= _LARGE))
        and not any(not row.alike and row.options & invocation.options.keys() for row in FEATURES)
    )


def _reads_stdin(body: Body | None) -> bool:
    if isinstance(body, MultipartBody):
        return any(isinstance(part.content, StdinBody) for part in body.parts)
    return isinstance(body, StdinBody)


# The words beside ``--batch`` become a Batch, and defaults for its lines.


_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)/([smh])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_MOST_JOBS = 1000


class PlannedBatch(NamedTuple):
    """A batch that can be run: what holds for all lines, and what plans a line."""

    batch: Batch
    lines: BatchLines
    files: BatchFiles


def plan_batch(environment: Environment) -> PlannedBatch:
    """Plan a run of ``--batch``. Raises UsageError for an error outside of the lines."""
    stored = read_stored_settings(environment.env)
    typed = list(words_of(list(environment.argv)))
    said = parse_settings(select_settings(stored, PLACEHOLDER_URL))
    take(typed, said)
    refuse_conflicts(said)
    files = BatchFiles(environment.cwd, environment.env)
    batch = batch_of(TypedOptions(said.options), environment, files)
    lines = BatchLines(_beside(typed), stored, environment, files)
    batch = batch._replace(reports=lines.check().reports)
    _refuse_reports_into_the_list(batch, files)
    return PlannedBatch(batch, lines, files)


def _refuse_reports_into_the_list(batch: Batch, files: BatchFiles) -> None:
    """Raise UsageError for a report that would be read as lines, and so never end."""
    for kind, file in batch.reports.files if batch.reports is not None else ():
        if batch.path and os.path.realpath(files.path(file)) == os.path.realpath(batch.path):
            raise UsageError(
                f"--report={kind}={file}: --batch reads that file", hint="name another one"
            )


def batch_of(options: TypedOptions, environment: Environment, files: BatchFiles) -> Batch:
    """Settle what holds for the run. Raises UsageError."""
    name = options.text("batch") or ""
    if name == "":
        raise UsageError("--batch names no file", hint="--batch FILE, or - for standard input")
    if name == "-" and environment.stdin.kind is StreamKind.CLOSED:
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
        min_interval=_gap(options.text("rate")),
        fail_fast=options.switch("fail-early"),
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
    return [
        word for word in typed if word.switch and word.switch.option.name not in BATCH_RUN_OPTIONS
    ]
