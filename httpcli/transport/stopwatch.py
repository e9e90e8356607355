"""Measures the phases of an attempt to send a request. Imported only if timings are wanted."""

from __future__ import annotations

import asyncio
from time import time

from httpcli.core.connection_info import BODY, CONNECT, DNS, REQUEST, TLS, WAIT, Timings

_NEXT_PHASE = {
    "resolving": DNS,
    "resolved": CONNECT,
    "handshaking": TLS,
    "ready": REQUEST,
    "sent": WAIT,
    "responded": BODY,
}
"""The marks, and the phase that begins at each."""


class Stopwatch:
    """Stores when one attempt reached each mark."""

    def __init__(self, *, secure: bool) -> None:
        self._clock = asyncio.get_running_loop().time
        self._zero = self._clock()
        self._began = time()
        self._secure = secure
        """Whether the connection to the origin uses TLS."""
        self._marks: dict[str, float] = {}
        self._phase = CONNECT

    def mark(self, mark: str) -> None:
        """Note that a mark is reached now, which replaces an earlier time of it."""
        self._marks[mark] = self._clock() - self._zero
        # After an early response the phase stays, although the rest of the request is sent.
        if "responded" not in self._marks or mark == "responded":
            self._phase = _NEXT_PHASE[mark]

    def restart(self) -> None:
        """Remove all marks: a new connection is made, perhaps in place of a dead one."""
        self._marks.clear()
        self._phase = CONNECT

    def reused(self) -> None:
        """Note that the connection comes from the pool."""
        self._marks.clear()
        self._phase = REQUEST

    def proxy_connected(self) -> None:
        """Remove the mark of the handshake: it was with the proxy, not with the origin."""
        self._marks.pop("handshaking", None)
        self._phase = CONNECT

    def read(self, *, ended: bool = False, failed: bool = False) -> Timings:
        """Return the timings of an exchange that goes on, has ``ended``, or has ``failed``."""
        marks = self._marks
        ready = marks.get("ready")
        handshaking = marks.get("handshaking") if self._secure else None
        return Timings(
            self._began,
            resolved=marks.get("resolved"),
            connected=ready if handshaking is None else handshaking,
            secured=None if handshaking is None else ready,
            sent=marks.get("sent"),
            responded=marks.get("responded"),
            ended=self._clock() - self._zero if ended or failed else None,
            failed_phase=self._phase if failed else "",
        )
