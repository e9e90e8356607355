"""What is remembered, in the course of a run: the jar at its start, the file at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.plan import Mode, Plan
from httpcli.core.session import CookieFile, Session, SessionChanges, StoredAuth
from httpcli.protocol.cookies import Jar, place_of
from httpcli.storage.cookie_file import save_cookies
from httpcli.storage.session_file import save_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.plan import Plan
    from httpcli.protocol.cookies import Jar


def open_jar(plan: Plan, now: float) -> Jar:
    """Return the cookies that the run begins with, those typed for a session among them."""
    if plan.cookie_file is not None:
        return Jar(plan.cookie_file.cookies)
    if plan.session is None:
        return Jar()
    jar = Jar(plan.session.cookies)
    add_typed_cookies(plan, jar, now)
    return jar


def add_typed_cookies(plan: Plan, jar: Jar, now: float) -> None:
    """Put the cookies that were typed for a session into its jar."""
    if plan.session is not None and plan.session.new_cookies:
        place = place_of(plan.request)
        for cookie in plan.session.new_cookies:
            jar.put(cookie, place, now)


def save_cookies_and_session(plan: Plan, jar: Jar, now: float) -> list[str]:
    """Write down what a finished run leaves; return what to warn of. Raises HttpcliError."""
    if plan.session is not None:
        _remember_session(plan, plan.session, jar, now)
    # Where nothing is asked for no server has anything to keep.
    if plan.cookie_file is None or plan.mode in (Mode.OFFLINE, Mode.CERTIFICATES):
        return []
    return _remember_cookies(plan.cookie_file, jar, now)


def _remember_session(plan: Plan, session: Session, jar: Jar, now: float) -> None:
    auth = session.auth
    credentials = plan.send_policy.credentials
    if auth is not None and auth.raw is None and credentials is not None:
        auth = StoredAuth(auth.scheme, f"{credentials.user}:{credentials.password}", literal=True)
    save_session(session, SessionChanges(session.fields, jar.changes, auth), now)


def _remember_cookies(file: CookieFile, jar: Jar, now: float) -> list[str]:
    left_out = save_cookies(file, jar.changes, now)
    return [
        f"{file.name}: the cookie {cookie.name} has a tab in it, which the file has no way to say"
        for cookie in left_out
    ]


# The cookies that the requests of a run share: one jar for each file that keeps some.


class SharedJars:
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
            self._jars[kept.path] = plan, open_jar(plan, self._now())
        elif plan.session is not None and plan.session.new_cookies:
            add_typed_cookies(plan, self._jars[kept.path][1], self._now())
        return self._jars[kept.path][1]

    def save(self) -> list[str]:
        """Write down what is left; return what to warn of. Raises HttpcliError."""
        return [
            warning
            for plan, jar in self._jars.values()
            for warning in save_cookies_and_session(plan, jar, self._now())
        ]
