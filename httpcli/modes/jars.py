"""The cookies that the requests of a run share: one jar for each file that keeps some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.model.fields import Fields
from httpcli.modes.remembering import open_jar, put_typed, remember

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.model.plan import Plan
    from httpcli.protocol.cookies import Jar


class Jars:
    """Jars by the files that they come from. ``now`` gives seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._jars: dict[tuple[str, str], tuple[Plan, Jar]] = {}

    def jar_for(self, plan: Plan) -> Jar:
        """Return the jar that a plan's request shares with others."""
        key = (
            plan.session.path if plan.session is not None else "",
            plan.cookie_file.path if plan.cookie_file is not None else "",
        )
        if key not in self._jars:
            self._jars[key] = plan, open_jar(plan, self._now())
        else:
            put_typed(plan, self._jars[key][1], self._now())
        return self._jars[key][1]

    def remember(self) -> list[str]:
        """Write down the cookies; return what to warn of. Raises HttpcliError.

        Fields and credentials are of single lines: a session keeps none of them.
        """
        warnings = []
        for plan, jar in self._jars.values():
            session = plan.session
            if session is not None:
                session = session._replace(fields=Fields(), auth=None)
            warnings += remember(plan._replace(session=session), jar, self._now())
        return warnings
