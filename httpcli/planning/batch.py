"""``--batch``: the options of the run, and the plan of each line.

Most lines of a batch differ only in path and query. Their plan is made from that of an
earlier line, without parsing the line again, which takes a tenth of the time.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from httpcli.cli.parser import (
    Argument,
    OptionValues,
    ParsedCommandLine,
    add_arguments,
    build_invocation,
    check_conflicts,
    split_arguments,
)
from httpcli.config.file import read_stored_settings
from httpcli.config.precedence import (
    PLACEHOLDER_URL,
    ChosenSettings,
    apply_settings,
    parse_settings,
    prefix_source,
    select_settings,
)
from httpcli.core.body import Body, BytesBody, MultipartBody, StdinBody
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import Fields
from httpcli.core.invocation import Environment, Invocation, Stream, StreamKind
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Mode, Plan
from httpcli.core.request import Request
from httpcli.core.url import Url
from httpcli.options.transfers import BATCH_RUN_OPTIONS
from httpcli.planning.credentials import check_credential_scope
from httpcli.planning.optional_features import FEATURES
from httpcli.planning.planner import make_plan
from httpcli.storage.user_files import BatchFiles
from httpcli.syntax.batch_lines import arguments_of_object, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.config.file import StoredSettings
    from httpcli.core.interfaces import Files
    from httpcli.core.reports import Reports
    from httpcli.core.url import Origin


class Batch(NamedTuple):
    """The options of a whole ``--batch`` run: one request for each line of a file."""

    name: str
    """The file in messages."""
    path: str
    """The file; empty for standard input."""
    jobs: int = 8
    """Requests at a time."""
    min_interval: float = 0.0
    """Seconds from the beginning of one request to the next, at least."""
    fail_fast: bool = False
    """Whether the first failure ends the run."""
    quiet: int = 0
    """How many times ``--quiet`` was given."""
    reports: Reports | None = None
    """The reports of the whole run."""


NOT_IN_LINES = BATCH_RUN_OPTIONS | {
    *("help", "manual", "version", "traceback", "debug"),
    *("cookie-jar", "session", "session-read-only"),
    *("max-connections", "max-connections-per-host", "keep-alive", "report"),
}
"""Options that apply to the whole run, and so are not allowed in a line."""
_URL_CHARACTER = r"[0-9A-Za-z_.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
_PLAIN_URL = re.compile(
    rf"(https?://[^/?#]+)(/(?:{_URL_CHARACTER})*)?(?:\?((?:{_URL_CHARACTER}|\?)*))?"
)
"""A URL whose path and query are sent as they are (RFC 3986, 3)."""
_MAX_CACHED_PLANS = 64
_MAX_CACHED_BODY = 64 * 1024
"""Bytes of a body that is kept with a cached plan."""
_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)/([smh])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_MAX_JOBS = 1000


class PlannedBatch(NamedTuple):
    """A batch that is ready to run."""

    batch: Batch
    """The options of the whole run."""
    lines: BatchLines
    """Plans each line."""
    files: BatchFiles
    """The files that the lines read."""


def plan_batch(environment: Environment) -> PlannedBatch:
    """Plan a run of ``--batch``. Raises UsageError for an error outside of the lines."""
    stored = read_stored_settings(environment.env)
    typed = list(split_arguments(list(environment.argv)))
    parsed = parse_settings(select_settings(stored, PLACEHOLDER_URL))
    add_arguments(typed, parsed)
    check_conflicts(parsed)
    files = BatchFiles(environment.cwd, environment.env)
    batch = _batch(OptionValues(parsed.options), environment, files)
    lines = BatchLines(_line_defaults(typed), stored, environment, files)
    batch = batch._replace(reports=lines.plan_defaults().reports)
    _refuse_report_into_batch_file(batch, files)
    return PlannedBatch(batch, lines, files)


def _refuse_report_into_batch_file(batch: Batch, files: BatchFiles) -> None:
    """Raise UsageError for a report into the list, which would be read as lines, endlessly."""
    for kind, file in batch.reports.files if batch.reports is not None else ():
        if batch.path and os.path.realpath(files.path(file)) == os.path.realpath(batch.path):
            raise UsageError(
                f"--report={kind}={file}: this file is the input of --batch",
                hint="use another file",
            )


def _batch(options: OptionValues, environment: Environment, files: BatchFiles) -> Batch:
    """Return the options of the whole run. Raises UsageError."""
    name = options.text("batch") or ""
    if name == "":
        raise UsageError(
            "--batch: missing file name",
            hint="use --batch FILE, or --batch - for standard input",
        )
    if name == "-" and environment.stdin.kind is StreamKind.CLOSED:
        raise UsageError("--batch -: standard input is closed")
    if name != "-":
        files.size(name)
    jobs = options.whole_number("jobs", Batch("", "").jobs)
    if not 0 < jobs <= _MAX_JOBS:
        raise UsageError(f"--jobs={jobs}: must be between 1 and {_MAX_JOBS}")
    return Batch(
        name="<stdin>" if name == "-" else name,
        path="" if name == "-" else files.path(name),
        jobs=jobs,
        min_interval=_min_interval(options.text("rate")),
        fail_fast=options.switch("fail-early"),
        quiet=options.count("quiet"),
    )


def _min_interval(rate: str | None) -> float:
    """Return the seconds between the starts of two requests; 0 for no limit. Raises UsageError."""
    if rate is None:
        return 0.0
    match = _RATE.fullmatch(rate)
    if match is None or not float(match[1]):
        raise UsageError(
            f"--rate: invalid rate {rate!r}",
            hint="examples: 5/s, 100/m, 1000/h",
            fault=Fault(rate, 0, len(rate)),
        )
    return _SECONDS[match[2]] / float(match[1])


def _line_defaults(typed: list[Argument]) -> list[Argument]:
    """Return the options that are defaults of each line.

    Raises UsageError for a positional argument.
    """
    for argument in typed:
        if argument.option is None:
            raise UsageError(
                (
                    f"unexpected argument {argument.value!r}: with --batch, URLs and items "
                    "belong in the lines of the file"
                ),
                hint="options apply to all lines, for example --header 'Name: value'",
            )
    return [
        argument
        for argument in typed
        if argument.option and argument.option.name not in BATCH_RUN_OPTIONS
    ]


class _LineShape(NamedTuple):
    """A line without its path and query; lines of the same shape have similar plans."""

    before: tuple[str, ...]
    """The words before the URL."""
    origin: str
    """The start of the URL, up to the path."""
    after: tuple[str, ...]
    """The words after the URL."""


class BatchLines:
    """Plans the lines of a batch, one after another."""

    def __init__(
        self,
        defaults: Sequence[Argument],
        stored: StoredSettings | None,
        environment: Environment,
        files: Files,
    ) -> None:
        """Take the options of the command line as ``defaults``, and the ``stored`` settings."""
        self._defaults = defaults
        self._stored = stored
        # Standard input may hold the batch: it is never the body of a line.
        self._environment = environment._replace(
            stdin=Stream(environment.stdin.fd, StreamKind.OTHER)
        )
        self._files = files
        self._settings: ChosenSettings | None = None
        self._cache: dict[_LineShape, Plan] = {}
        self._first_origin: Origin | None = None
        """The origin of the first request, which may get the secrets given beside --batch."""

    def plan(self, line: str) -> Plan | None:
        """Return the plan of a line; None for an empty line or comment. Raises HttpcliError."""
        words = arguments_of_object(line) if line.lstrip()[:1] == "{" else split_words(line)
        if not words:
            return None
        shape, path, query = _split_line(words)
        if shape is not None and (cached := self._cache.get(shape)) is not None:
            return _with_path(cached, path, query)
        invocation = self._invocation(words)
        try:
            plan = self._make_plan(invocation)
        except UsageError as error:
            prefix_source(error, invocation.locations)
            raise
        if plan.mode is Mode.REQUEST and not plan.echo:
            self._first_origin = self._first_origin or plan.request.url.origin
            check_credential_scope(self._defaults, {self._first_origin, plan.request.url.origin})
        if shape is not None and _is_reusable(plan, invocation, words, path, query):
            if len(self._cache) >= _MAX_CACHED_PLANS:
                self._cache.pop(next(iter(self._cache)))
            self._cache[shape] = plan
        return plan

    def plan_defaults(self) -> Plan:
        """Return the plan of a line without options.

        It has the reports of the run. Raises UsageError for invalid defaults.
        """
        chosen = select_settings(self._stored, PLACEHOLDER_URL)
        invocation = apply_settings([Argument(None, chosen.url)], chosen, self._defaults)
        options = dict(invocation.options)
        for name in ("session", "session-read-only"):  # the file depends on the URL of a line
            options.pop(name, None)
        return self._make_plan(invocation._replace(options=options))

    def _make_plan(self, invocation: Invocation) -> Plan:
        plan = make_plan(invocation, self._environment, self._files)
        if plan.mode not in (Mode.REQUEST, Mode.OFFLINE):
            raise UsageError(
                f"not supported in a batch: {plan.mode.value}", hint="run it as a separate command"
            )
        if _reads_stdin(plan.request.body):
            raise UsageError(
                "standard input cannot be sent from a batch",
                hint="send a file instead: @FILE or -T FILE",
            )
        session = plan.session
        if session is not None:  # headers and credentials of single lines are not stored
            session = session._replace(fields=Fields(), auth=None)
        warnings = tuple(dict.fromkeys((*invocation.warnings, *plan.warnings)))
        return plan._replace(upload_progress=None, warnings=warnings, session=session)

    def _invocation(self, words: list[str]) -> Invocation:
        typed = list(split_arguments(words))
        for argument in typed:
            if argument.option is not None and argument.option.name in NOT_IN_LINES:
                name = argument.option.name
                raise UsageError(
                    f"--{name} is not allowed in a line of a batch",
                    hint="put it on the command line, next to --batch",
                )
        # The settings depend on the URL only for @PROFILE and echo:.
        parsed = ParsedCommandLine()
        add_arguments((*self._defaults, *typed), parsed)
        typed_url = build_invocation(parsed).typed_url
        if typed_url.startswith(("@", "echo:")):
            return apply_settings(typed, select_settings(self._stored, typed_url), self._defaults)
        if self._settings is None:
            self._settings = select_settings(self._stored, typed_url)
        return apply_settings(typed, self._settings._replace(url=typed_url), self._defaults)


def _with_path(plan: Plan, path: str, query: str | None) -> Plan:
    """Return the plan with another path and query of the same origin."""
    request = plan.request
    url = Url(request.url.scheme, request.url.host, request.url.port, path, query)
    # By position: ``_replace`` looks up every field by name, which takes longer.
    return Plan(plan.mode, Request(request.method, url, *request[2:]), *plan[2:])


def _split_line(words: list[str]) -> tuple[_LineShape | None, str, str | None]:
    """Return shape, path and query of a line; the shape is None if the line has no plain URL."""
    for index, word in enumerate(words):
        if word[:4] == "http" and (match := _PLAIN_URL.fullmatch(word)) is not None:
            origin, path, query = match.groups()
            if not word.isascii() or (path is not None and "/." in path):
                break
            shape = _LineShape(tuple(words[:index]), origin, tuple(words[index + 1 :]))
            return shape, path or "/", query
    return None, "", None


def _is_reusable(
    plan: Plan, invocation: Invocation, words: list[str], path: str, query: str | None
) -> bool:
    """Return whether the plan fits every line of the same shape, except for path and query."""
    url, body = plan.request.url, plan.request.body
    first = next(word for word in words if word[:4] == "http")
    return (
        (url.path, url.query) == (path, query)
        and invocation.typed_url == first
        and words.count(first) == 1
        and (body is None or (isinstance(body, BytesBody) and len(body.data) <= _MAX_CACHED_BODY))
        and not any(
            not feature.path_independent and feature.options & invocation.options.keys()
            for feature in FEATURES
        )
    )


def _reads_stdin(body: Body | None) -> bool:
    if isinstance(body, MultipartBody):
        return any(isinstance(part.content, StdinBody) for part in body.parts)
    return isinstance(body, StdinBody)
