"""The cookies that the requests of a run share: one jar for each file that keeps some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.entry_points import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.plan import Plan
    from httpcli.protocol.cookies import Jar

_OPEN_JAR = "httpcli.exchange.cookie_jars:open_jar"
_PUT_TYPED = "httpcli.exchange.cookie_jars:put_typed"
_REMEMBER = "httpcli.exchange.cookie_jars:remember"


class Jars:
    """Jars by the files that they come from. ``now`` gives seconds since 1970."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._jars: dict[str, tuple[Plan, Jar]] = {}

    def jar_for(self, plan: Plan) -> Jar | None:
        """Return the jar that a plan's request shares with others, None where it keeps none."""
        kept = plan.cookie_file or plan.session  # nobody has both: the options exclude each other
        if kept is None:
            return None
        if kept.path not in self._jars:
            self._jars[kept.path] = plan, load(_OPEN_JAR)(plan, self._now())
        elif plan.session is not None and plan.session.typed:
            load(_PUT_TYPED)(plan, self._jars[kept.path][1], self._now())
        return self._jars[kept.path][1]

    def remember(self) -> list[str]:
        """Write down what is left; return what to warn of. Raises HttpcliError."""
        return [
            warning
            for plan, jar in self._jars.values()
            for warning in load(_REMEMBER)(plan, jar, self._now())
        ]
