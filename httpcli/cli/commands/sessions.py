"""``httpcli sessions``: looks at the sessions that have a name, changes and removes them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from time import localtime, strftime
from typing import TYPE_CHECKING, NamedTuple

from httpcli.cli.parser import parse_subcommand
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.invocation import Environment
from httpcli.options.subcommands import SESSION_ACTIONS, SESSIONS_OPTIONS
from httpcli.output.session_table import NONE, session_details, session_summary, sessions_table
from httpcli.storage.config_paths import config_directory, home_directory
from httpcli.storage.named_sessions import (
    StoredSession,
    apply_draft,
    create_draft,
    discard_draft,
    list_sessions,
    read_contents,
    remove_session,
    session_at_path,
)
from httpcli.terminal.notices import Notices
from httpcli.terminal.prompts import edit
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices


_PATHS = ("/", "./", "../")


class SessionsCommand(NamedTuple):
    """What was typed: an action of ``options.sessions``, and the session it is about."""

    action: str
    name: str = ""
    secrets: bool = False


def perform(command: SessionsCommand, environment: Environment, notices: Notices) -> str:
    """Do it and return what is to be shown. Raises HttpcliError, UsageError for a wrong name."""
    folder = config_directory(environment.env)
    there = list_sessions(folder)
    if command.action == "list":
        if not there:
            notices.note(f"no sessions in {folder}/sessions yet (--session=NAME makes one)")
            return ""
        return sessions_table([_row(session, environment.now(), notices) for session in there])
    name = command.name
    if name.startswith("~/"):
        name = home_directory(environment.env) + name[1:]
    session = _named(name, there)
    if command.action == "rm":
        if not session.host:
            read_contents(session)  # a path may be that of anything
        remove_session(session)
        return f"removed {session.full_name} ({session.path})\n"
    if command.action == "edit":
        return _edited(session, environment, notices)
    held = read_contents(session)
    head = f"session  {session.full_name}\nfile     {session.path}\n"
    return f"{head}changed  {_date(session.changed)}\n" + session_details(
        held, _date, secrets=command.secrets
    )


def _edited(session: StoredSession, environment: Environment, notices: Notices) -> str:
    """Let the user change a session. Raises HttpcliError, and leaves it as it was."""
    draft = create_draft(session)
    try:
        edit(draft.path, environment.env)
    except HttpcliError:
        discard_draft(draft)
        raise
    if apply_draft(session, draft):
        return f"changed {session.full_name} ({session.path})\n"
    notices.note(f"{session.full_name}: nothing was changed")
    return ""


def _row(session: StoredSession, now: float, notices: Notices) -> Sequence[str]:
    try:
        cookies, auth = session_summary(read_contents(session), now)
    except HttpcliError as error:
        notices.warn(error.message)
        cookies, auth = NONE, "broken"
    return session.host, session.name, cookies, auth, _date(session.changed)


def _named(name: str, there: Sequence[StoredSession]) -> StoredSession:
    """Return the session that is meant: a path, a name that one host has, or HOST/NAME."""
    if name.startswith(_PATHS):
        at_path = session_at_path(name)
        if at_path is not None:
            return at_path
    host, slash, short = name.rpartition("/")
    fit = [each for each in there if each.name == short]
    if slash:
        fit = [each for each in fit if each.host.lower() == host.lower()]
    if len(fit) == 1:
        return fit[0]
    if fit:
        names = " or ".join(each.full_name for each in fit)
        raise UsageError(f"{name}: {len(fit)} hosts have such a session", hint=f"say {names}")
    known = [each.full_name if slash else each.name for each in there]
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else "httpcli sessions list shows all"
    raise UsageError(f"{name}: there is no such session", hint=hint)


def _date(seconds: float) -> str:
    """Return a point in time as the user's clock says it."""
    try:
        return strftime("%Y-%m-%d %H:%M", localtime(seconds))
    except (OverflowError, ValueError, OSError):  # what stands in a file may be anything
        return str(seconds)


# The words behind ``httpcli sessions`` become what is done.
#
# A host of that name is typed ``http://sessions``, or behind a method.


_HINT = "see httpcli sessions --help; a host of that name is http://sessions"


def run_sessions(environment: Environment, notices: Notices) -> ExitStatus:
    """Do what stands behind ``sessions``, and return the exit status.

    Raises HttpcliError, UsageError where it makes no sense.
    """
    command = read(environment.argv[1:])
    if command is None:
        from httpcli.manual.help import sessions_help

        text = sessions_help()
    else:
        text = perform(command, environment, notices)
    to_stdout(environment)(text.encode())
    return ExitStatus.OK


def read(argv: Sequence[str]) -> SessionsCommand | None:
    """Return what was typed; None where help was asked for. Raises UsageError."""
    try:
        words, options = parse_subcommand(argv, SESSIONS_OPTIONS.options)
    except UsageError as error:
        error.hint = _HINT
        raise
    if "help" in options:
        return None
    if not words:
        raise UsageError("sessions: what shall be done is missing", hint=_HINT)
    action, *names = words
    if action not in SESSION_ACTIONS:
        raise UsageError(f"sessions {action}: unknown action", hint=f"{_actions()}; {_HINT}")
    wanted = 1 if SESSION_ACTIONS[action][0] else 0
    if len(names) != wanted:
        usage = f"httpcli sessions {action} {SESSION_ACTIONS[action][0]}".rstrip()
        missing = "the name is missing" if len(names) < wanted else "too many words"
        raise UsageError(f"sessions {action}: {missing}", hint=usage)
    return SessionsCommand(action, "".join(names), "show-secrets" in options)


def _actions() -> str:
    return " or ".join(SESSION_ACTIONS)
