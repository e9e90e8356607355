"""``--expect``: what has to hold, read before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.grammar.expect import parse_expectation
from httpcli.model.expectation import Check, Subject
from httpcli.protocol.secrets import is_secret

if TYPE_CHECKING:
    from httpcli.cli.extensions import Asked
    from httpcli.model.plan import Plan


def settle(plan: Plan, asked: Asked) -> Plan:
    """Return the plan with all that is expected. Raises UsageError."""
    files = asked.files
    typed = (parse_expectation(text, files.read) for text in asked.options.texts("expect"))
    checks = tuple(check._replace(secret=_is_secret(check)) for check in typed)
    subjects = {check.subject for check in checks}
    if Subject.STATUS in subjects:
        # What is expected of the status says which one fails.
        plan = plan._replace(check_status=False)
    if Subject.CERTIFICATE in subjects:
        plan = plan._replace(wire=plan.wire._replace(describes=True))
    if subjects & {Subject.TIME, Subject.TTFB}:
        plan = plan._replace(wire=plan.wire._replace(times=True))
    return plan._replace(checks=checks)


def _is_secret(check: Check) -> bool:
    """Tell whether what is found may be a secret: a failure is told where many may read it."""
    return is_secret(check.name or (check.text if check.subject is Subject.JSON else ""))
