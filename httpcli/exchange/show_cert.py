"""``--show-cert``: print the certificates of the server in place of sending a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


async def show_certificates(plan: Plan, context: RunContext, _jar: Jar | None) -> ExitStatus:
    """Print the certificates of the server, also those that are not trusted.

    Raises HttpcliError, for an untrusted certificate after it was printed.
    """
    from datetime import UTC, datetime

    from httpcli.output.connection_details import certificate_table
    from httpcli.transport.open_engine import probe_certificates

    handshake, error = await probe_certificates(plan.request, plan.network)
    stdout_writer(context.environment)(certificate_table(handshake, datetime.now(UTC)))
    if error is not None:
        raise error
    return ExitStatus.OK
