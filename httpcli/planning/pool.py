"""How connections are kept and limited, as far as the user says anything of it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.connection_options import Pool

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_pool(plan: Plan, asked: Asked) -> Plan:
    """Settle ``--keep-alive`` and ``--max-connections``. Raises UsageError for no number."""
    options = asked.options
    pool = Pool(
        options.seconds("keep-alive"),
        options.whole_number("max-connections", 0),
        options.whole_number("max-connections-per-host", 0),
    )
    return plan._replace(wire=plan.wire._replace(pool=pool))
