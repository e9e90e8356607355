"""Stacks the skins that a plan asks for around Send, in one stated order.

From the outside in: redirects, then cookies, then authentication, then the wire.
So each hop is authenticated anew, and gets its own cookies, and only where they
belong. A skin that is not asked for is not loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES
from httpcli.model.plan import Plan
from httpcli.model.registry import load

if TYPE_CHECKING:
    from httpcli.model.ports import Entropy, Send
    from httpcli.protocol.cookies import Jar

_FOREIGN = "httpcli.exchange.foreign:foreign"


def conversation(
    send: Send, plan: Plan, jar: Jar | None, entropy: Entropy, now: Callable[[], float]
) -> Send:
    """Return a Send that makes of one request what the plan asks for.

    ``jar`` holds the cookies of a session. ``now`` gives seconds since 1970.
    """
    journey = plan.journey
    if journey.credentials is not None:
        foreign = journey.credentials.made_by
        scheme = load(_FOREIGN if foreign else SCHEMES[journey.credentials.scheme].made_by)
        send = load("httpcli.exchange.authenticate:authenticating")(
            send,
            scheme(journey.credentials, entropy),
            None if journey.trust_redirects else plan.request.url.origin,
            shown=plan.show.every,
        )
    if jar is not None or journey.follow:
        send = load("httpcli.exchange.cookies:carrying_cookies")(send, jar, now)
    if journey.follow:
        send = load("httpcli.exchange.redirect:redirecting")(send, journey, shown=plan.show.every)
    return send
