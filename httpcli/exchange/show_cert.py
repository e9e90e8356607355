"""Shows the server's certificates in place of a request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus
from httpcli.output.certificate_table import table
from httpcli.terminal.streams import to_stdout
from httpcli.transport.engine import probe_certificates

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


async def show_certificates(plan: Plan, context: RunContext, _jar: Jar | None) -> ExitStatus:
    """Shake hands, and write what was seen, whoever vouches for it.

    Raises HttpcliError, also after what was seen of a certificate that is not
    accepted.
    """
    handshake, error = await probe_certificates(plan.request, plan.network)
    to_stdout(context.environment)(table(handshake, datetime.now(UTC)))
    if error is not None:
        raise error
    return ExitStatus.OK
