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

    from httpcli.core.interfaces import Authenticate, Entropy, Notify, Send
    from httpcli.core.invocation import Environment
    from httpcli.middleware.retries import Tries
    from httpcli.protocol.cookies import Jar


def with_middleware(
    send: Send,
    plan: Plan,
    jar: Jar | None,
    environment: Environment,
    tell: Notify,
    tries: Tries | None = None,
) -> Send:
    """Return a Send that makes of one request what the plan asks for.

    ``jar`` holds the cookies that are kept between runs. ``tell`` says a line to the
    user. ``tries``: what fails is tried again.
    """
    send_policy = plan.send_policy
    if plan.request.fields.has("Expect"):
        from httpcli.middleware.expect_continue import insisting

        send = insisting(send, shown=plan.display.all_exchanges)
    if send_policy.credentials is not None:
        from httpcli.middleware.auth import authenticating

        if send_policy.credentials.plugin:
            from httpcli.middleware.auth import foreign

            scheme: Callable[[Credentials, Entropy], Authenticate] = foreign
        else:
            scheme = load(SCHEMES[send_policy.credentials.scheme].made_by)
        send = authenticating(
            send,
            scheme(send_policy.credentials, environment.entropy),
            None if send_policy.trust_redirects else plan.request.url.origin,
            shown=plan.display.all_exchanges,
        )
    if jar is not None or send_policy.follow:
        from httpcli.middleware.cookies import carrying_cookies

        send = carrying_cookies(send, jar, environment.now)
    if tries is not None:
        from httpcli.middleware.retries import retrying

        send = retrying(send, tries)
    if send_policy.follow:
        from httpcli.middleware.redirects import redirecting

        send = redirecting(send, send_policy, shown=plan.display.all_exchanges)
    if tries is not None and tries.make_judge is not None:
        from httpcli.middleware.retries import polling

        send = polling(send, tries)
    if send_policy.event_stream is not None:
        from httpcli.middleware.event_stream import listening

        send = listening(send, send_policy.event_stream, tell)
    return send
