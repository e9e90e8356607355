"""``--select``: what is shown of a JSON body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.selection import Selection
from httpcli.syntax.jmespath import selector

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_select(plan: Plan, asked: Asked) -> Plan:
    """Return the plan that shows a selection. Raises UsageError for a wrong expression."""
    typed = asked.options.text("select") or ""
    selection = Selection(selector(typed, "--select"), raw=asked.options.switch("raw-strings"))
    return plan._replace(show=plan.show._replace(selection=selection))
