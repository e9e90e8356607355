"""Shows the server's certificates in place of a request."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from httpcli.model.exits import ExitStatus
from httpcli.model.registry import load
from httpcli.output.certificates import table
from httpcli.transport.frugal import frugal_import

if TYPE_CHECKING:
    from httpcli.model.plan import Plan
    from httpcli.model.ports import Write


async def show(plan: Plan, write: Write) -> ExitStatus:
    """Shake hands, and write what was seen, whoever vouches for it.

    Raises HttpcliError, also after what was seen of a certificate that is not
    accepted; TimeoutError.
    """
    with frugal_import():
        look = load("httpcli.transport.looking:look")
    async with asyncio.timeout(plan.wire.total):
        sight, error = await look(plan.request, plan.wire)
    write(table(sight, datetime.now(UTC)))
    if error is not None:
        raise error
    return ExitStatus.OK
