"""The words behind ``httpcli download`` become one plan for each file.

Each URL is planned as a request of its own, with all the options that were
typed: whatever works for ``httpcli --download URL`` works here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.parser import (
    Argument,
    ParsedCommandLine,
    TypedOptions,
    add_arguments,
    build_invocation,
    check_conflicts,
    parse_subcommand,
    split_arguments,
)
from httpcli.config.file import read_stored_settings
from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import Mode
from httpcli.download.many import Downloads
from httpcli.options.subcommands import DOWNLOADS_OPTIONS
from httpcli.options.table import OPTIONS
from httpcli.options.transfers import BATCH_RUN_OPTIONS
from httpcli.planning.credentials import check_credential_scope
from httpcli.planning.planner import make_plan
from httpcli.planning.transfers import download_progress_style
from httpcli.storage.user_files import UserFiles
from httpcli.syntax.download_list import ListedDownload, parse_download_list
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.config.file import StoredSettings
    from httpcli.core.invocation import Environment, Invocation
    from httpcli.core.plan import Plan
    from httpcli.terminal.notices import Notices

_HINT = "httpcli download [OPTIONS] URL...   (see httpcli download --help)"
# --jobs is about files here; what else is about a batch has no meaning.
_ALL = (
    *(option for option in OPTIONS if option.name not in BATCH_RUN_OPTIONS),
    *DOWNLOADS_OPTIONS.options,
)
_OWN = frozenset(option.name for option in DOWNLOADS_OPTIONS.options)
_SENDS_NOTHING = ("offline", "show-cert")
_SHOWN = frozenset({"print", "verbose", "all"})
"""Options for who wants to see heads; else there are none."""
_JOBS = 4
_CONNECTIONS = 8


class Command(NamedTuple):
    """What was typed: the options that all files share, those of the command, the URLs."""

    shared: tuple[Argument, ...]
    options: TypedOptions
    urls: tuple[str, ...]


def run_download(environment: Environment, notices: Notices) -> ExitStatus:
    """Download what stands behind ``run_download``; return the exit status of the worst file.

    Raises HttpcliError, UsageError where it makes no sense.
    """
    command = read(environment.argv[1:])
    if command.options.given("help"):
        from httpcli.manual.help import downloads_help

        text = downloads_help()
        to_stdout(environment)(text.encode())
        return ExitStatus.OK
    files = UserFiles(environment.cwd, environment.env)
    notices = notices.quieter(command.options.count("quiet"))
    downloads = plan_of(command, environment, files, notices)
    for warning in files.warnings:
        notices.warn(warning)
    from httpcli.download.many import run_downloads

    return run_downloads(downloads, environment, files, notices)


def read(argv: Sequence[str]) -> Command:
    """Take the words apart. Raises UsageError."""
    urls, values = parse_subcommand(argv, _ALL)
    words = split_arguments(list(argv), _ALL)
    shared = tuple(word for word in words if word.option and word.option.name not in _OWN)
    return Command(shared, TypedOptions(values), tuple(urls))


def plan_of(
    command: Command, environment: Environment, files: UserFiles, notices: Notices
) -> Downloads:
    """Settle what will be downloaded. Raises UsageError; nothing was sent then."""
    options = command.options
    for name in _SENDS_NOTHING:
        if options.switch(name):
            raise UsageError(f"download: --{name} downloads nothing", hint="leave it out")
    entries = [
        *(ListedDownload(url) for url in command.urls),
        *_listed(options.texts("input"), files),
    ]
    if not entries:
        raise UsageError("download: the URL is missing", hint=_HINT)
    _refuse_one_name_twice(entries, options)
    jobs = _count(options, "jobs", _JOBS)
    connections = _count(options, "connections", _CONNECTIONS)
    settings = read_stored_settings(environment.env)
    plans: list[Plan] = []
    for entry in entries:
        invocation = _invocation(command.shared, entry, settings)
        for warning in invocation.warnings if not plans else ():
            notices.warn(warning)
        plan = make_plan(invocation, environment, files)
        if plan.mode is not Mode.DOWNLOAD or plan.download is None:
            raise UsageError(f"download: {entry.url} cannot be downloaded", hint=_HINT)
        wish = plan.download._replace(max_connections=connections)
        if not options.any(_SHOWN):
            # Of a refusal what it says; what several servers say would only be mixed up.
            parts = frozenset("b") if len(entries) == 1 else frozenset()
            plan = plan._replace(display=plan.display._replace(parts=parts, terminal=False))
        plans.append(plan._replace(download=wish))
    check_credential_scope(command.shared, {plan.request.url.origin for plan in plans})
    progress_style = download_progress_style(options, environment)
    to_stdout = options.text("output") == "-"
    names = not environment.stdout.is_terminal and not to_stdout
    return Downloads(tuple(plans), jobs, progress_style, names, options.count("quiet"))


def _listed(names: Sequence[str], files: UserFiles) -> list[ListedDownload]:
    entries: list[ListedDownload] = []
    for name in names:
        path = "/dev/stdin" if name == "-" else name
        text = files.read(path).decode("utf-8", "surrogateescape")
        entries += parse_download_list(text, "standard input" if name == "-" else name)
    return entries


def _refuse_one_name_twice(entries: Sequence[ListedDownload], options: TypedOptions) -> None:
    if options.text("output") is not None and len(entries) > 1:
        raise UsageError(
            "--output names one file, and there are several URLs",
            hint="--output-dir FOLDER, or out=NAME below a URL in a list (--input)",
        )
    seen: set[str] = set()
    for entry in entries:
        if entry.out and entry.out in seen:
            raise UsageError(f"two files of the list are called {entry.out}")
        seen.add(entry.out)


def _invocation(
    shared: tuple[Argument, ...], entry: ListedDownload, settings: StoredSettings | None
) -> Invocation:
    """Return what would have been typed for this URL alone."""
    words = [*shared, Argument(None, entry.url)]
    if settings is None and not entry.url.startswith("@"):
        said = ParsedCommandLine()
        add_arguments(words, said)
        check_conflicts(said)
        invocation = build_invocation(said)
    else:
        from httpcli.config.precedence import apply_stored_settings

        invocation = apply_stored_settings(words, entry.url, settings)
    own = {"out": entry.out, "checksum": entry.checksum}
    said_of_it = {"output" if key == "out" else key: text for key, text in own.items() if text}
    return invocation._replace(
        method=invocation.method or "GET",  # else standard input would be a body
        options={**invocation.options, "download": True, **said_of_it},
    )


def _count(options: TypedOptions, name: str, default: int) -> int:
    count = options.whole_number(name, default)
    if count < 1:
        raise UsageError(f"--{name}: at least 1 is needed to download anything")
    return count
