"""The README's table of httpcli beside others: every cell is a run, and says what it showed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from tests.interop.beside.seat import HTTPIE, PROGRAMS, Program, Seat
from tests.interop.beside.table import ROWS, Row

pytestmark = pytest.mark.slow

CELLS = [
    pytest.param(row, program, id=f"{row.name}-{program.name}")
    for row in ROWS
    for program in PROGRAMS
]

Answers = Mapping[tuple[str, str], Future[bool | None]]


@pytest.fixture(scope="module")
def answers(
    request: pytest.FixtureRequest,
    warm: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Answers]:
    """Judge all selected cells, a few at a time: they wait more than they work.

    They are done before a test changes this environment.
    """
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    asked = [call.params for call in calls if call is not None and "row" in call.params]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as threads:
        running = {}
        for row, program in ((each["row"], each["program"]) for each in asked):
            if program.path() is not None:
                cold = program.command()
                command = (*warm, *program.always) if program.name == HTTPIE else cold
                words = row.cells[program.name].words
                seat = Seat.made(command, cold, words, tmp_path_factory.mktemp("seat"))
                running[row.name, program.name] = threads.submit(row.judge, seat)
        wait(running.values())
        yield running


@pytest.mark.parametrize(("row", "program"), CELLS)
def test_a_run_shows_what_the_readme_says(row: Row, program: Program, answers: Answers) -> None:
    program.command()  # a missing one is said aloud
    assert answers[row.name, program.name].result() is row.cells[program.name].answer
