"""Starts a name lookup in a thread, so that it passes while heavy modules load.

A daemon thread of our own and not an executor: a lookup that hangs must not
keep the process from ending.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Thread
from typing import Any

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
"""One answer, as socket.getaddrinfo gives it."""

Answer = Sequence[Address]


class Lookup:
    """A lookup under way. ``answer`` raises OSError where there is none."""

    def __init__(self, host: str, port: int, family: int = socket.AF_UNSPEC) -> None:
        self.question = (host, port)
        self.answer: Future[Answer] = Future()
        self._family = family
        Thread(target=self._ask, name=f"lookup of {host}", daemon=True).start()

    def _ask(self) -> None:
        host, port = self.question
        try:
            addresses = socket.getaddrinfo(
                host, port, self._family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
        except (OSError, UnicodeError) as error:
            self.answer.set_exception(error)
        else:
            self.answer.set_result(addresses)
