"""Keeps the server of ``echo:`` running for whoever comes."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from httpcli.cli.parser import TypedOptions, parse_subcommand
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.options.subcommands import ECHO_OPTIONS
from httpcli.terminal.streams import to_stdout
from httpcli.transport.engine import lean_aiohttp_import

if TYPE_CHECKING:
    from httpcli.core.interfaces import Write
    from httpcli.core.invocation import Environment
    from httpcli.terminal.notices import Notices


_LOOPBACK = ("127.", "::1", "localhost")


def run_until_interrupted(host: str, port: int, write: Write, notices: Notices) -> None:
    """Listen, write the URL, and answer until Ctrl-C. Raises HttpcliError, KeyboardInterrupt."""
    if not host.startswith(_LOOPBACK):
        notices.warn(f"whoever reaches {host} can use this server")
    asyncio.run(_serve(host, port, write))


async def _serve(host: str, port: int, write: Write) -> None:
    with lean_aiohttp_import(()):
        from httpcli.echo.server import serve as start
    try:
        server = await start(host, port)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        raise HttpcliError(
            f"{host}:{port}: {reason}",
            hint="--port=0 takes a free one",
            status=ExitStatus.LOCAL,
        ) from error
    try:
        at = f"[{server.host}]" if ":" in server.host else server.host
        write(f"http://{at}:{server.port}/\n".encode())
        await asyncio.Event().wait()
    finally:
        await server.close()


# The words behind ``httpcli echo``: the pages of ``echo:`` for others, too.


_HINT = "see httpcli echo --help; a host of that name is http://echo"
_PORT = 8080
_HIGHEST_PORT = 65_535


def run_echo(environment: Environment, notices: Notices) -> ExitStatus:
    """Serve until Ctrl-C. Raises UsageError, HttpcliError, KeyboardInterrupt."""
    try:
        words, given = parse_subcommand(environment.argv[1:], ECHO_OPTIONS.options)
    except UsageError as error:
        error.hint = _HINT
        raise
    if words:
        raise UsageError(f"echo {words[0]}: too many words", hint=_HINT)
    options = TypedOptions(given)
    write = to_stdout(environment)
    if options.switch("help"):
        from httpcli.manual.help import echo_help

        write(echo_help().encode())
        return ExitStatus.OK
    port = options.whole_number("port", _PORT)
    if port > _HIGHEST_PORT:
        raise UsageError(f"--port={port}: there is no such port", hint="0 to 65535")
    host = options.text("host") or "127.0.0.1"
    run_until_interrupted(host, port, write, notices)
    return ExitStatus.OK
