"""``--fail``: a response's status decides the exit status, and a failed one has no body."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_fail(plan: Plan, _asked: Asked) -> Plan:
    """Return the plan that fails by the status."""
    return plan._replace(check_status=True, drops_failure=True)
