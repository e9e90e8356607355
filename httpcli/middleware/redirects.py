"""A skin that follows redirects, one visible hop at a time, by the rules of ``protocol``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.events import Event, ResponseStarted
from httpcli.core.exit_status import ExitStatus
from httpcli.core.plan import SendPolicy
from httpcli.core.request import Request
from httpcli.middleware.follow_ups import hops
from httpcli.protocol.redirects import next_request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Send


def redirecting(send: Send, send_policy: SendPolicy, *, shown: bool = True) -> Send:
    """Wrap ``send`` so that it follows redirects; ``shown``: each hop's content is wanted.

    Raises HttpcliError after ``send_policy.max_redirects`` hops (0: no limit) and
    for a redirect that must not or cannot be followed.
    """

    def redirected(request: Request) -> AsyncGenerator[Event, None]:
        followed = 0

        def following(step: Request, response: ResponseStarted) -> Request | None:
            nonlocal followed
            after = next_request(step, response, send_policy)
            if after is not None:
                followed += 1
                if 0 < send_policy.max_redirects < followed:
                    raise _too_many(request, send_policy)
            return after

        return hops(send, request, following, shown=shown)

    return redirected


def _too_many(request: Request, send_policy: SendPolicy) -> HttpcliError:
    return HttpcliError(
        f"{request.url.authority}: too many redirects ({send_policy.max_redirects})",
        hint="--max-redirects=N sets how many are followed",
        status=ExitStatus.TOO_MANY_REDIRECTS,
    )
