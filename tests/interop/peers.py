"""Starts third-party servers on free loopback ports and waits until they listen."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from tests.support.run_result import TIMEOUT
from tests.support.servers import refused_port


class Peer(NamedTuple):
    """A running server: its port, and the folder with its files."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Its HTTP origin."""
        return f"http://127.0.0.1:{self.port}"


def free_ports(count: int) -> list[int]:
    """Return distinct ports that are not in use."""
    ports: list[int] = []
    while len(ports) < count:
        port = refused_port()
        if port not in ports:
            ports.append(port)
    return ports


@contextmanager
def listening(
    command: Sequence[str], port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server while the block runs; its output goes into ``log``."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env
        ) as server,
    ):
        try:
            _await(server, port, log)
            yield
        finally:
            server.terminate()


def _await(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server accepts connections; fail with its log if it does not."""
    deadline = monotonic() + TIMEOUT
    while monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            sleep(0.02)  # polling: there is no event for this
        else:
            return
    raise AssertionError(f"{server.args!r} does not listen:\n{log.read_text('utf-8', 'replace')}")
