"""A session in the course of a run: its jar at the start, its file at the end."""

from __future__ import annotations

from httpcli.model.plan import Plan
from httpcli.model.session import Session, SessionChanges, StoredAuth
from httpcli.protocol.cookie_places import place_of
from httpcli.protocol.cookies import Jar
from httpcli.storage.session import save_session


def open_jar(plan: Plan, session: Session, now: float) -> Jar:
    """Return the cookies that the run begins with, the typed ones among them."""
    jar = Jar(session.cookies)
    place = place_of(plan.request)
    for cookie in session.typed:
        jar.put(cookie, place, now)
    return jar


def remember(plan: Plan, session: Session, jar: Jar, now: float) -> None:
    """Write down what a finished run leaves. Raises HttpcliError."""
    auth = session.auth
    credentials = plan.journey.credentials
    if auth is not None and auth.raw is None and credentials is not None:
        auth = StoredAuth(auth.scheme, f"{credentials.user}:{credentials.password}", literal=True)
    save_session(session, SessionChanges(session.fields, jar.changes, auth), now)
