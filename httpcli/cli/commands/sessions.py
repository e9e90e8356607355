"""``httpcli sessions``: list, show, edit and remove named sessions.

A host of that name is written ``http://sessions``, or after a method.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from time import localtime, strftime
from typing import TYPE_CHECKING

from httpcli.cli.parser import parse_subcommand
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus
from httpcli.core.invocation import Environment
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.shell import quote_word
from httpcli.core.url import canonical_host
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
from httpcli.terminal.prompts import open_editor
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices

_PATH_PREFIXES = ("/", "./", "../")
_HINT = "see httpcli sessions --help; to send a request to a host called sessions: http://sessions"


class SessionsCommand(NamedTuple):
    """The parsed command line."""

    action: str
    """A key of ``SESSION_ACTIONS``."""
    name: str = ""
    """The name or the path of the session."""
    show_secrets: bool = False


def run_sessions(environment: Environment, notices: Notices) -> ExitStatus:
    """Run ``httpcli sessions``; return the exit status. Raises HttpcliError, UsageError."""
    command = _parse(environment.argv[1:])
    if command is None:
        from httpcli.manual.help import sessions_help

        text = sessions_help()
    else:
        text = _perform(command, environment, notices)
    stdout_writer(environment)(text.encode("utf-8", "backslashreplace"))
    return ExitStatus.OK


def _parse(argv: Sequence[str]) -> SessionsCommand | None:
    """Parse the command line; return None for ``--help``. Raises UsageError."""
    try:
        words, options = parse_subcommand(argv, SESSIONS_OPTIONS.options)
    except UsageError as error:
        error.hint = _HINT
        raise
    if "help" in options:
        return None
    if not words:
        raise UsageError("sessions: missing action", hint=_HINT)
    action, *names = words
    if action not in SESSION_ACTIONS:
        raise UsageError(f"sessions {action}: unknown action", hint=f"{_actions()}; {_HINT}")
    expected = 1 if SESSION_ACTIONS[action][0] else 0
    if len(names) != expected:
        usage = f"usage: httpcli sessions {action} {SESSION_ACTIONS[action][0]}".rstrip()
        missing = "missing session name" if len(names) < expected else "too many arguments"
        raise UsageError(f"sessions {action}: {missing}", hint=usage)
    return SessionsCommand(action, "".join(names), "show-secrets" in options)


def _actions() -> str:
    return " or ".join(SESSION_ACTIONS)


def _perform(command: SessionsCommand, environment: Environment, notices: Notices) -> str:
    """Carry out the action and return its output. Raises HttpcliError, UsageError."""
    folder = config_directory(environment.env)
    sessions = list_sessions(folder)
    if command.action == "list":
        if not sessions:
            notices.note(f"no sessions in {folder}/sessions yet (to create one: --session=NAME)")
            return ""
        return sessions_table([_row(session, environment.now(), notices) for session in sessions])
    name = command.name
    if name.startswith("~/"):
        name = home_directory(environment.env) + name[1:]
    session = _find_session(name, sessions)
    if command.action == "rm":
        if not session.host:
            read_contents(session)  # fails if the file is not a session
        remove_session(session)
        return escape_controls(f"removed {session.full_name} ({session.path})") + "\n"
    if command.action == "edit":
        return _edit(session, environment, notices)
    contents = read_contents(session)
    for warning in contents.warnings:
        notices.warn(f"{session.path}: {warning}")
    lines = (
        f"session  {session.full_name}",
        f"file     {session.path}",
        f"changed  {_date(session.changed)}",
    )
    head = "".join(f"{escape_controls(line)}\n" for line in lines)
    return head + session_details(contents, _date, show_secrets=command.show_secrets)


def _edit(session: StoredSession, environment: Environment, notices: Notices) -> str:
    """Let the user edit a session. Raises HttpcliError and keeps the old session on failure."""
    draft = create_draft(session)
    try:
        open_editor(draft.path, environment.env)
    except HttpcliError:
        discard_draft(draft)
        raise
    if apply_draft(session, draft):
        return escape_controls(f"changed {session.full_name} ({session.path})") + "\n"
    notices.note(f"{session.full_name}: no changes")
    return ""


def _row(session: StoredSession, now: float, notices: Notices) -> Sequence[str]:
    try:
        cookies, auth = session_summary(read_contents(session), now)
    except HttpcliError as error:
        notices.warn(error.message)
        cookies, auth = NONE, "broken"
    return session.host, session.name, cookies, auth, _date(session.changed)


def _find_session(name: str, sessions: Sequence[StoredSession]) -> StoredSession:
    """Return the session with this path, this unique name, or this HOST/NAME."""
    if name.startswith(_PATH_PREFIXES):
        at_path = session_at_path(name)
        if at_path is not None:
            return at_path
    host, slash, short = name.rpartition("/")
    matches = [session for session in sessions if session.name == short]
    if slash:
        matches = [
            session for session in matches if canonical_host(session.host) == canonical_host(host)
        ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = " or ".join(quote_word(session.full_name) for session in matches)
        raise UsageError(
            f"{name}: {len(matches)} hosts have a session with this name", hint=f"use {names}"
        )
    known = [session.full_name if slash else session.name for session in sessions]
    similar = get_close_matches(name, known, 1)
    hint = (
        f"did you mean {quote_word(similar[0])}?"
        if similar
        else ("to list all sessions: httpcli sessions list")
    )
    raise UsageError(f"session not found: {name}", hint=hint)


def _date(seconds: float) -> str:
    """Return a time stamp as local time."""
    try:
        return strftime("%Y-%m-%d %H:%M", localtime(seconds))
    except (OverflowError, ValueError, OSError):  # the value comes from a file and may be invalid
        return str(seconds)
