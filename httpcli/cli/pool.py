"""How connections are kept and limited, as far as the user says anything of it; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.grammar.units import seconds, whole_number
from httpcli.model.ways import Pool

if TYPE_CHECKING:
    from httpcli.cli.extensions import Asked
    from httpcli.cli.options import Options
    from httpcli.model.plan import Plan


def settle(plan: Plan, asked: Asked) -> Plan:
    """Settle ``--keep-alive`` and ``--max-connections``. Raises UsageError for no number."""
    idle = asked.options.text("keep-alive")
    pool = Pool(
        None if idle is None else seconds(idle, "--keep-alive"),
        _count(asked.options, "max-connections"),
        _count(asked.options, "max-connections-per-host"),
    )
    return plan._replace(wire=plan.wire._replace(pool=pool))


def _count(options: Options, name: str) -> int:
    typed = options.text(name)
    return 0 if typed is None else whole_number(typed, f"--{name}")
