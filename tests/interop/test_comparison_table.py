"""The README's comparison with other programs: every cell is verified by a run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from tests.interop.beside.runner import HTTPIE, PROGRAMS, Program, Runner
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
    warm_httpie: tuple[str, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Answers]:
    """Verify all selected cells, several at a time, because they mostly wait.

    All are finished before a test changes the environment of this process.
    """
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    selected = [call.params for call in calls if call is not None and "row" in call.params]
    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as threads:
        running = {}
        for row, program in ((each["row"], each["program"]) for each in selected):
            if program.path() is not None:
                cold = program.command()
                command = (*warm_httpie, *program.always) if program.name == HTTPIE else cold
                arguments = row.cells[program.name].arguments
                runner = Runner.create(command, cold, arguments, tmp_path_factory.mktemp("runner"))
                running[row.name, program.name] = threads.submit(row.check, runner)
        wait(running.values())
        yield running


@pytest.mark.parametrize(("row", "program"), CELLS)
def test_run_confirms_the_cell(row: Row, program: Program, answers: Answers) -> None:
    program.command()  # skip or fail if it is not installed
    assert answers[row.name, program.name].result() is row.cells[program.name].answer
