"""What each standard stream is, told by the real thing."""

from __future__ import annotations

import os
import pty
import socket
from pathlib import Path

from httpcli.core.invocation import Stream, StreamKind
from httpcli.terminal.environment import describe


def test_a_pipe_and_a_socket() -> None:
    reading, writing = os.pipe()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert describe(reading).kind is StreamKind.PIPE
        assert describe(ours.fileno()).kind is StreamKind.PIPE
    os.close(reading)
    os.close(writing)


def test_a_file_at_its_start_and_past_it(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    with (tmp_path / "f").open("rb", buffering=0) as file:
        assert describe(file.fileno()) == Stream(file.fileno(), StreamKind.FILE, 5)
        file.read(2)
        assert describe(file.fileno()) == Stream(file.fileno(), StreamKind.PASSED, 3)


def test_a_terminal() -> None:
    screen, keyboard = pty.openpty()
    assert describe(keyboard).kind is StreamKind.TERMINAL
    os.close(screen)
    os.close(keyboard)


def test_a_device_and_nothing_at_all() -> None:
    with open(os.devnull, "rb") as file:
        assert describe(file.fileno()).kind is StreamKind.OTHER
        gone = file.fileno()
    assert describe(gone).kind is StreamKind.CLOSED
