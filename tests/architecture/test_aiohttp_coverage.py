"""``docs/aiohttp-coverage.md`` names options and tests that there are."""

from __future__ import annotations

import re

import pytest

from httpcli.options.table import OPTIONS
from tests.architecture.proofs import is_a_test
from tests.support.environment import ROOT

_TEXT = (ROOT / "docs" / "aiohttp-coverage.md").read_text("utf-8")
ROWS = [
    tuple(column.strip() for column in line.strip("|").split(" | "))
    for line in _TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| capability", "| trap"))
]
_UNPROVEN = "not offered: "
SPELLINGS = {f"--{option.name}" for option in OPTIONS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_capability_has_a_way_in_and_a_proof(row: tuple[str, ...]) -> None:
    assert len(row) == 3
    _, way, proof = row
    assert set(re.findall(r"--[a-z][a-z0-9.-]*", way)) <= SPELLINGS
    assert way.startswith(_UNPROVEN) if proof in ("", "|") else is_a_test(proof)
