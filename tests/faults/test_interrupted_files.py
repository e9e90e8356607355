"""A signal at any moment leaves a pair of files that can be resumed, or nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environment import HTTPCLI, child_environment
from tests.support.file_server import FileServer, FileVersion
from tests.support.http_connection import (
    ClientConnection,
    ReceivedRequest,
    close,
    response,
    stall,
)
from tests.support.run import run_process, start_process
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(600_000)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SIGNAL_AT_LINE = """
import os, sys
from httpcli.__main__ import main

modules, at, numbers, lines = {modules!r}, {at}, {numbers}, 0

def count(frame, event, argument):
    global lines
    lines += event == "line"
    if lines == at and numbers:
        os.kill(os.getpid(), numbers.pop())
    return count

def watch(frame, event, argument):
    return count if frame.f_globals.get("__name__") in modules else None

def report_and_exit(status, exit=os._exit):
    print(f"lines={{lines}}", file=sys.stderr, flush=True)
    exit(status)

os._exit = report_and_exit
sys.settrace(watch)
main()
"""
"""Runs httpcli, and sends it a signal before the given line that certain modules execute."""

MODULES = (
    "httpcli.storage.part_file",
    "httpcli.storage.sidecar",
    "httpcli.observers.output_file",
    "httpcli.download.writer",
    "httpcli.download.target",
)


def python_under_test() -> str:
    """Return the interpreter of the installation under test."""
    beside = Path(HTTPCLI[0]).parent / "python"
    return str(beside) if beside.exists() else sys.executable


def run_with_signal(at: int, *argv: str, number: int = signal.SIGTERM) -> tuple[int, int]:
    """Send the signal before line number ``at``; return the exit status and the lines executed."""
    code = SIGNAL_AT_LINE.format(modules=MODULES, at=at, numbers=[int(number)])
    result = subprocess.run(
        [python_under_test(), "-c", code, *argv],
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    error = result.stderr.decode()
    assert "Traceback" not in error
    return result.returncode, int(error.rpartition("lines=")[2])


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


def remove_files(folder: Path) -> None:
    for name in names(folder):
        (folder / name).unlink()


@pytest.fixture
def cut_server(server: RawServer) -> RawServer:
    """Return a server that sends half of a response and closes the connection."""
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 600000\r\n\r\n'
    return server.answer_always(head + CONTENT[:300_000], close)


CUT_OUTCOMES: tuple[list[str], ...] = ([], ["f.part", "f.part.json"])


def signal_at_lines(
    server: RawServer, folder: Path, options: tuple[str, ...], lines: list[float], seed: int
) -> None:
    """Send a signal at the given fractions of all lines; check what each run leaves."""
    rng = random.Random(seed)
    argv = (*options, f"{server.url}/f", "-o", "f")
    _, total = run_with_signal(0, *argv)
    remove_files(folder)
    for fraction in lines:
        at = 1 + int(fraction * total)
        status, _ = run_with_signal(at, *argv, number=rng.choice(SIGNALS))
        assert names(folder) in CUT_OUTCOMES, (at, total, status)
        remove_files(folder)


@pytest.mark.wide
@pytest.mark.parametrize("options", [(), ("-d", "--retry=0"), ("download", "--retry=0")])
def test_signal_before_a_line_leaves_a_pair_or_nothing(
    cut_server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    signal_at_lines(cut_server, tmp_path, options, [n / 8 for n in range(8)], seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-d", "--retry=0")])
def test_signal_before_any_line_leaves_a_pair_or_nothing(
    cut_server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    signal_at_lines(cut_server, tmp_path, options, [n / 60 for n in range(60)], seed=2)


@pytest.mark.wide
def test_signal_while_a_partial_file_is_removed_leaves_nothing(
    server: RawServer, tmp_path: Path
) -> None:
    """The removal of a file that cannot be resumed is the last thing a run does."""
    server.answer_always(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", close)
    argv = ("POST", f"{server.url}/f", "-o", "f")
    _, total = run_with_signal(0, *argv)
    for at in range(total - 8, total + 1):
        run_with_signal(at, *argv)
        assert names(tmp_path) == [], (at, total)


@pytest.mark.wide
@pytest.mark.parametrize("options", [(), ("-d", "--retry=0")])
def test_signal_while_a_file_gets_its_name_leaves_no_partial_file(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    server.answer_always(response(CONTENT, 'ETag: "1"'))
    argv = (*options, f"{server.url}/f", "-o", "f")
    _, total = run_with_signal(0, *argv)
    for at in range(max(1, total - 40), total + 1, 5):
        remove_files(tmp_path)
        run_with_signal(at, *argv)
        assert names(tmp_path) in ([], ["f"], ["f.part", "f.part.json"]), (at, total)


# Random moments


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


def kill_after(delay: float, server: RawServer, folder: Path, *options: str) -> None:
    """Send a random signal some time after the head; check the files that remain."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n"
    rng = random.Random(delay)

    def signal_later(connection: ClientConnection) -> None:
        connection.stopping.wait(delay)
        child.send_signal(rng.choice(SIGNALS))

    server.answer(head, signal_later, stall)
    with start_process(*options, f"{server.url}/f", "-o", "f") as child:
        _, err = child.communicate(timeout=60)
    assert child.returncode in (130, 143, 129)
    assert names(folder) == []
    assert b"--continue" not in err


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-d",), ("download",)])
def test_signal_just_after_the_head_leaves_nothing(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    rng = random.Random(len(options))
    for _ in range(25):
        kill_after(rng.uniform(0, 0.02), server, tmp_path, *options)


@pytest.mark.parametrize("options", [(), ("-d",)])
def test_two_signals_leave_nothing(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """The second one arrives while the first one is handled."""

    def signal_twice(connection: ClientConnection) -> None:
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGTERM)
        connection.stopping.wait()

    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", signal_twice)
    with start_process(*options, f"{server.url}/f", "-o", "f") as child:
        child.communicate(timeout=60)
    assert child.returncode in (130, 143)
    assert names(tmp_path) == []


def test_signal_while_a_checksum_is_computed_leaves_a_pair_or_nothing(
    origin: FileServer, tmp_path: Path
) -> None:
    """The last byte has arrived, and the hash of the whole file is not known yet."""

    def signal_at_end(
        origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(origin.answer(request))
        child.send_signal(signal.SIGTERM)
        connection.stopping.wait()

    origin.add_faults(signal_at_end)
    argv = ("-d", "--checksum", "md5:" + "0" * 32, f"{origin.url}/f", "-o", "f")
    with start_process(*argv) as child:
        child.communicate(timeout=60)
    assert names(tmp_path) in ([], ["f.part", "f.part.json"])


def test_signal_while_the_existing_file_is_copied_keeps_it(
    origin: FileServer, tmp_path: Path
) -> None:
    """The thread that copies ends before its file is closed."""
    size = 300 << 20
    with (tmp_path / "f").open("wb") as file:
        file.truncate(size)
    origin.version = FileVersion(CONTENT)

    def send_rest_and_signal(
        origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        span = f"Content-Range: bytes {size}-{size + 4}/{size + 5}"
        connection.send(origin.head("206 Partial Content", 5, span))
        while not (tmp_path / "f.part").exists() and not connection.stopping.wait(0.001):
            pass
        child.send_signal(signal.SIGTERM)
        connection.stopping.wait()

    origin.add_faults(send_rest_and_signal)
    with start_process("-d", "--continue=trust", f"{origin.url}/f", "-o", "f") as child:
        _, err = child.communicate(timeout=60)
    assert child.returncode == 143
    assert b"Traceback" not in err
    assert (tmp_path / "f").stat().st_size == size
    assert names(tmp_path) in (["f"], ["f", "f.part", "f.part.json"])


def test_signal_before_the_head_leaves_nothing(server: RawServer, tmp_path: Path) -> None:
    def send_signal(connection: ClientConnection) -> None:
        child.send_signal(signal.SIGTERM)
        connection.stopping.wait()

    server.answer(send_signal)
    with start_process("-d", f"{server.url}/f", "-o", "f") as child:
        child.communicate(timeout=60)
    assert child.returncode == 143
    assert names(tmp_path) == []


def test_copy_and_report_are_removed_after_a_signal(server: RawServer, tmp_path: Path) -> None:
    def send_signal(connection: ClientConnection) -> None:
        child.send_signal(signal.SIGTERM)
        connection.stopping.wait()

    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", send_signal)
    with start_process(f"{server.url}/f", "--tee", "copy", "--report", "har=r.har") as child:
        child.communicate(timeout=60)
    assert child.returncode == 143
    assert not [name for name in names(tmp_path) if ".part" in name or name == "copy"]


def test_file_of_a_run_that_was_killed_is_replaced(origin: FileServer, tmp_path: Path) -> None:
    """Nothing can be done at SIGKILL; the next run removes the remaining files."""
    (tmp_path / "f.part").write_bytes(b"left")
    (tmp_path / "f.part.json.new").write_bytes(b"left")
    os.utime(tmp_path / "f.part", (1, 1))
    assert run_process("-d", f"{origin.url}/f", "-o", "f").status == 0
    assert names(tmp_path) == ["f"]
