"""``httpcli help`` and ``--help``: all of it, or what there is on one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.core.entry_points import load
from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices


def run_help(environment: Environment, notices: Notices) -> ExitStatus:
    """Say what stands behind ``help``, and return the exit status. Raises UsageError."""
    words = environment.argv[1:]
    if len(words) == 1 and words[0] in SUBCOMMANDS and words[0] != "help":
        told: ExitStatus = load(SUBCOMMANDS[words[0]])(
            environment._replace(argv=(words[0], "--help")), notices
        )
        return told
    to_stdout(environment)(text_on(words).encode())
    return ExitStatus.OK


def text_on(words: Sequence[str]) -> str:
    """Return the help on one word, or all of it. Raises UsageError for a word without any."""
    if len(words) != 1 or words[0] in ("--help", "help"):
        from httpcli.manual.help import full_help

        return full_help()
    from httpcli.manual.help import about

    text = about(words[0])
    if not text:
        raise UsageError(f"nothing in the help has {words[0]!r}", hint="httpcli --help has it all")
    return text
