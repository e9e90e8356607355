"""Stacks the skins that a plan asks for around Send, in one stated order.

From the outside in: redirects, then authentication, then the wire. So each hop
is authenticated anew, and only where the credentials belong. A skin that is
not asked for is not loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES
from httpcli.model.plan import Plan
from httpcli.model.registry import load

if TYPE_CHECKING:
    from httpcli.model.ports import Entropy, Send


def conversation(send: Send, plan: Plan, entropy: Entropy) -> Send:
    """Return a Send that makes of one request what the plan asks for."""
    journey = plan.journey
    if journey.credentials is not None:
        scheme = load(SCHEMES[journey.credentials.scheme].made_by)
        send = load("httpcli.exchange.authenticate:authenticating")(
            send,
            scheme(journey.credentials, entropy),
            None if journey.trust_redirects else plan.request.url.origin,
            shown=plan.show.every,
        )
    if journey.follow:
        send = load("httpcli.exchange.redirect:redirecting")(send, journey, shown=plan.show.every)
    return send
