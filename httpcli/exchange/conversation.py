"""Stacks the skins that a plan asks for around Send, in one stated order.

From the outside in: redirects, then authentication, then the wire. So each hop
is authenticated anew, and only where the credentials belong.
"""

from __future__ import annotations

from functools import partial

from httpcli.auth.registry import SCHEMES
from httpcli.exchange.authenticate import authenticating
from httpcli.exchange.redirect import redirecting
from httpcli.model.plan import Plan
from httpcli.model.ports import Send
from httpcli.model.registry import load


def conversation(send: Send, plan: Plan) -> Send:
    """Return a Send that makes of one request what the plan asks for."""
    journey = plan.journey
    if journey.credentials is not None:
        flow = load(SCHEMES[journey.credentials.scheme].flow)
        send = authenticating(
            send,
            partial(flow, credentials=journey.credentials),
            None if journey.trust_redirects else plan.request.url.origin,
        )
    return redirecting(send, journey) if journey.follow else send
