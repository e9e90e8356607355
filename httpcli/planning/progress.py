"""In which way the user is told how far transfers are; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.progress import Telling
from httpcli.planning.display import is_ci

if TYPE_CHECKING:
    from httpcli.cli.typed_options import Options
    from httpcli.core.invocation import Surroundings
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_progress(plan: Plan, asked: Asked) -> Plan:
    """Obey ``--progress`` for what a request sends."""
    typed = asked.options.text("progress")
    if typed in (None, "auto") or plan.request.body is None:
        return plan
    telling = Telling(typed)
    return plan._replace(telling=None if telling is Telling.NONE else telling)


def telling_of_upload(around: Surroundings) -> Telling | None:
    """Return how an upload is told of where nobody said: drawn, or not at all."""
    return Telling.DRAWN if _is_drawable(around) else None


def telling_of_download(options: Options, around: Surroundings) -> Telling:
    """Return how files that arrive are told of: as typed, else by what stderr is."""
    typed = options.text("progress")
    if typed not in (None, "auto"):
        return Telling(typed)
    if options.count("quiet"):
        return Telling.NONE
    return Telling.DRAWN if _is_drawable(around) else Telling.ENDS


def _is_drawable(around: Surroundings) -> bool:
    """Tell whether lines can be drawn again on stderr, and a person sees them."""
    env = around.env
    can_draw = env.get("TERM", "") not in ("", "dumb")
    return around.stderr.is_terminal and can_draw and not is_ci(env)
