"""Middleware that follows redirects, by the rules of ``protocol.redirects``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import SendPolicy
from httpcli.core.request import Request
from httpcli.middleware.follow_ups import send_with_follow_ups

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


def with_redirects(send: Send, send_policy: SendPolicy, *, read_bodies: bool = True) -> Send:
    """Wrap ``send`` so that it follows redirects.

    ``read_bodies``: as in ``send_with_follow_ups``. Raises HttpcliError after
    ``send_policy.max_redirects`` redirects (0: no limit), and for a redirect that is not allowed
    or not possible to follow.
    """
    from httpcli.protocol.redirects import next_request

    def redirected(request: Request) -> AsyncGenerator[Event, None]:
        redirects = 0

        def follow(current: Request, response: ResponseStarted) -> Request | None:
            nonlocal redirects
            following = next_request(current, response, send_policy)
            if following is not None:
                redirects += 1
                if 0 < send_policy.max_redirects < redirects:
                    raise _too_many(request, send_policy)
            return following

        return send_with_follow_ups(send, request, follow, read_bodies=read_bodies)

    return redirected


def _too_many(request: Request, send_policy: SendPolicy) -> HttpcliError:
    return HttpcliError(
        f"{request.url.authority}: too many redirects ({send_policy.max_redirects})",
        hint="to follow more: --max-redirects N",
        status=ExitStatus.TOO_MANY_REDIRECTS,
    )
