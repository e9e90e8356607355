"""Wraps a Send in the middleware that a plan needs, in a fixed order.

Outermost first: event stream, polling, redirects, retries, cookies, authentication, fallback
without ``Expect``.

So each attempt at each redirect is authenticated, and gets the cookies of its own URL. A
middleware that the plan does not need is not loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.auth.registry import SCHEMES
from httpcli.core.lazy_load import load
from httpcli.core.plan import Credentials, Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpcli.core.interfaces import Authenticate, Entropy, Send
    from httpcli.protocol.cookies import Jar
    from httpcli.run_context import RunContext


def with_middleware(send: Send, plan: Plan, context: RunContext, jar: Jar | None) -> Send:
    """Return a Send that handles requests as the plan requires; ``jar`` holds stored cookies."""
    policy = plan.send_policy
    read_bodies = plan.display.all_exchanges
    if plan.request.fields.has("Expect"):
        from httpcli.middleware.expect_continue import with_expect_fallback

        send = with_expect_fallback(send, read_bodies=read_bodies)
    if policy.credentials is not None:
        from httpcli.middleware.auth import with_authentication

        if policy.credentials.plugin:
            from httpcli.middleware.auth import plugin_scheme

            scheme: Callable[[Credentials, Entropy], Authenticate] = plugin_scheme
        else:
            scheme = load(SCHEMES[policy.credentials.scheme].factory)
        send = with_authentication(
            send,
            scheme(policy.credentials, context.environment.entropy),
            None if policy.trust_redirects else plan.request.url.origin,
            read_bodies=read_bodies,
        )
    if jar is not None or policy.follow:
        from httpcli.middleware.cookies import with_cookies

        send = with_cookies(send, jar, context.environment.now, context.notices.warn)
    retries = None
    if policy.retry is not None:
        from httpcli.middleware.retries import make_retries, with_retries

        retries = make_retries(plan, policy.retry, context)
        send = with_retries(send, retries)
    if policy.follow:
        from httpcli.middleware.redirects import with_redirects

        send = with_redirects(send, policy, read_bodies=read_bodies)
    if retries is not None and retries.make_checks is not None:
        from httpcli.middleware.retries import with_polling

        send = with_polling(send, retries)
    if policy.event_stream is not None:
        from httpcli.middleware.event_stream import with_event_stream

        send = with_event_stream(send, policy.event_stream, context.notices.note)
    return send
