"""``docs/differences.md`` tells nothing that the differential harness does not know."""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

import pytest

from tests.architecture.proofs import is_a_test
from tests.interop.differential.table import Case, cases
from tests.support.environment import ROOT

MOST_OF_ALL = 300
"""Cases there must be, at least: each another command, answer or way to run it."""

VERDICTS = ("same", "better", "differs", "not offered", "pending", "later")
_REASONED = ("better", "differs", "not offered", "later")
_ROW = re.compile(r"\| (\d+\.\d+) \|")
_SECTION = re.compile(r"## (\d+)\. ")
_LAST_SECTION = 20


class Row(NamedTuple):
    """A row of the document: its number, what HTTPie does, and what we make of it."""

    number: str
    verdict: str
    why: str
    proof: tuple[str, ...]

    def cases(self) -> list[Case]:
        """Return the cases of the harness that prove it."""
        return [CASES[name] for name in self.proof if name in CASES]


CASES = {case.name: case for case in cases()}
_TEXT = (ROOT / "docs" / "differences.md").read_text("utf-8")


def _row(line: str) -> Row:
    columns = [column.strip() for column in line.strip().strip("|").split(" | ")]
    number, _, verdict, *proof = [*columns, ""][:4] if len(columns) == 3 else columns
    word, _, why = verdict.partition(": ")
    assert len(proof) == 1, f"not four columns: {line}"
    return Row(number, word, why, tuple(proof[0].split()))


ROWS = [_row(line) for line in _TEXT.splitlines() if _ROW.match(line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_row_has_a_verdict_and_its_proof(row: Row) -> None:
    assert row.verdict in VERDICTS
    assert row.why or row.verdict not in _REASONED, "it does not say why"
    assert row.proof or row.verdict == "later", "it has no case"
    if row.verdict != "pending":
        assert [name for name in row.proof if not _is_there(name)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_row_says_what_its_cases_say(row: Row) -> None:
    """The order of a request's fields (5.1) is another everywhere, and told once."""
    apart = [case.name for case in row.cases() if case.differs - {"order"}]
    if row.verdict == "same":
        assert apart == [], "these differ"
    elif row.verdict == "differs" and row.cases():
        assert any(case.differs for case in row.cases()), "none of its cases differs"


def test_a_case_that_differs_is_told_of_in_a_row() -> None:
    told = {name for row in ROWS if row.verdict != "same" for name in row.proof}
    apart = {name for name, case in CASES.items() if case.differs - {"order"}}
    assert sorted(apart - told) == []


def test_every_case_proves_a_row() -> None:
    proving = {name for row in ROWS for name in row.proof}
    assert sorted(CASES.keys() - proving) == []


def test_rows_are_numbered_without_a_gap() -> None:
    sections = [int(number) for number in _SECTION.findall(_TEXT)]
    assert sections == list(range(1, _LAST_SECTION + 1))
    for section in sections:
        numbers = [row.number for row in ROWS if row.number.startswith(f"{section}.")]
        assert numbers == [f"{section}.{place}" for place in range(1, len(numbers) + 1)]


def test_there_are_many_cases_and_no_two_are_one() -> None:
    runs = {(case.responses, case.output, case.stdin, case.command) for case in CASES.values()}
    assert len(runs) == len(CASES)
    assert len(runs) >= MOST_OF_ALL


def test_nothing_is_pending() -> None:
    """The one list of what is still to come: cases to write, and verdicts to give."""
    pending = [f"{row.number}: {' '.join(row.proof)}" for row in ROWS if row.verdict == "pending"]
    assert not pending, "still pending in docs/differences.md:\n" + "\n".join(pending)


def test_no_program_manages_another() -> None:
    """No manager, no look for a newer version; plugins for an unknown name's sake only."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["scripts"]) == {"httpcli", "hc"}
    assert "entry-points" not in project
    sources = {path: path.read_text("utf-8") for path in (ROOT / "httpcli").rglob("*.py")}
    asking = [
        path.name for path, text in sources.items() if "importlib.metadata import entry_po" in text
    ]
    assert asking == ["plugins.py"]
    assert [path for path, text in sources.items() if "https://pypi" in text] == []


def _is_there(name: str) -> bool:
    """Tell whether a proof is a case, or a test that can be run."""
    return is_a_test(name) if "::" in name else name in CASES
