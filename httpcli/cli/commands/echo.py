"""The words behind ``httpcli echo``: the pages of ``echo:`` for others, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.cli.parser import read_words
from httpcli.cli.typed_options import Options
from httpcli.core.errors import UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.options.echo_command import OF_ECHO
from httpcli.terminal.streams import to_stdout

if TYPE_CHECKING:
    from httpcli.core.invocation import Surroundings
    from httpcli.terminal.notices import Notices

_HINT = "see httpcli echo --help; a host of that name is http://echo"
_PORT = 8080
_HIGHEST_PORT = 65_535


def serve(around: Surroundings, notices: Notices) -> ExitStatus:
    """Serve until Ctrl-C. Raises UsageError, HttpcliError, KeyboardInterrupt."""
    try:
        words, given = read_words(around.argv[1:], OF_ECHO.flags)
    except UsageError as error:
        error.hint = _HINT
        raise
    if words:
        raise UsageError(f"echo {words[0]}: too many words", hint=_HINT)
    options = Options(given)
    write = to_stdout(around)
    if options.switch("help"):
        from httpcli.manual.echo_help import echo_help

        write(echo_help().encode())
        return ExitStatus.OK
    port = options.whole_number("port", _PORT)
    if port > _HIGHEST_PORT:
        raise UsageError(f"--port={port}: there is no such port", hint="0 to 65535")
    host = options.text("host") or "127.0.0.1"
    from httpcli.cli.commands.echo_server import serve

    serve(host, port, write, notices)
    return ExitStatus.OK
