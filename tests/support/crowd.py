"""A server for many requests at once: it counts who is there, and can make them wait."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from time import monotonic

from tests.support.result import PATIENCE
from tests.support.servers import LoopbackServer
from tests.support.wire import Connection, response


class Crowd(LoopbackServer):
    """Answers each request with its target and ``size`` more bytes.

    ``order``: targets that are answered in this order, whenever they came; the
    others at once. ``crowd``: no answer before so many are there at once, as long
    as so many can still come of ``total``. ``most`` is how many were there at
    once, ``arrivals`` when each came.
    """

    def __init__(
        self, order: Sequence[str] = (), size: int = 0, crowd: int = 1, total: int = 0
    ) -> None:
        super().__init__()
        self._order = list(order)
        self._size = size
        self._crowd = crowd
        self._total = total
        self._here = 0
        self._came = threading.Condition()
        self.most = 0
        self.arrivals: list[float] = []

    def serve(self, connection: Connection) -> None:
        """Take requests until the client leaves."""
        while connection.open and (request := connection.receive()) is not None:
            target = request.target
            with self._came:
                self.record(request)
                self.arrivals.append(monotonic())
                self._here += 1
                self.most = max(self.most, self._here)
                self._came.notify_all()
                self._came.wait_for(partial(self._may_go, target), PATIENCE)
                # Whoever fills the crowd lets all of it go; whoever comes later is another's.
                self._here -= 1
                if target in self._order:
                    self._order.remove(target)
                self._came.notify_all()
            connection.send(response(f"{target}\n" + "x" * self._size))

    def _may_go(self, target: str) -> bool:
        if self._stopping.is_set():
            return True
        if target in self._order:
            return self._order[0] == target
        return self.most >= self._crowd or len(self.requests) >= self._total
