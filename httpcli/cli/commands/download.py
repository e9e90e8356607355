"""``httpcli download``: download several files, each with its own plan.

Each URL is planned as a separate request with the options of the command line. So every option
of ``httpcli --download URL`` works here as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.parser import (
    Argument,
    OptionValues,
    ParsedCommandLine,
    add_arguments,
    build_invocation,
    check_conflicts,
    parse_subcommand,
    split_arguments,
)
from httpcli.config.file import read_stored_settings
from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Mode
from httpcli.download.many import Downloads
from httpcli.options.subcommands import DOWNLOAD_COMMAND_OPTIONS
from httpcli.options.table import OPTIONS
from httpcli.options.transfers import BATCH_RUN_OPTIONS
from httpcli.planning.credentials import check_credential_scope
from httpcli.planning.planner import make_plan
from httpcli.planning.retries_and_copies import download_progress_style
from httpcli.storage.user_files import UserFiles
from httpcli.syntax.download_list import ListedDownload, parse_download_list
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.config.file import StoredSettings
    from httpcli.core.invocation import Environment, Invocation
    from httpcli.core.plan import Plan
    from httpcli.terminal.notices import Notices

_HINT = "usage: httpcli download [OPTIONS] URL...   (see httpcli download --help)"
# The options of --batch are left out. --jobs is here the number of files at once.
_ALL_OPTIONS = (
    *(option for option in OPTIONS if option.name not in BATCH_RUN_OPTIONS),
    *DOWNLOAD_COMMAND_OPTIONS.options,
)
_OWN_OPTIONS = frozenset(option.name for option in DOWNLOAD_COMMAND_OPTIONS.options)
_WITHOUT_DOWNLOAD = ("offline", "show-cert")
_DISPLAY_OPTIONS = frozenset({"print", "verbose", "all"})
"""Without one of these options no headers are shown."""
_JOBS = 4
_CONNECTIONS = 8


class DownloadCommand(NamedTuple):
    """The parsed command line."""

    request_options: tuple[Argument, ...]
    """The options of every request."""
    options: OptionValues
    """All options."""
    urls: tuple[str, ...]


def run_download(environment: Environment, notices: Notices) -> ExitStatus:
    """Run ``httpcli download``; return the worst exit status of all files.

    Raises HttpcliError, UsageError.
    """
    command = _parse(environment.argv[1:])
    if command.options.given("help"):
        from httpcli.manual.help import downloads_help

        stdout_writer(environment)(downloads_help().encode())
        return ExitStatus.OK
    files = UserFiles(environment.cwd, environment.env)
    notices = notices.with_quiet(command.options.count("quiet"))
    downloads = _plan(command, environment, files, notices)
    for warning in files.warnings:
        notices.warn(warning)
    from httpcli.download.many import run_downloads

    return run_downloads(downloads, environment, files, notices)


def _parse(argv: Sequence[str]) -> DownloadCommand:
    """Parse the command line. Raises UsageError."""
    urls, values = parse_subcommand(argv, _ALL_OPTIONS)
    request_options = tuple(
        argument
        for argument in split_arguments(list(argv), _ALL_OPTIONS)
        if argument.option and argument.option.name not in _OWN_OPTIONS
    )
    return DownloadCommand(request_options, OptionValues(values), tuple(urls))


def _plan(
    command: DownloadCommand, environment: Environment, files: UserFiles, notices: Notices
) -> Downloads:
    """Plan every download. Raises UsageError before anything is sent."""
    options = command.options
    for name in _WITHOUT_DOWNLOAD:
        if options.switch(name):
            raise UsageError(f"--{name} cannot be used with httpcli download", hint="remove it")
    entries = [
        *(ListedDownload(url) for url in command.urls),
        *_read_lists(options.texts("input"), files),
    ]
    if not entries:
        from httpcli.cli.hints import missing_url

        taken = (
            (argument.option, argument.value)
            for argument in split_arguments(list(environment.argv[1:]), _ALL_OPTIONS)
            if argument.option and argument.option.takes_value and not argument.negated
        )
        raise missing_url(taken, "httpcli download", _HINT)
    _check_names(entries, options)
    jobs = _positive_number(options, "jobs", _JOBS)
    connections = _positive_number(options, "connections", _CONNECTIONS)
    settings = read_stored_settings(environment.env)
    plans: list[Plan] = []
    for entry in entries:
        invocation = _invocation(command.request_options, entry, settings)
        for warning in invocation.warnings if not plans else ():
            notices.warn(warning)
        plan = make_plan(invocation, environment, files)
        if plan.mode is not Mode.DOWNLOAD or plan.download is None:
            raise UsageError(f"download: not an http or https URL: {entry.url}", hint=_HINT)
        # A copy or a hash needs the bytes in their order.
        max_connections = 1 if plan.tee_and_hash is not None else connections
        download = plan.download._replace(max_connections=max_connections)
        if not options.any(_DISPLAY_OPTIONS):
            # Show the body of an error response only for one file: several would be mixed up.
            parts = frozenset("b") if len(entries) == 1 else frozenset()
            plan = plan._replace(display=plan.display._replace(parts=parts, to_terminal=False))
        plans.append(plan._replace(download=download))
    check_credential_scope(command.request_options, {plan.request.url.origin for plan in plans})
    progress_style = download_progress_style(options, environment)
    writes_to_stdout = options.text("output") == "-"
    print_paths = not environment.stdout.is_terminal and not writes_to_stdout
    return Downloads(tuple(plans), jobs, progress_style, print_paths, options.count("quiet"))


def _read_lists(names: Sequence[str], files: UserFiles) -> list[ListedDownload]:
    entries: list[ListedDownload] = []
    for name in names:
        path = "/dev/stdin" if name == "-" else name
        text = files.read(path).decode("utf-8", "surrogateescape")
        entries += parse_download_list(text, "standard input" if name == "-" else name)
    return entries


def _check_names(entries: Sequence[ListedDownload], options: OptionValues) -> None:
    if options.text("output") is not None and len(entries) > 1:
        raise UsageError(
            "--output cannot be used with several URLs",
            hint="use --output-dir DIR, or out=NAME below each URL in an --input list",
        )
    if options.text("tee") is not None and len(entries) > 1:
        raise UsageError("--tee names one file, and there are several URLs", hint="remove it")
    names: set[str] = set()
    for entry in entries:
        if entry.out and entry.out in names:
            raise UsageError(f"the list has two files named {entry.out}")
        names.add(entry.out)


def _invocation(
    request_options: tuple[Argument, ...], entry: ListedDownload, settings: StoredSettings | None
) -> Invocation:
    """Return the invocation that downloads this URL alone."""
    arguments = [*request_options, Argument(None, entry.url)]
    if settings is None and not entry.url.startswith("@"):
        parsed = ParsedCommandLine()
        add_arguments(arguments, parsed)
        check_conflicts(parsed)
        invocation = build_invocation(parsed)
    else:
        from httpcli.config.precedence import apply_stored_settings

        invocation = apply_stored_settings(arguments, entry.url, settings)
    listed_options: dict[str, str | tuple[str, ...]] = {"output": entry.out} if entry.out else {}
    if entry.checksums:
        common = OptionValues(invocation.options).texts("checksum")
        listed_options["checksum"] = (*common, *entry.checksums)
    return invocation._replace(
        method=invocation.method or "GET",  # not POST: standard input is no body here
        options={**invocation.options, "download": True, **listed_options},
    )


def _positive_number(options: OptionValues, name: str, default: int) -> int:
    number = options.whole_number(name, default)
    if number < 1:
        raise UsageError(f"--{name}: must be at least 1")
    return number
