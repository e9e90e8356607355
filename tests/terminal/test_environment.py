"""The kind of each standard stream, tested with real descriptors."""

from __future__ import annotations

import os
import pty
import socket
from pathlib import Path

import pytest

from httpcli.core.invocation import Stream, StreamKind
from httpcli.terminal.environment import describe_stream, terminal_charset


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


@pytest.mark.parametrize(
    ("env", "charset"),
    [
        ({}, "utf-8"),
        ({"LANG": "C"}, "utf-8"),
        ({"LANG": "POSIX"}, "utf-8"),
        ({"LANG": "en_US.UTF-8"}, "utf-8"),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
        ({"LANG": "de_DE"}, "iso8859-1"),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "ru_RU.KOI8-R"}, "koi8-r"),
        ({"LC_CTYPE": "ru_RU.KOI8-R", "LC_ALL": "de_DE.utf8"}, "utf-8"),
        ({"LANG": "de_DE.ISO-8859-1", "LC_CTYPE": "C.UTF-8"}, "iso8859-1"),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8"),
        ({"LANG": "ja_JP.eucJP"}, "euc_jp"),
        ({"LANG": "ja_JP.ISO-2022-JP"}, "ascii"),
        ({"LANG": "xx_XX.CP037"}, "ascii"),
        ({"LANG": "xx_XX.unknown"}, "ascii"),
        ({"LANG": "nonsense"}, "ascii"),
        ({"LANG": "a\0b.\0"}, "ascii"),
    ],
    ids=str,
)
def test_charset_of_a_terminal_is_that_of_its_locale(env: dict[str, str], charset: str) -> None:
    assert terminal_charset(env) == charset
