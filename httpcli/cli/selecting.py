"""``--select``: what is shown of a JSON body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.grammar.jmes import selector
from httpcli.model.selection import Selection

if TYPE_CHECKING:
    from httpcli.cli.extensions import Asked
    from httpcli.model.plan import Plan


def settle(plan: Plan, asked: Asked) -> Plan:
    """Return the plan that shows a selection. Raises UsageError for a wrong expression."""
    typed = asked.options.text("select") or ""
    selection = Selection(selector(typed, "--select"), raw=asked.options.switch("raw-strings"))
    return plan._replace(show=plan.show._replace(selection=selection))
