"""``docs/differences.md`` agrees with the cases of the differential tests."""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

import pytest

from tests.architecture.proofs import is_test
from tests.interop.differential.table import Case, cases
from tests.support.environment import ROOT

MINIMUM_CASES = 300
"""The least number of different cases."""

VERDICTS = ("same", "better", "differs", "not offered", "pending", "later")
_NEEDS_REASON = ("better", "differs", "not offered", "later")
_ROW = re.compile(r"\| (\d+\.\d+) \|")
_SECTION = re.compile(r"## (\d+)\. ")
_LAST_SECTION = 20


class DifferenceRow(NamedTuple):
    """A row of the document: a behaviour of HTTPie, and whether httpcli's is the same."""

    number: str
    verdict: str
    reason: str
    proof: tuple[str, ...]

    def cases(self) -> list[Case]:
        """Return the differential test cases that prove the row."""
        return [CASES[name] for name in self.proof if name in CASES]


CASES = {case.name: case for case in cases()}
_TEXT = (ROOT / "docs" / "differences.md").read_text("utf-8")


def _row(line: str) -> DifferenceRow:
    columns = [column.strip() for column in line.strip().strip("|").split(" | ")]
    number, _, verdict, *proof = [*columns, ""][:4] if len(columns) == 3 else columns
    word, _, reason = verdict.partition(": ")
    assert len(proof) == 1, f"not four columns: {line}"
    return DifferenceRow(number, word, reason, tuple(proof[0].split()))


ROWS = [_row(line) for line in _TEXT.splitlines() if _ROW.match(line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_row_has_a_verdict_and_proof(row: DifferenceRow) -> None:
    assert row.verdict in VERDICTS
    assert row.reason or row.verdict not in _NEEDS_REASON, "the row has no reason"
    assert row.proof or row.verdict == "later", "the row has no case"
    if row.verdict != "pending":
        assert [name for name in row.proof if not _proof_exists(name)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_verdict_agrees_with_the_cases(row: DifferenceRow) -> None:
    """The order of headers differs in every request; only row 5.1 is about that."""
    different = [case.name for case in row.cases() if case.differs - {"order"}]
    if row.verdict == "same":
        assert different == [], "these differ"
    elif row.verdict == "differs" and row.cases():
        assert any(case.differs for case in row.cases()), "none of its cases differs"


def test_different_case_is_in_a_row_about_a_difference() -> None:
    documented = {name for row in ROWS if row.verdict != "same" for name in row.proof}
    different = {name for name, case in CASES.items() if case.differs - {"order"}}
    assert sorted(different - documented) == []


def test_every_case_proves_a_row() -> None:
    used = {name for row in ROWS for name in row.proof}
    assert sorted(CASES.keys() - used) == []


def test_rows_are_numbered_without_a_gap() -> None:
    sections = [int(number) for number in _SECTION.findall(_TEXT)]
    assert sections == list(range(1, _LAST_SECTION + 1))
    for section in sections:
        numbers = [row.number for row in ROWS if row.number.startswith(f"{section}.")]
        assert numbers == [f"{section}.{index}" for index in range(1, len(numbers) + 1)]


def test_cases_are_many_and_all_different() -> None:
    runs = {(case.responses, case.output, case.stdin, case.command) for case in CASES.values()}
    assert len(runs) == len(CASES)
    assert len(runs) >= MINIMUM_CASES


def test_no_row_is_pending() -> None:
    """The failure message lists the rows without a verdict or a case."""
    pending = [f"{row.number}: {' '.join(row.proof)}" for row in ROWS if row.verdict == "pending"]
    assert not pending, "still pending in docs/differences.md:\n" + "\n".join(pending)


def test_httpcli_manages_no_packages() -> None:
    """No package management, no update check; entry points only for unknown auth schemes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["scripts"]) == {"httpcli", "hc"}
    assert "entry-points" not in project
    sources = {path: path.read_text("utf-8") for path in (ROOT / "httpcli").rglob("*.py")}
    entry_point_users = [
        path.name for path, text in sources.items() if "importlib.metadata import entry_po" in text
    ]
    assert entry_point_users == ["plugins.py"]
    assert [path for path, text in sources.items() if "https://pypi" in text] == []


def _proof_exists(name: str) -> bool:
    """Return whether a proof is an existing case or test."""
    return is_test(name) if "::" in name else name in CASES
