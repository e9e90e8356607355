"""Options that do nothing without another one: the user hears of it, and the request is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.plan import Mode

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked

_NEEDED = {"jobs": "batch", "rate": "batch", "fail-early": "batch", "raw-strings": "select"}


def apply_idle_options(plan: Plan, asked: Asked) -> Plan:
    """Warn of what was typed in vain; what stands in the settings is for other runs."""
    if plan.mode is Mode.DOWNLOAD:
        return plan
    warnings = [
        f"--{name} does nothing without --{needed}"
        for name, needed in _NEEDED.items()
        if asked.options.typed(name)
        and not asked.options.typed(needed)
        and name not in asked.invocation.places
    ]
    return plan._replace(warnings=(*plan.warnings, *warnings))
