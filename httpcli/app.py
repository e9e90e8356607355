"""One run of the program: parse the command line, make a plan, carry it out.

Catches every error that ends the run; ``batch`` and ``download.many`` report the errors of single
requests themselves. An expected error becomes one line and an exit status. Ctrl-C and a closed
pipe end the run without a message. ``--traceback`` and ``--debug`` print where an error was
raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.cli.parser import OPTIONS_WITHOUT_URL, OptionValues, parse_command_line
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus
from httpcli.core.invocation import Environment, Invocation, StreamKind
from httpcli.core.lazy_load import load
from httpcli.run_context import RunContext
from httpcli.storage.config_paths import config_files
from httpcli.terminal.notices import Notices
from httpcli.terminal.streams import stderr_writer, stdout_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.config.file import StoredSettings
    from httpcli.core.plan import Plan
    from httpcli.protocol.redaction import Redaction


def run(environment: Environment) -> int:
    """Run the command line of ``environment`` and return the exit status."""
    notices = Notices(
        stderr_writer(environment),
        colour=_uses_colour(environment),
        make_redaction=_redaction_for,
    )
    try:
        return _run_command_line(environment, notices)
    except UsageError as error:
        from httpcli.cli.hints import hint_for_curl_option

        _print_traceback(environment, notices)
        curl_hint = hint_for_curl_option(environment.argv)
        if curl_hint:
            error.hint = f"{curl_hint}; {error.hint}" if error.hint else curl_hint
        notices.error(error)
        return error.status
    except HttpcliError as error:
        _print_traceback(environment, notices)
        notices.error(error)
        return error.status
    except BrokenPipeError:
        return ExitStatus.CLOSED_PIPE
    except KeyboardInterrupt:
        if environment.stderr.is_terminal:  # the shell prompt starts on the line after ^C
            notices.line_end()
        return ExitStatus.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a bug is reported in one line as well
        if isinstance(error.__context__, (KeyboardInterrupt, SystemExit)):
            # A signal arrived in the last step of an event loop, which then cannot stop.
            raise error.__context__ from None
        _print_traceback(environment, notices)
        notices.error(_bug_report(error))
        return ExitStatus.FAILED


def _run_command_line(environment: Environment, notices: Notices) -> int:
    if not environment.argv:
        from httpcli.manual.help import short_usage

        # Without a URL the run fails: an unset "$URL" in a script must not look like success.
        notices.error(UsageError("missing URL"))
        from textwrap import indent

        notices.text(indent(short_usage(), "  "))
        return ExitStatus.USAGE
    if environment.argv == ("-h",):
        from httpcli.manual.help import short_usage

        return _print(environment, short_usage())
    if environment.argv == ("--debug",):
        from httpcli.output.debug_info import debug_info

        notices.text(debug_info(environment, _versions()))
        return ExitStatus.OK
    if environment.argv[0] in SUBCOMMANDS:
        status: ExitStatus = load(SUBCOMMANDS[environment.argv[0]])(environment, notices)
        return status
    invocation = read_invocation(environment.argv, _stored_settings(environment))
    for warning in invocation.warnings:
        notices.with_quiet(OptionValues(invocation.options).count("quiet")).warn(warning)
    if OPTIONS_WITHOUT_URL & invocation.options.keys():
        return _print_information(invocation, environment)
    if "batch" in invocation.options:
        from httpcli.dispatch import run_batch

        return run_batch(environment, notices)
    try:
        return _send_request(invocation, environment, notices)
    except UsageError as error:
        if invocation.locations:
            from httpcli.config.precedence import prefix_source

            prefix_source(error, invocation.locations)
        raise


def read_invocation(argv: Sequence[str], settings: StoredSettings | None) -> Invocation:
    """Parse the command line and apply the settings of the user's files.

    Raises UsageError for an invalid command line, an unknown profile and invalid settings.
    """
    invocation, words = parse_command_line(argv)
    if settings is None and not invocation.typed_url.startswith("@"):
        return invocation
    if (OPTIONS_WITHOUT_URL | {"batch"}) & invocation.options.keys():
        return invocation
    from httpcli.config.precedence import apply_stored_settings

    return apply_stored_settings(words, invocation.typed_url, settings)


def _stored_settings(environment: Environment) -> StoredSettings | None:
    if not any(config_files(environment.env)):
        return None
    from httpcli.config.file import read_stored_settings

    return read_stored_settings(environment.env)


def _print_information(invocation: Invocation, environment: Environment) -> int:
    """Print the help, the manual or the version."""
    if "help" in invocation.options:
        words = environment.argv[1:] if environment.argv[0] == "--help" else ()
        from httpcli.cli.commands.help import help_text

        return _print(environment, help_text(words))
    if "manual" in invocation.options:
        from httpcli.manual.help import full_help

        return _show_in_pager(environment, full_help())
    return _print(environment, f"httpcli {__version__}\n")


def _send_request(invocation: Invocation, environment: Environment, notices: Notices) -> int:
    from httpcli.planning.planner import make_plan
    from httpcli.storage.user_files import UserFiles

    files = UserFiles(environment.cwd, environment.env)
    plan = make_plan(invocation, environment, files)
    notices.redact_secrets_of(plan)
    if "debug" in invocation.options:
        from httpcli.output.debug_info import debug_info

        notices.text(debug_info(environment, _versions(), plan))
    notices = notices.with_quiet(plan.quiet)
    for warning in files.warnings:
        notices.warn(warning)
    # Imported here, so that an invalid item fails before asyncio is imported.
    from httpcli.dispatch import run_plan

    without_stdin = environment._replace(stdin=environment.stdin._replace(kind=StreamKind.OTHER))
    return run_plan(
        plan,
        RunContext(
            environment,
            files,
            notices,
            plan_without_stdin=lambda: make_plan(invocation, without_stdin, files),
        ),
    )


def _print_traceback(environment: Environment, notices: Notices) -> None:
    """Print the traceback of the current error, with --traceback or --debug."""
    if "--debug" in environment.argv or "--traceback" in environment.argv:
        from traceback import format_exc

        text = format_exc()
        if environment.stderr.is_terminal:
            # Not even colours: an error may quote a server.
            text = "\n".join(map(escape_controls, text.split("\n")))
        notices.text(text)


def _redaction_for(plans: Sequence[Plan]) -> Redaction:
    """Return the redaction of messages for the plans of the run."""
    from httpcli.protocol.redaction import Redaction, known_secrets

    return Redaction(frozenset().union(*map(known_secrets, plans)))


def _versions() -> Sequence[tuple[str, str]]:
    from httpcli.terminal.environment import component_versions

    return component_versions()


def _show_in_pager(environment: Environment, text: str) -> int:
    """Print a long text; in a pager if standard output is a terminal."""
    if not environment.stdout.is_terminal:
        return _print(environment, text)
    from pydoc import pager

    from httpcli.terminal.prompts import leave_ctrl_c_to_child

    with leave_ctrl_c_to_child():
        pager(text)
    return ExitStatus.OK


def _print(environment: Environment, text: str) -> int:
    stdout_writer(environment)(text.encode())
    return ExitStatus.OK


def _uses_colour(environment: Environment) -> bool:
    """Return whether messages are coloured, by NO_COLOR (no-color.org) and FORCE_COLOR."""
    env = environment.env
    if env.get("NO_COLOR"):
        return False
    if env.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return environment.stderr.is_terminal and env.get("TERM", "") not in ("", "dumb")


def _bug_report(error: Exception) -> HttpcliError:
    return HttpcliError(
        f"internal error: {type(error).__name__}: {error}",
        hint="this is a bug in httpcli: please report it with the output of --debug",
    )
