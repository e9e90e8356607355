"""``--write-out``: what is written when the transfer is over, and what has to be known for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.body import Stdin
from httpcli.core.errors import UsageError
from httpcli.core.write_out import need_connection, need_times
from httpcli.syntax.write_out import parse_format

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_write_out(plan: Plan, asked: Asked) -> Plan:
    """Return the plan that writes it. Raises UsageError for a wrong format."""
    pieces = parse_format(_format(plan, asked, asked.options.text("write-out") or ""))
    wire = plan.wire
    wire = wire._replace(
        describes=wire.describes or need_connection(pieces),
        times=wire.times or need_times(pieces),
    )
    return plan._replace(write_out=pieces, wire=wire)


def _format(plan: Plan, asked: Asked, typed: str) -> str:
    """Return the format itself: as typed, or what a file holds, less its line ends."""
    if not typed.startswith("@"):
        return typed
    path = typed[1:]
    if path == "-":
        if isinstance(plan.request.body, Stdin):
            raise UsageError(
                "--write-out=@-: standard input is the body already",
                hint="type GET, give the body in another way, or the format in a file",
            )
        path = f"/dev/fd/{asked.around.stdin.fd}"
    try:
        text = asked.files.read(path).decode()
    except UnicodeDecodeError:
        raise UsageError(f"--write-out={typed}: not UTF-8") from None
    # As curl: a line end is written as \n.
    return text.replace("\r", "").replace("\n", "")
