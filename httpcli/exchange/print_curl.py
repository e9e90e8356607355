"""``--print-curl``: print the curl command for a request in place of sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import RedactionLevel
from httpcli.core.reports import Reports
from httpcli.terminal.streams import stdout_writer

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


async def print_curl(plan: Plan, context: RunContext, _jar: Jar | None) -> ExitStatus:
    """Print the command on stdout; warn about features that curl does not support."""
    from httpcli.protocol.redaction import Redaction, known_secrets
    from httpcli.report.curl import curl_command

    reports = plan.reports or Reports()
    shows_secrets = plan.display.redaction is RedactionLevel.NOTHING
    redaction = None if shows_secrets else Redaction(known_secrets(plan))
    line = curl_command(plan, redaction, reports.curl_options)
    for option in (*line.unsupported, *reports.unsupported_options):
        context.notices.warn(f"not supported by curl: {option}")
    stdout_writer(context.environment)(line.text.encode("utf-8", "surrogateescape"))
    return ExitStatus.OK
