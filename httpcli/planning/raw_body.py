"""``--raw-body``: a response's content stays in the codings in which it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_raw_body(plan: Plan, _asked: Asked) -> Plan:
    """Return the plan that undoes no content coding, and formats nothing."""
    return plan._replace(
        request=plan.request._replace(kept_codings=frozenset({"*"})),
        show=plan.show._replace(format=False),
    )
