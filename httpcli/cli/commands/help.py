"""``httpcli help``: the whole help, or the help about one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.commands.registry import SUBCOMMANDS
from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.lazy_load import load
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices


def run_help(environment: Environment, notices: Notices) -> ExitStatus:
    """Print the help for the arguments after ``help``. Raises UsageError."""
    words = environment.argv[1:]
    if len(words) == 1 and words[0] in SUBCOMMANDS and words[0] != "help":
        status: ExitStatus = load(SUBCOMMANDS[words[0]])(
            environment._replace(argv=(words[0], "--help")), notices
        )
        return status
    stdout_writer(environment)(help_text(words).encode())
    return ExitStatus.OK


def help_text(words: Sequence[str]) -> str:
    """Return the help about one word, or the whole help. Raises UsageError for an unknown word."""
    from httpcli.manual.help import full_help, help_about

    if len(words) != 1 or words[0] in ("--help", "help"):
        return full_help()
    text = help_about(words[0])
    if not text:
        raise UsageError(
            f"no help found for {words[0]!r}",
            hint="topics: httpcli help; all options: httpcli --help",
        )
    return text
