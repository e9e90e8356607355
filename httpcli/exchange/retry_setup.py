"""What the tries of a run are made with: the clock, the dice, a voice, and room on disk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from httpcli.core.retry import EXPECT
from httpcli.middleware.retry_state import Pace, Tries
from httpcli.storage.spool import DiskReel, folder

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.core.retry import Retry
    from httpcli.run_context import Means


def tries_for(plan: Plan, retry: Retry, means: Means) -> Tries:
    """Return the tries that a plan allows, counted from now."""
    around = means.around
    content = plan.output is not None or "b" in plan.show.parts or plan.passing is not None
    from httpcli.report.expectations import Expectations

    judge = Expectations if EXPECT in retry.on and plan.checks else None
    return Tries(
        retry,
        Pace(around.clock, around.now, means.dice),
        means.notices.note,
        partial(DiskReel, folder(around.env)) if plan.journey.spool else None,
        None if judge is None else partial(judge, plan.checks, around.clock),
        holds=content,
    )
