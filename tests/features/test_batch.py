"""Batches: output order, concurrency limits, failures, and how a run ends."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from httpcli.core.invocation import Stream, StreamKind
from tests.support.http_connection import chunk, response, stall, wait_for_event
from tests.support.load_server import LoadServer
from tests.support.memory import peak_memory
from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT, RunResult
from tests.support.servers import RawServer, refused_port
from tests.support.terminal import Terminal


def batch(tmp_path: Path, lines: str | bytes, *argv: str) -> RunResult:
    """Run a batch of these lines."""
    file = tmp_path / "list"
    file.write_bytes(lines.encode() if isinstance(lines, str) else lines)
    return run("--batch", "list", *argv, cwd=tmp_path)


def urls(server: LoadServer | RawServer, count: int) -> str:
    return "".join(f"{server.url}/{number}\n" for number in range(count))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [0, 100_000])
def test_output_is_in_line_order_regardless_of_response_order(
    seed: int, size: int, tmp_path: Path
) -> None:
    targets = [f"/{number}" for number in range(12)]
    order = random.Random(seed).sample(targets, len(targets))
    with LoadServer(order, size) as server:
        ran = batch(tmp_path, urls(server, 12), "--jobs=12")
    assert ran.out.decode() == "".join(f"{target}\n{'x' * size}" for target in targets)
    assert ran.status == 0
    assert ran.err == ""


def test_write_out_text_follows_the_body_of_its_line(tmp_path: Path) -> None:
    targets = [f"/{number}" for number in range(8)]
    with LoadServer(list(reversed(targets))) as server:
        ran = batch(tmp_path, urls(server, 8), "--jobs=8", "-w", "%{http_code}\\n")
    assert ran.out.decode() == "".join(f"{target}\n200\n" for target in targets)


def test_first_line_streams_while_the_others_wait(tmp_path: Path) -> None:
    first_part_read = threading.Event()
    with RawServer() as first, RawServer() as second:
        head = response(b"", "Transfer-Encoding: chunked")
        first.answer(
            head + chunk("one "), wait_for_event(first_part_read), chunk("two ") + chunk("")
        )
        (tmp_path / "list").write_text(f"{first.url}\n{second.url}\n")
        with start_process("--batch", str(tmp_path / "list")) as child:
            assert child.stdout is not None
            assert child.stdout.read(4) == b"one "
            second.wait_for_requests()
            first_part_read.set()
            assert child.stdout.read() == b"two ok\n"


def test_connections_are_reused(tmp_path: Path) -> None:
    with LoadServer() as server:
        assert batch(tmp_path, urls(server, 60), "--jobs=3").status == 0
    assert len(server.requests) == 60
    assert server.connections <= 3


def test_lines_with_different_connection_options_do_not_share_one(tmp_path: Path) -> None:
    with LoadServer() as server:
        lines = "".join(f"--timeout={10 + n % 2} {server.url}/{n}\n" for n in range(20))
        assert batch(tmp_path, lines, "--jobs=1").status == 0
    assert server.connections == 2


def test_idle_connections_are_closed_after_keep_alive(tmp_path: Path) -> None:
    with LoadServer() as server:
        assert batch(tmp_path, urls(server, 4), "--jobs=1", "--keep-alive=0").status == 0
    assert server.connections == 4


@pytest.mark.parametrize(
    ("argv", "limit"),
    [
        ((), 8),
        (("--jobs=1",), 1),
        (("--jobs=5",), 5),
        (("--jobs=5", "--max-connections=2"), 2),
        (("--jobs=5", "--max-connections-per-host=3"), 3),
    ],
)
def test_concurrent_requests_do_not_exceed_the_limit(
    argv: tuple[str, ...], limit: int, tmp_path: Path
) -> None:
    with LoadServer(concurrent=limit, total=30) as server:
        assert batch(tmp_path, urls(server, 30), *argv).status == 0
    assert server.peak_requests == limit
    assert server.connections <= limit


@pytest.mark.wide
def test_rate_limit_holds_by_the_servers_clock(tmp_path: Path) -> None:
    with LoadServer() as server:
        assert batch(tmp_path, urls(server, 6), "--rate=20/s").status == 0
    gaps = [later - before for before, later in pairwise(server.arrival_times)]
    # The request after a late one may come early, but only that one.
    assert server.arrival_times[-1] - server.arrival_times[0] >= 4 * 0.05
    assert all(first + second >= 0.045 for first, second in pairwise(gaps))


@pytest.mark.parametrize(
    ("lines", "argv", "status"),
    [
        ("{ok}\n{ok}\n", (), 0),
        ("{ok}\n{refused}\n{ok}\n", (), 12),
        ("{missing}\n{ok}\n", (), 0),
        ("{missing}\n{broken}\n{ok}\n", ("--check-status",), 5),
        ("{ok}\n--foo {ok}\n{refused}\n", (), 10),
    ],
)
def test_worst_result_is_the_exit_status(
    lines: str, argv: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    text = lines.format(
        ok="echo:/status/200",
        missing="echo:/status/404",
        broken="echo:/status/500",
        refused=f"http://127.0.0.1:{refused_port()}/",
    )
    assert batch(tmp_path, text, *argv).status == status


def test_failed_line_prints_one_error_and_does_not_stop_the_batch(
    server: RawServer, tmp_path: Path
) -> None:
    refused = f"127.0.0.1:{refused_port()}"
    ran = batch(tmp_path, f"http://{refused}/\n{server.url}\n")
    assert ran.err == f"httpcli: error: list:1: {refused}: connection refused\n"
    assert ran.out == b"ok\n"


def test_fail_early_starts_no_request_after_a_failure(tmp_path: Path) -> None:
    with RawServer() as server:
        lines = f"{server.url}/1\nhttp://127.0.0.1:{refused_port()}/\n{server.url}/3\n"
        ran = batch(tmp_path, lines, "--fail-early", "--jobs=1")
        assert [request.target for request in server.requests] == ["/1"]
    assert ran.status == 12


def test_fail_early_does_not_wait_for_more_input(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"http://127.0.0.1:%d/\n" % refused_port())
    stdin = Stream(reading, StreamKind.PIPE)
    assert run("--batch", "-", "--fail-early", stdin=stdin, cwd=tmp_path).status == 12
    os.close(writing)
    os.close(reading)


@pytest.mark.wide
def test_line_from_a_pipe_is_sent_when_it_arrives(server: RawServer) -> None:
    with start_process("--batch", "-", stdin=-1) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(2):
            child.stdin.write(f"{server.url}\n".encode())
            child.stdin.flush()
            assert child.stdout.readline() == b"ok\n"
        child.stdin.close()
        assert child.wait(TIMEOUT) == 0


def test_ctrl_c_stops_at_once_and_reports_the_position(tmp_path: Path) -> None:
    with RawServer() as server:
        server.answer(response("first\n")).answer(stall)
        (tmp_path / "list").write_text(urls(server, 3))
        with start_process("--batch", "list", "--jobs=1", cwd=tmp_path) as child:
            server.wait_for_requests(2)
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=TIMEOUT)
    assert child.returncode == 130
    assert out == b"first\n"
    assert err == b"httpcli: 1 done, 0 failed, 1 interrupted; not sent: list, from line 2\n"


@pytest.mark.wide
def test_closed_output_pipe_ends_the_run_silently(tmp_path: Path) -> None:
    with RawServer() as server:
        server.answer(response("first\n")).answer_always(stall)
        (tmp_path / "list").write_text(urls(server, 100))
        # jobs=1: with several jobs, any of the requests may arrive first
        with start_process("--batch", "list", "--jobs=1", cwd=tmp_path) as child:
            assert child.stdout is not None
            assert child.stderr is not None
            assert child.stdout.readline() == b"first\n"
            child.stdout.close()
            assert child.wait(TIMEOUT) == 141
            assert child.stderr.read() == b""


@pytest.mark.parametrize(
    ("argv", "shown"), [((), True), pytest.param(("-q",), False, marks=pytest.mark.wide)]
)
def test_terminal_shows_a_summary_unless_quiet(
    argv: tuple[str, ...], shown: bool, server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "list").write_text(urls(server, 3))
    with (
        open(tmp_path / "out", "wb") as out,
        Terminal("--batch", "list", *argv, cwd=tmp_path, stdout=out.fileno()) as screen,
    ):
        assert screen.wait() == 0
        assert ("3 done, 0 failed" in screen.text) is shown


@pytest.mark.slow
def test_status_line_stays_while_output_goes_to_a_file(tmp_path: Path) -> None:
    finish_first, send_more = threading.Event(), threading.Event()
    with RawServer() as first, RawServer() as second, open(tmp_path / "out", "wb") as out:
        first.answer(wait_for_event(finish_first), response("one\n"))
        head = response(b"", "Transfer-Encoding: chunked")
        second.answer(head + chunk("two\n"), wait_for_event(send_more), chunk("more\n"), stall)
        (tmp_path / "list").write_text(f"{first.url}\n{second.url}\n")
        with Terminal("--batch", "list", cwd=tmp_path, stdout=out.fileno()) as screen:
            second.wait_for_requests()
            # The status line appears after a second.
            threading.Timer(1.1, finish_first.set).start()
            screen.read_until("1 done, 0 failed, 1 in progress")
            send_more.set()
            while not (tmp_path / "out").read_text().endswith("more\n"):
                time.sleep(0.01)
            assert screen.text.endswith("1 in progress")
            screen.type("\x03")
            assert screen.wait() == 130


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_lines(tmp_path: Path) -> None:
    peaks = {}
    with LoadServer() as server:
        for count in (1_000, 10_000):
            (tmp_path / "list").write_text(urls(server, count))
            peaks[count] = peak_memory("--batch", str(tmp_path / "list"))
    sys.stdout.write(f"{peaks}\n")
    assert peaks[10_000] < peaks[1_000] + 2048  # KiB
