"""Stacks the skins that a plan asks for around Send, in one stated order.

From the outside in: listening, polling, redirects, retries, cookies, authentication,
insisting, the wire. So each try of each hop is authenticated anew, and gets its own
cookies, and only where they belong. A skin that is not asked for is not loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES
from httpcli.core.entry_points import load
from httpcli.core.plan import Credentials, Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.interfaces import Authenticate, Entropy, Send, Tell
    from httpcli.core.invocation import Surroundings
    from httpcli.middleware.retries import Tries
    from httpcli.protocol.cookies import Jar


def conversation(
    send: Send,
    plan: Plan,
    jar: Jar | None,
    around: Surroundings,
    tell: Tell,
    tries: Tries | None = None,
) -> Send:
    """Return a Send that makes of one request what the plan asks for.

    ``jar`` holds the cookies that are kept between runs. ``tell`` says a line to the
    user. ``tries``: what fails is tried again.
    """
    journey = plan.journey
    if plan.request.fields.has("Expect"):
        from httpcli.middleware.expect_continue import insisting

        send = insisting(send, shown=plan.show.every)
    if journey.credentials is not None:
        from httpcli.middleware.auth import authenticating

        if journey.credentials.made_by:
            from httpcli.middleware.auth import foreign

            scheme: Callable[[Credentials, Entropy], Authenticate] = foreign
        else:
            scheme = load(SCHEMES[journey.credentials.scheme].made_by)
        send = authenticating(
            send,
            scheme(journey.credentials, around.entropy),
            None if journey.trust_redirects else plan.request.url.origin,
            shown=plan.show.every,
        )
    if jar is not None or journey.follow:
        from httpcli.middleware.cookies import carrying_cookies

        send = carrying_cookies(send, jar, around.now)
    if tries is not None:
        from httpcli.middleware.retries import retrying

        send = retrying(send, tries)
    if journey.follow:
        from httpcli.middleware.redirects import redirecting

        send = redirecting(send, journey, shown=plan.show.every)
    if tries is not None and tries.make_judge is not None:
        from httpcli.middleware.retries import polling

        send = polling(send, tries)
    if journey.listening is not None:
        from httpcli.middleware.event_stream import listening

        send = listening(send, journey.listening, tell)
    return send
