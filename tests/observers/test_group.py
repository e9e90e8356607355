"""The observers of a run: where its response goes, and how the run ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from httpcli.core.errors import HttpcliError
from httpcli.core.events import (
    Event,
    RequestStarted,
    ResponseChunk,
    ResponseEnded,
    ResponseStarted,
    Retrying,
)
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.plan import Display, Plan
from httpcli.core.plan_options import TeeAndHash
from httpcli.core.reports import TimingsStyle
from httpcli.observers.group import Observers, outcome_of
from tests.support.context import GET, PLAN, Console, script

START = RequestStarted("GET", "/", GET.url, Fields())
END = ResponseEnded(0.0)


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    with Console(tmp_path) as console:
        yield console


def head(status: int = 200, *, is_followed: bool = False) -> ResponseStarted:
    return ResponseStarted("1.1", status, "", Fields(), GET.url, is_followed=is_followed)


def observe(console: Console, plan: Plan, *events: Event, complete: bool = True) -> ExitStatus:
    """Pass events to the observers of a plan and return the exit status."""
    with Observers(plan, console.context, console.write_stdout, console.write_stderr) as observers:
        for event in events:
            observers.observe(event)
        if complete:
            observers.end_exchange()
        else:
            observers.end_early()
    return observers.status


def test_complete_response_replaces_the_output_file(console: Console, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    plan = PLAN._replace(output="file")
    assert observe(console, plan, START, head(), ResponseChunk(b"new"), END) is ExitStatus.OK
    assert (tmp_path / "file").read_text() == "new"
    assert console.stdout == b""


def test_incomplete_response_keeps_the_output_file(console: Console, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    plan = PLAN._replace(output="file")
    observe(console, plan, START, head(), ResponseChunk(b"ne"), complete=False)
    assert (tmp_path / "file").read_text() == "old"


def test_failed_response_goes_to_stderr_and_not_to_the_file(
    console: Console, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("old")
    plan = PLAN._replace(output="file", check_status=True)
    status = observe(console, plan, START, head(500), ResponseChunk(b"broken"), END)
    assert status is ExitStatus.SERVER_ERROR
    assert (tmp_path / "file").read_text() == "old"
    assert "broken" in console.stderr


def test_body_of_a_failed_response_can_be_omitted(console: Console) -> None:
    plan = PLAN._replace(check_status=True, omit_failed_body=True)
    observe(console, plan, START, head(404), ResponseChunk(b"no"), END)
    assert console.stdout == b""


def test_tee_copies_the_last_response(console: Console, tmp_path: Path) -> None:
    plan = PLAN._replace(tee_and_hash=TeeAndHash(tee="copy"))
    observe(
        console,
        plan,
        START,
        head(302, is_followed=True),
        ResponseChunk(b"moved"),
        END,
        START,
        head(),
        ResponseChunk(b"content"),
        END,
    )
    assert (tmp_path / "copy").read_bytes() == b"content"
    assert console.stdout == b"content"


def test_tee_drops_an_incomplete_copy(console: Console, tmp_path: Path) -> None:
    plan = PLAN._replace(tee_and_hash=TeeAndHash(tee="copy"))
    observe(console, plan, START, head(), ResponseChunk(b"con"), complete=False)
    assert not (tmp_path / "copy").exists()


def test_hash_is_that_of_the_last_attempt(console: Console) -> None:
    plan = PLAN._replace(tee_and_hash=TeeAndHash(hashes=("sha256",)))
    retrying = Retrying("503", 0.0, 1, head(503))
    observe(console, plan, START, retrying, START, head(), ResponseChunk(b"content"), END)
    digest = hashlib.sha256(b"content").hexdigest()
    assert console.stderr == f"sha256:{digest}  received\n"


def test_head_of_a_retried_response_is_shown_on_stderr(console: Console) -> None:
    plan = PLAN._replace(display=Display(parts=frozenset("hb"), may_resend=True))
    observe(console, plan, START, Retrying("503", 0.0, 1, head(503)), START, head(), END)
    assert "HTTP/1.1 503" in console.stderr
    assert b"HTTP/1.1 200" in console.stdout
    assert b"503" not in console.stdout


async def test_failed_exchange_is_recorded_below_the_middleware(console: Console) -> None:
    plan = PLAN._replace(timings_style=TimingsStyle())
    failing = script(START, HttpcliError("refused"))
    observers = Observers(plan, console.context, console.write_stdout, console.write_stderr)

    async def observe_all() -> None:
        with observers:
            async for event in observers.observe_exchanges(failing)(GET):
                observers.observe(event)

    with pytest.raises(HttpcliError, match="refused"):
        await observe_all()
    assert "failed  GET http://here/" in console.stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (HttpcliError("no", status=ExitStatus.TLS), ExitStatus.TLS),
        (BrokenPipeError(), ExitStatus.CLOSED_PIPE),
        (KeyboardInterrupt(), ExitStatus.INTERRUPTED),
        (ValueError("a bug"), ExitStatus.FAILED),
    ],
)
def test_outcome_of_an_exception(error: BaseException, status: ExitStatus) -> None:
    outcome = outcome_of(error)
    assert outcome is not None
    assert outcome.status is status
