"""The kind of each standard stream, tested with real descriptors."""

from __future__ import annotations

import os
import pty
import socket
from pathlib import Path

from httpcli.core.invocation import Stream, StreamKind
from httpcli.terminal.environment import describe_stream


def test_pipe_and_socket_are_pipes() -> None:
    reading, writing = os.pipe()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert describe_stream(reading).kind is StreamKind.PIPE
        assert describe_stream(ours.fileno()).kind is StreamKind.PIPE
    os.close(reading)
    os.close(writing)


def test_file_at_its_start_differs_from_a_file_past_it(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    with (tmp_path / "f").open("rb", buffering=0) as file:
        assert describe_stream(file.fileno()) == Stream(file.fileno(), StreamKind.FILE, 5)
        file.read(2)
        assert describe_stream(file.fileno()) == Stream(file.fileno(), StreamKind.PARTLY_READ, 3)


def test_pty_is_a_terminal() -> None:
    screen, keyboard = pty.openpty()
    assert describe_stream(keyboard).kind is StreamKind.TERMINAL
    os.close(screen)
    os.close(keyboard)


def test_device_and_closed_descriptor_are_recognised() -> None:
    with open(os.devnull, "rb") as file:
        assert describe_stream(file.fileno()).kind is StreamKind.OTHER
        gone = file.fileno()
    assert describe_stream(gone).kind is StreamKind.CLOSED
