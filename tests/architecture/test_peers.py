"""The README's table of other programs has the answers that ``tests/interop/beside`` proves."""

from __future__ import annotations

from tests.interop.beside.markdown import BEGIN, END, PEERS, block, versions_in
from tests.interop.beside.runner import PROGRAMS
from tests.interop.beside.table import ROWS
from tests.support.environment import ROOT


def test_the_readme_has_the_answers_that_runs_showed() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    told = text.partition(BEGIN)[2].partition(END)[0]
    versions = versions_in(told)
    assert versions.keys() == {program.name for program in PEERS}, "a version is not told"
    assert told == block(versions), "python -m tests.interop.record_peers writes it anew"


def test_every_program_has_an_answer_in_every_row() -> None:
    programs = {program.name for program in PROGRAMS}
    assert [row.name for row in ROWS if row.cells.keys() != programs] == []
