"""``httpcli echo``: serve the pages of ``echo:`` on a port."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from httpcli.cli.parser import OptionValues, parse_subcommand
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.url import MAX_PORT
from httpcli.event_loop import run_in_loop
from httpcli.options.subcommands import ECHO_OPTIONS
from httpcli.terminal.streams import stdout_writer
from httpcli.transport.open_engine import lean_aiohttp_import

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices

_HINT = "see httpcli echo --help; to send a request to a host called echo: http://echo"
_PORT = 8080
_LOOPBACK = ("127.", "::1", "localhost")


def run_echo(environment: Environment, notices: Notices) -> ExitStatus:
    """Run ``httpcli echo`` until Ctrl-C. Raises UsageError, HttpcliError, KeyboardInterrupt."""
    try:
        words, values = parse_subcommand(environment.argv[1:], ECHO_OPTIONS.options)
    except UsageError as error:
        error.hint = _HINT
        raise
    if words:
        raise UsageError(f"echo: unexpected argument {words[0]!r}", hint=_HINT)
    options = OptionValues(values)
    write = stdout_writer(environment)
    if options.switch("help"):
        from httpcli.manual.help import echo_help

        write(echo_help().encode())
        return ExitStatus.OK
    port = options.whole_number("port", _PORT)
    if port > MAX_PORT:
        raise UsageError(f"--port={port}: must be between 0 and 65535", hint="0 to 65535")
    host = options.text("host") or "127.0.0.1"
    _run_until_interrupted(host, port, write, notices)
    return ExitStatus.OK


def _run_until_interrupted(host: str, port: int, write: Write, notices: Notices) -> None:
    """Write the URL and serve until Ctrl-C. Raises HttpcliError, KeyboardInterrupt."""
    if not host.startswith(_LOOPBACK):
        notices.warn(f"everyone who can reach {host} can use this server")
    run_in_loop(_serve(host, port, write))


async def _serve(host: str, port: int, write: Write) -> None:
    with lean_aiohttp_import(()):
        from httpcli.echo.server import serve
    try:
        server = await serve(host, port)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise HttpcliError(
            f"{host}:{port}: {reason}",
            hint="to use any free port: --port=0",
            status=ExitStatus.LOCAL,
        ) from error
    try:
        authority = f"[{server.host}]" if ":" in server.host else server.host
        write(f"http://{authority}:{server.port}/\n".encode())
        await asyncio.Event().wait()
    finally:
        await server.close()
