"""The README's comparison table agrees with the results of ``tests/interop/beside``."""

from __future__ import annotations

from tests.interop.beside.markdown import BEGIN, END, PEERS, block, versions_in
from tests.interop.beside.runner import PROGRAMS
from tests.interop.beside.table import ROWS
from tests.support.environment import ROOT


def test_readme_has_the_recorded_results() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    table = text.partition(BEGIN)[2].partition(END)[0]
    versions = versions_in(table)
    assert versions.keys() == {program.name for program in PEERS}, "a version is missing"
    assert table == block(versions), "run python -m tests.interop.record_peers"


def test_every_row_has_a_result_for_every_program() -> None:
    programs = {program.name for program in PROGRAMS}
    assert [row.name for row in ROWS if row.cells.keys() != programs] == []
