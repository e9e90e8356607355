"""The cookies that the requests of a run share: one jar for each file that keeps some."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.plan import Plan
    from httpcli.protocol.cookies import Jar


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
            from httpcli.exchange.cookie_jars import open_jar

            self._jars[kept.path] = plan, open_jar(plan, self._now())
        elif plan.session is not None and plan.session.typed:
            from httpcli.exchange.cookie_jars import put_typed

            put_typed(plan, self._jars[kept.path][1], self._now())
        return self._jars[kept.path][1]

    def remember(self) -> list[str]:
        """Write down what is left; return what to warn of. Raises HttpcliError."""
        from httpcli.exchange.cookie_jars import remember

        return [
            warning
            for plan, jar in self._jars.values()
            for warning in remember(plan, jar, self._now())
        ]
