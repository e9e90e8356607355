"""The cookies of a run: loaded from a session or cookie file before it, saved after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.plan import Mode, Plan
from httpcli.core.session import CookieFile, Session, SessionChanges, StoredAuth
from httpcli.protocol.cookies import Jar, cookie_scope
from httpcli.storage.cookie_file import save_cookies
from httpcli.storage.session_file import save_session

if TYPE_CHECKING:
    from collections.abc import Callable


def open_jar(plan: Plan, now: float) -> Jar:
    """Return a jar with the stored cookies of a plan, and those typed for its session."""
    if plan.cookie_file is not None:
        return Jar(plan.cookie_file.cookies)
    if plan.session is None:
        return Jar()
    jar = Jar(plan.session.cookies)
    add_typed_cookies(plan, jar, now)
    return jar


def add_typed_cookies(plan: Plan, jar: Jar, now: float) -> None:
    """Add the cookies that were typed for a session to its jar."""
    if plan.session is not None and plan.session.new_cookies:
        scope = cookie_scope(plan.request)
        for cookie in plan.session.new_cookies:
            jar.add_typed(cookie, scope, now)


def save_cookies_and_session(plan: Plan, jar: Jar, now: float) -> list[str]:
    """Save the changes of a finished run; return warnings. Raises HttpcliError."""
    if plan.session is not None:
        _save_session(plan, plan.session, jar, now)
    # Without a request no server has set a cookie.
    if plan.cookie_file is None or plan.mode in (Mode.OFFLINE, Mode.CERTIFICATES):
        return []
    return _save_cookie_file(plan.cookie_file, jar, now)


def _save_session(plan: Plan, session: Session, jar: Jar, now: float) -> None:
    auth = session.auth
    credentials = plan.send_policy.credentials
    if auth is not None and auth.raw is None and credentials is not None:
        auth = StoredAuth(auth.scheme, f"{credentials.user}:{credentials.password}", literal=True)
    save_session(session, SessionChanges(session.fields, jar.changes, auth), now)


def _save_cookie_file(file: CookieFile, jar: Jar, now: float) -> list[str]:
    unsaved = save_cookies(file, jar.changes, now)
    return [
        (
            f"{file.name}: the cookie {cookie.name} contains a tab, which this file format "
            "cannot store"
        )
        for cookie in unsaved
    ]


class SharedJars:
    """The jars of a run with many requests: one for each session or cookie file.

    ``now`` returns seconds since 1970.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._jars: dict[str, tuple[Plan, Jar]] = {}

    def jar_for(self, plan: Plan) -> Jar | None:
        """Return the jar of a plan; None if the plan stores no cookies."""
        file = plan.cookie_file or plan.session  # the options exclude each other
        if file is None:
            return None
        if file.path not in self._jars:
            self._jars[file.path] = plan, open_jar(plan, self._now())
        elif plan.session is not None and plan.session.new_cookies:
            add_typed_cookies(plan, self._jars[file.path][1], self._now())
        return self._jars[file.path][1]

    def save(self) -> list[str]:
        """Save the changes of the run to all files; return warnings. Raises HttpcliError."""
        return [
            warning
            for plan, jar in self._jars.values()
            for warning in save_cookies_and_session(plan, jar, self._now())
        ]
