"""What is remembered, in the course of a run: the jar at its start, the file at its end."""

from __future__ import annotations

from httpcli.core.cookies import CookieFile
from httpcli.core.plan import Mode, Plan
from httpcli.core.session import Session, SessionChanges, StoredAuth
from httpcli.protocol.cookie_places import place_of
from httpcli.protocol.cookies import Jar
from httpcli.storage.cookie_file import save_cookies
from httpcli.storage.session_file import save_session


def open_jar(plan: Plan, now: float) -> Jar:
    """Return the cookies that the run begins with, those typed for a session among them."""
    if plan.cookie_file is not None:
        return Jar(plan.cookie_file.cookies)
    if plan.session is None:
        return Jar()
    jar = Jar(plan.session.cookies)
    put_typed(plan, jar, now)
    return jar


def put_typed(plan: Plan, jar: Jar, now: float) -> None:
    """Put the cookies that were typed for a session into its jar."""
    if plan.session is not None and plan.session.typed:
        place = place_of(plan.request)
        for cookie in plan.session.typed:
            jar.put(cookie, place, now)


def remember(plan: Plan, jar: Jar, now: float) -> list[str]:
    """Write down what a finished run leaves; return what to warn of. Raises HttpcliError."""
    if plan.session is not None:
        _remember_session(plan, plan.session, jar, now)
    # Where nothing is asked for no server has anything to keep.
    if plan.cookie_file is None or plan.mode in (Mode.OFFLINE, Mode.CERTIFICATES):
        return []
    return _remember_cookies(plan.cookie_file, jar, now)


def _remember_session(plan: Plan, session: Session, jar: Jar, now: float) -> None:
    auth = session.auth
    credentials = plan.journey.credentials
    if auth is not None and auth.raw is None and credentials is not None:
        auth = StoredAuth(auth.scheme, f"{credentials.user}:{credentials.password}", literal=True)
    save_session(session, SessionChanges(session.fields, jar.changes, auth), now)


def _remember_cookies(file: CookieFile, jar: Jar, now: float) -> list[str]:
    left_out = save_cookies(file, jar.changes, now)
    return [
        f"{file.name}: the cookie {cookie.name} has a tab in it, which the file has no way to say"
        for cookie in left_out
    ]
