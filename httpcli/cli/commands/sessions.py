"""The words behind ``httpcli sessions`` become what is done.

A host of that name is typed ``http://sessions``, or behind a method.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.commands.sessions_actions import SessionsCommand, perform
from httpcli.cli.parser import read_words
from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.options.sessions_command import ACTIONS, OF_SESSIONS
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.invocation import Surroundings
    from httpcli.terminal.notices import Notices

_HINT = "see httpcli sessions --help; a host of that name is http://sessions"


def tend(around: Surroundings, notices: Notices) -> ExitStatus:
    """Do what stands behind ``sessions``, and return the exit status.

    Raises HttpcliError, UsageError where it makes no sense.
    """
    command = read(around.argv[1:])
    from httpcli.manual.sessions_help import sessions_help

    text: str = sessions_help() if command is None else perform(command, around, notices)
    to_stdout(around)(text.encode())
    return ExitStatus.OK


def read(argv: Sequence[str]) -> SessionsCommand | None:
    """Return what was typed; None where help was asked for. Raises UsageError."""
    try:
        words, options = read_words(argv, OF_SESSIONS.flags)
    except UsageError as error:
        error.hint = _HINT
        raise
    if "help" in options:
        return None
    if not words:
        raise UsageError("sessions: what shall be done is missing", hint=_HINT)
    action, *names = words
    if action not in ACTIONS:
        raise UsageError(f"sessions {action}: unknown action", hint=f"{_actions()}; {_HINT}")
    wanted = 1 if ACTIONS[action][0] else 0
    if len(names) != wanted:
        usage = f"httpcli sessions {action} {ACTIONS[action][0]}".rstrip()
        missing = "the name is missing" if len(names) < wanted else "too many words"
        raise UsageError(f"sessions {action}: {missing}", hint=usage)
    return SessionsCommand(action, "".join(names), "show-secrets" in options)


def _actions() -> str:
    return " or ".join(ACTIONS)
