"""A skin that asks until the answer is as expected: "poll until ready".

Outside redirects: what is expected, is expected of the last response, and the
whole way there is gone again. All of it is held until it is known to count.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from httpcli.core.events import Event, Retrying
from httpcli.core.exit_status import ExitStatus
from httpcli.core.request import Request

if TYPE_CHECKING:
    from httpcli.core.interfaces import Judge, Send
    from httpcli.middleware.retry_state import Tries


def polling(send: Send, tries: Tries) -> Send:
    """Wrap ``send`` so that it is asked again until a new judge has nothing against it.

    The last answer is given, whatever it is. ``tries`` can make judges and reels.
    """
    make_judge, make_reel = tries.make_judge, tries.make_reel
    if make_judge is None or make_reel is None:
        raise ValueError("nothing is expected, or there is nowhere to hold it")

    async def polled(request: Request) -> AsyncGenerator[Event, None]:
        while True:
            judge, reel = make_judge(), make_reel()
            try:
                async with aclosing(send(request)) as events:
                    async for event in events:
                        judge.see(event)
                        reel.add(event)
                failed = _failed(judge, tries, request)
                if failed is None:
                    for event in reel.events():
                        yield event
                    return
            finally:
                reel.close()
            yield failed
            await tries.wait(failed)

    return polled


def _failed(judge: Judge, tries: Tries, request: Request) -> Retrying | None:
    verdict = judge.verdict()
    if verdict.status is ExitStatus.OK:
        return None
    return tries.after_unmet(request, f"{request.url.authority}: {verdict.reason}")
