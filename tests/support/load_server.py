"""A server for many requests at once: it can hold responses until enough requests are open."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from time import monotonic

from tests.support.http_connection import ClientConnection, response
from tests.support.run_result import TIMEOUT
from tests.support.servers import LoopbackServer


class LoadServer(LoopbackServer):
    """Answers each request with its target and ``size`` more bytes.

    ``order``: requests for these targets are answered in this order, others immediately.
    ``concurrent``: no response is sent before so many requests have been open at once,
    or all ``total`` requests have arrived.
    """

    def __init__(
        self, order: Sequence[str] = (), size: int = 0, concurrent: int = 1, total: int = 0
    ) -> None:
        super().__init__()
        self._order = list(order)
        self._size = size
        self._concurrent = concurrent
        self._total = total
        self._open_requests = 0
        self._requests_changed = threading.Condition()
        self.peak_requests = 0
        """The largest number of requests that were open at once."""
        self.arrival_times: list[float] = []
        """When each request arrived, by ``time.monotonic``."""

    def serve(self, connection: ClientConnection) -> None:
        """Answer requests until the client closes."""
        while connection.open and (request := connection.receive()) is not None:
            target = request.target
            with self._requests_changed:
                self.record(request)
                self.arrival_times.append(monotonic())
                self._open_requests += 1
                self.peak_requests = max(self.peak_requests, self._open_requests)
                self._requests_changed.notify_all()
                self._requests_changed.wait_for(partial(self._may_answer, target), TIMEOUT)
                self._open_requests -= 1
                if target in self._order:
                    self._order.remove(target)
                self._requests_changed.notify_all()
            connection.send(response(f"{target}\n" + "x" * self._size))

    def _may_answer(self, target: str) -> bool:
        if self._stopping.is_set():
            return True
        if target in self._order:
            return self._order[0] == target
        return self.peak_requests >= self._concurrent or len(self.requests) >= self._total
