"""The story of a run on one page: read the words, plan, run, report.

The one place that catches: an expected failure becomes one line and its exit
status, Ctrl-C and a closed pipe end quietly, and only ``--traceback`` (``--debug``
too) shows where it came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.cli.parser import NEED_NO_URL, parse_command_line
from httpcli.cli.typed_options import Options
from httpcli.core.entry_points import load
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.invocation import Invocation, StreamKind, Surroundings
from httpcli.run_context import Means
from httpcli.storage.config_paths import config_files
from httpcli.terminal.notices import Notices
from httpcli.terminal.streams import to_stderr, to_stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.config.file import Settings


def run(around: Surroundings) -> int:
    """Do what the command line says and return the exit status."""
    notices = Notices(to_stderr(around), colour=_colours(around))
    try:
        return _run(around, notices)
    except UsageError as error:
        _trace(around)
        from httpcli.cli.hints import hint_for_curl_habit

        error.hint = hint_for_curl_habit(around.argv) or error.hint
        notices.error(error)
        return error.status
    except HttpcliError as error:
        _trace(around)
        notices.error(error)
        return error.status
    except BrokenPipeError:
        return ExitStatus.CLOSED_PIPE
    except KeyboardInterrupt:
        if around.stderr.is_terminal:  # the prompt goes below the ^C, not behind it
            notices.line_end()
        return ExitStatus.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a bug must end in one line, too
        _trace(around)
        notices.error(_bug(error))
        return ExitStatus.FAILED


def _run(around: Surroundings, notices: Notices) -> int:
    if not around.argv:
        # An unset "$URL" in a script must not look like success.
        from httpcli.manual.help import short_usage

        raise UsageError("the URL is missing", hint=short_usage())
    if around.argv == ("-h",):
        from httpcli.manual.help import short_usage

        return _print(around, short_usage())
    if around.argv == ("--debug",):
        from httpcli.output.debug_info import account

        notices.text(account(around, _versions()))
        return ExitStatus.OK
    if around.argv[0] in SUBCOMMANDS:
        told: ExitStatus = load(SUBCOMMANDS[around.argv[0]])(around, notices)
        return told
    invocation = read_invocation(around.argv, _stored_settings(around))
    for warning in invocation.warnings:
        notices.quieter(Options(invocation.options).count("quiet")).warn(warning)
    if NEED_NO_URL & invocation.options.keys():
        return _tell(invocation, around)
    if "batch" in invocation.options:
        from httpcli.dispatch import run_batch

        return run_batch(around, notices)
    try:
        return _perform(invocation, around, notices)
    except UsageError as error:
        if invocation.places:
            from httpcli.config.precedence import locate

            locate(error, invocation.places)
        raise


def read_invocation(argv: Sequence[str], settings: Settings | None) -> Invocation:
    """Parse the command line and apply the settings of the user's files to it.

    Raises UsageError for a command line that is wrong, an unknown profile, and
    settings that are wrong.
    """
    invocation, words = parse_command_line(argv)
    if settings is None and not invocation.target.startswith("@"):
        return invocation
    if (NEED_NO_URL | {"batch"}) & invocation.options.keys():
        return invocation
    from httpcli.config.precedence import with_settings

    return with_settings(words, invocation.target, settings)


def _stored_settings(around: Surroundings) -> Settings | None:
    if not any(config_files(around.env)):
        return None
    from httpcli.config.file import stored_settings

    return stored_settings(around.env)


def _tell(invocation: Invocation, around: Surroundings) -> int:
    """Answer what was asked of the program itself."""
    if "help" in invocation.options:
        asked = around.argv[1:] if around.argv[0] == "--help" else ()
        from httpcli.cli.commands.help import text_on

        return _print(around, text_on(asked))
    if "manual" in invocation.options:
        from httpcli.manual.help import full_help

        return _page(around, full_help())
    return _print(around, f"httpcli {__version__}\n")


def _perform(invocation: Invocation, around: Surroundings, notices: Notices) -> int:
    from httpcli.planning.planner import make_plan
    from httpcli.storage.user_files import LocalFiles

    files = LocalFiles(around.cwd, around.env)
    plan = make_plan(invocation, around, files)
    if "debug" in invocation.options:
        from httpcli.output.debug_info import account

        notices.text(account(around, _versions(), plan))
    notices = notices.quieter(plan.quiet)
    for warning in files.warnings:
        notices.warn(warning)
    nothing = around._replace(stdin=around.stdin._replace(kind=StreamKind.OTHER))
    from httpcli.dispatch import run

    return run(
        plan,
        Means(
            around,
            files,
            notices,
            without_stdin=lambda: make_plan(invocation, nothing, files),
        ),
    )


def _trace(around: Surroundings) -> None:
    """Show where a failure came from, to who asked for it."""
    if "--debug" in around.argv or "--traceback" in around.argv:
        from traceback import print_exc

        print_exc()


def _versions() -> Sequence[tuple[str, str]]:
    from httpcli.terminal.environment import versions

    return versions()


def _page(around: Surroundings, text: str) -> int:
    """Show a long text a screen at a time where somebody reads it."""
    if not around.stdout.is_terminal:
        return _print(around, text)
    from pydoc import pager

    pager(text)
    return ExitStatus.OK


def _print(around: Surroundings, text: str) -> int:
    to_stdout(around)(text.encode())
    return ExitStatus.OK


def _colours(around: Surroundings) -> bool:
    """Whether messages are coloured: as no-color.org and the CI systems' FORCE_COLOR say."""
    env = around.env
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return around.stderr.is_terminal and env.get("TERM", "") not in ("", "dumb")


def _bug(error: Exception) -> HttpcliError:
    return HttpcliError(
        f"a bug: {type(error).__name__}: {error}", hint="please report it, with --debug's output"
    )
