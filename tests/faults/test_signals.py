"""SIGINT, SIGTERM and SIGHUP end a run at any moment, also when something hangs."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.faults.test_interrupted_files import names, python_under_test
from tests.support.environment import child_environment
from tests.support.http_connection import ClientConnection, stall
from tests.support.run import start_process
from tests.support.servers import RawServer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n"

RUN = """
import os, signal, sys, time
from httpcli.__main__ import main

def kill(number=signal.SIGTERM):
    os.kill(os.getpid(), number)

{setup}
sys.argv[0] = "httpcli"
main()
"""

SIGNAL_ONCE_PART_FILE_EXISTS = """
left = {lines}

def count(frame, event, argument):
    global left
    if event == "line" and os.path.exists("f.part"):
        left -= 1
        if left == 0:
            kill()
    return count

def watch(frame, event, argument):
    return count if frame.f_globals.get("__name__", "").startswith("httpcli.") else None

sys.settrace(watch)
"""

STALL_IN_EVENT_LOOP = """
left = {steps}

def count(frame, event, argument):
    global left
    if event == "line" and "handle" in frame.f_locals and os.path.exists("f.part"):
        left -= 1
        if left == 0:
            kill()
            time.sleep(0.5)  # as if other processes had the processor
    return count

def watch(frame, event, argument):
    return count if frame.f_code.co_name == "_run_once" else None

sys.settrace(watch)
"""

SIGNAL_IN_DESTRUCTOR = """
from httpcli import app

class Destroyed:
    def __del__(self):
        kill()
        time.sleep(0.01)

send = app._send_request

def send_after_destructor(*arguments):
    Destroyed()
    return send(*arguments)

app._send_request = send_after_destructor
"""

CLEANUP_HANGS = """
import asyncio

async def hang():
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            print("hangs", flush=True)

import httpcli.dispatch as dispatch
request = dispatch._request

async def request_beside_a_task_that_hangs(*arguments):
    global task
    task = asyncio.ensure_future(hang())
    return await request(*arguments)

dispatch._request = request_beside_a_task_that_hangs
"""


def start_python(setup: str, *argv: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the installation under test in its interpreter, after ``setup``."""
    return subprocess.Popen(
        [python_under_test(), "-c", RUN.format(setup=setup), *argv],
        env=child_environment(),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def end_of(child: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Wait for the end; return the exit status and standard error."""
    with child:
        try:
            _, error = child.communicate(timeout=60)
        finally:
            child.kill()
    assert b"Traceback" not in error
    assert b"Warning" not in error
    return child.returncode, error


@pytest.mark.parametrize("options", [(), ("-d",)])
@pytest.mark.parametrize("lines", [1, 40])
def test_signal_soon_after_the_file_is_created_leaves_nothing(
    server: RawServer, tmp_path: Path, options: tuple[str, ...], lines: int
) -> None:
    server.may_be_idle().answer(HEAD, stall)  # a run may create the file before it connects
    setup = SIGNAL_ONCE_PART_FILE_EXISTS.format(lines=lines)
    status, _ = end_of(start_python(setup, *options, f"{server.url}/f", "-o", "f"))
    assert status == 143
    assert names(tmp_path) == []


@pytest.mark.wide
@pytest.mark.parametrize("steps", [1, 8, *range(22, 27)])
def test_signal_ends_a_run_that_stalls_in_the_event_loop(
    server: RawServer, tmp_path: Path, steps: int
) -> None:
    """The error of the signal must not prevent that a task continues: its end is awaited."""
    server.answer(HEAD, b"x" * 1000, stall)
    setup = STALL_IN_EVENT_LOOP.format(steps=steps)
    status, _ = end_of(start_python(setup, "-d", f"{server.url}/f", "-o", "f"))
    assert status == 143
    assert names(tmp_path) in ([], ["f.part", "f.part.json"])


def test_signal_in_a_destructor_is_not_lost(server: RawServer) -> None:
    server.may_be_idle().answer(stall)
    status, error = end_of(start_python(SIGNAL_IN_DESTRUCTOR, server.url))
    assert (status, error) == (143, b"")


@pytest.mark.wide
def test_run_ends_although_its_cleanup_hangs(server: RawServer, tmp_path: Path) -> None:
    def send_signal(connection: ClientConnection) -> None:
        child.send_signal(signal.SIGTERM)
        connection.stopping.wait()

    server.answer(HEAD, send_signal)
    child = start_python(CLEANUP_HANGS, f"{server.url}/f", "-o", "f")
    status, _ = end_of(child)
    assert status == 143
    assert names(tmp_path) == []


def test_second_signal_ends_a_cleanup_that_hangs(server: RawServer, tmp_path: Path) -> None:
    def send_signal(connection: ClientConnection) -> None:
        child.send_signal(signal.SIGINT)
        connection.stopping.wait()

    server.answer(HEAD, send_signal)
    with start_python(CLEANUP_HANGS, f"{server.url}/f", "-o", "f") as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"hangs\n"
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=3)
    assert child.returncode == 130  # the first signal's
    assert names(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("options", [(), ("--stream",)])
def test_signal_ends_a_write_to_a_full_pipe(
    server: RawServer, number: signal.Signals, options: tuple[str, ...]
) -> None:
    """No more is written, which would block again."""
    server.answer(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"line\n" * 800_000, stall
    )
    with start_process(*options, "--pretty=format", server.url) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        wait_until_blocked(child)
        child.send_signal(number)
        status = child.wait(60)
    assert status == 128 + number


def wait_until_blocked(child: subprocess.Popen[bytes]) -> None:
    """Wait until the process writes to a pipe that is full."""
    wchan = Path(f"/proc/{child.pid}/wchan")
    for _ in range(2000):
        if "pipe_w" in wchan.read_text():
            return
        time.sleep(0.01)
    pytest.skip("the kernel does not say where a process waits")


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("-d",), ("download", "--checksum", "md5:" + "0" * 32)])
def test_random_signals_after_the_head_leave_nothing(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    rng = random.Random(len(options))

    def signal_later(connection: ClientConnection) -> None:
        connection.stopping.wait(rng.uniform(0, 0.02))
        child.send_signal(rng.choice((signal.SIGTERM, signal.SIGINT)))

    server.answer_always(HEAD, signal_later, stall)
    for _ in range(50):
        with start_process(*options, f"{server.url}/f", "-o", "f") as child:
            child.communicate(timeout=60)
        assert child.returncode in (130, 143)
        assert names(tmp_path) == []


def test_echo_server_ends_at_sigterm() -> None:
    with start_process("echo", "--port=0") as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"http://")
        child.send_signal(signal.SIGTERM)
        _, error = child.communicate(timeout=60)
    assert (child.returncode, error) == (143, b"")
