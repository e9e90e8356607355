"""A batch run: when each line is sent, how failures are reported, in which order output comes.

A scripted connection pool takes the place of the network.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from httpcli.batch import run as module
from httpcli.cli.parser import split_arguments
from httpcli.core.errors import CONNECT_FAILURE, HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
)
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.interfaces import OpenBody, Send
from httpcli.core.invocation import Environment, Stream, StreamKind
from httpcli.core.plan import Plan
from httpcli.core.request import Request
from httpcli.planning.batch import Batch, BatchLines
from httpcli.run_context import RunContext
from httpcli.storage.user_files import BatchFiles
from httpcli.terminal.notices import Notices
from httpcli.terminal.streams import stream_writer


class ScriptedPool:
    """A connection pool without connections; the path of a request is its script.

    Each word of the path is one step: ``refused`` and ``bug`` raise, ``wait-N`` waits until N
    requests have ended, a number is the status of the response, other text is its content.
    """

    def __init__(self) -> None:
        self.started: list[str] = []
        self.times: list[float] = []
        self.most_at_once = 0
        self._ended = 0
        self._change = asyncio.Condition()

    async def __aenter__(self) -> ScriptedPool:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return

    @asynccontextmanager
    async def open_send(self, _plan: Plan, _open_body: OpenBody) -> AsyncIterator[Send]:
        yield self._send

    async def _send(self, request: Request) -> AsyncGenerator[Event, None]:
        path = request.url.path.strip("/")
        self.started.append(path)
        self.times.append(asyncio.get_running_loop().time())
        self.most_at_once = max(self.most_at_once, len(self.started) - self._ended)
        try:
            yield RequestStarted(request.method, request.url.target, request.url, request.fields)
            steps = path.split("/")
            status = next((int(step) for step in steps if step.isdigit()), 200)
            yield ResponseStarted("1.1", status, "", Fields(), request.url)
            for step in steps:
                if step == "refused":
                    error = HttpcliError("refused", status=ExitStatus.NOT_CONNECTED)
                    raise error.as_transient(CONNECT_FAILURE)
                if step == "bug":
                    raise ValueError("not planned")
                if step.startswith("wait-"):
                    await self._wait(int(step.removeprefix("wait-")))
                elif not step.isdigit():
                    yield ResponseChunk(step.encode())
            yield ResponseEnded(0.0)
        finally:
            self._ended += 1
            async with self._change:
                self._change.notify_all()

    async def _wait(self, count: int) -> None:
        async with self._change, asyncio.timeout(10):
            await self._change.wait_for(lambda: self._ended >= count)


class Run:
    """Runs a batch in a temporary directory; has its output, requests and planned lines."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._directory = directory
        self.pool = ScriptedPool()
        self.planned: list[tuple[str, int]] = []
        monkeypatch.setattr(module, "ConnectionPool", lambda: self.pool)

    def __call__(
        self,
        *lines: str,
        options: tuple[str, ...] = (),
        stdout: Stream | None = None,
        jobs: int = 8,
        gap: float = 0.0,
        fail_early: bool = False,
    ) -> ExitStatus:
        list_file = self._directory / "list"
        list_file.write_text("".join(f"{line}\n" for line in lines))
        out = os.open(self._directory / "stdout", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        err = os.open(self._directory / "stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        environment = Environment(
            argv=(),
            env={},
            cwd=str(self._directory),
            stdin=Stream(0, StreamKind.OTHER),
            stdout=stdout or Stream(out, StreamKind.FILE),
            stderr=Stream(err, StreamKind.FILE),
        )
        files = BatchFiles(environment.cwd, {})
        planner = BatchLines(list(split_arguments(list(options))), None, environment, files)

        def plan_of(line: str) -> Plan | None:
            self.planned.append((line, len(self.pool.started)))
            return planner.plan(line)

        context = RunContext(
            environment,
            files,
            Notices(stream_writer(environment.stderr, "stderr")),
            plan_without_stdin=_no_stdin,
        )
        batch = Batch("list", str(list_file), jobs=jobs, min_interval=gap, fail_fast=fail_early)
        try:
            return module.run_lines(batch, plan_of, context, files.warnings)
        finally:
            os.close(out)
            os.close(err)

    @property
    def stdout(self) -> str:
        return (self._directory / "stdout").read_text()

    @property
    def stderr(self) -> str:
        return (self._directory / "stderr").read_text()


def _no_stdin() -> Plan:
    raise AssertionError("no line reads standard input")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return Run(tmp_path, monkeypatch)


def test_output_is_in_the_order_of_lines_even_if_the_first_ends_last(run: Run) -> None:
    status = run("http://h/a/wait-2/b", "http://h/c", "http://h/d")
    assert status is ExitStatus.OK
    assert run.stdout == "abcd"
    assert run.pool.started == ["a/wait-2/b", "c", "d"]


def test_no_more_requests_than_jobs_run_at_once(run: Run) -> None:
    run(*(f"http://h/{number}{number}x" for number in range(1, 30)), jobs=3)
    assert run.pool.most_at_once <= 3
    assert len(run.pool.started) == 29


def test_line_is_planned_only_when_a_worker_is_free(run: Run) -> None:
    run("http://h/a", "http://h/b", "http://h/c", jobs=1)
    assert [started for _, started in run.planned] == [0, 1, 2]


def test_empty_lines_and_comments_are_skipped(run: Run) -> None:
    assert run("", "# a comment", "http://h/a", "  ") is ExitStatus.OK
    assert run.pool.started == ["a"]


def test_failed_request_is_reported_with_its_line_and_others_continue(run: Run) -> None:
    status = run("http://h/a", "http://h/refused", "http://h/c")
    assert status is ExitStatus.NOT_CONNECTED
    assert run.stdout == "ac"
    assert "list:2: refused" in run.stderr
    assert "2 failed" not in run.stderr


def test_invalid_line_is_reported_and_others_continue(run: Run) -> None:
    status = run("http://h/a", "http://h/ --no-such-option", "http://h/c")
    assert status is ExitStatus.USAGE
    assert run.stdout == "ac"
    assert "list:2: " in run.stderr
    assert run.pool.started == ["a", "c"]


def test_bug_in_one_request_is_reported_and_others_continue(run: Run) -> None:
    assert run("http://h/bug", "http://h/b") is ExitStatus.FAILED
    assert run.stdout == "b"
    assert "list:1: internal error: ValueError: not planned" in run.stderr


def test_worst_status_is_returned(run: Run) -> None:
    status = run(
        "http://h/404",
        "http://h/500",
        "http://h/refused",
        "http://h/a",
        options=("--check-status",),
    )
    assert status is ExitStatus.NOT_CONNECTED


def test_fail_early_sends_nothing_after_a_failure(run: Run) -> None:
    status = run("http://h/a", "http://h/refused", "http://h/c", jobs=1, fail_early=True)
    assert status is ExitStatus.NOT_CONNECTED
    assert run.stdout == "a"
    assert run.pool.started == ["a", "refused"]


def test_fail_early_lets_running_requests_end(run: Run) -> None:
    lines = ["http://h/a/wait-1/b", "http://h/refused", *["http://h/c"] * 20]
    status = run(*lines, jobs=2, fail_early=True)
    assert status is ExitStatus.NOT_CONNECTED
    assert run.stdout == "ab"
    assert run.pool.started == ["a/wait-1/b", "refused"]


def test_fail_early_counts_an_invalid_line(run: Run) -> None:
    status = run("http://h/ --no-such-option", "http://h/b", jobs=1, fail_early=True)
    assert status is ExitStatus.USAGE
    assert run.pool.started == []


def test_fail_early_ends_a_wait_for_more_lines(run: Run) -> None:
    # The gap keeps the second worker in the scheduler while the first request fails.
    status = run("http://h/refused", "http://h/b", jobs=2, gap=60.0, fail_early=True)
    assert status is ExitStatus.NOT_CONNECTED
    assert run.pool.started == ["refused"]


@pytest.mark.wide
def test_rate_limits_the_starts_of_requests(run: Run) -> None:
    run("http://h/a", "http://h/b", "http://h/c", gap=0.2)
    first, _, third = run.pool.times
    assert third - first >= 0.2  # at least one gap of two, however late the first one is


def test_second_line_with_the_same_output_file_is_an_error(run: Run, tmp_path: Path) -> None:
    status = run("http://h/a --output f", "http://h/b --output ./f", "http://h/c --output g")
    assert status is ExitStatus.USAGE
    assert "list:2: --output=./f: line 1 writes the same file" in run.stderr
    assert (tmp_path / "f").read_text() == "a"
    assert (tmp_path / "g").read_text() == "c"


def test_password_is_not_prompted_for(run: Run) -> None:
    status = run("-A basic -a user http://h/a", "http://h/b")
    assert status is ExitStatus.USAGE
    assert "list:1: a batch cannot prompt for passwords" in run.stderr
    assert run.stdout == "b"


def test_warning_of_many_lines_is_printed_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("p")
    (tmp_path / "secret").chmod(0o644)
    run("-a u:@file:secret http://h/a", "-a u:@file:secret http://h/b")
    assert run.stdout == "ab"
    assert run.stderr.count(": other users can read this secret; run: chmod 600") == 1


def test_closed_standard_output_ends_the_run(run: Run) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(BrokenPipeError):
            run(*["http://h/a"] * 20, stdout=Stream(writing, StreamKind.PIPE), jobs=2)
    finally:
        os.close(writing)
    assert len(run.pool.started) < 20
