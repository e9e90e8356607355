"""``docs/aiohttp-coverage.md`` names only options and tests that exist."""

from __future__ import annotations

import re

import pytest

from httpcli.options.table import OPTIONS
from tests.architecture.proofs import is_test
from tests.support.environment import ROOT

_TEXT = (ROOT / "docs" / "aiohttp-coverage.md").read_text("utf-8")
ROWS = [
    tuple(column.strip() for column in line.strip("|").split(" | "))
    for line in _TEXT.splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| capability", "| trap"))
]
_NOT_OFFERED = "not offered: "
SPELLINGS = {f"--{option.name}" for option in OPTIONS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_capability_has_an_option_and_a_test(row: tuple[str, ...]) -> None:
    assert len(row) == 3
    _, usage, proof = row
    assert set(re.findall(r"--[a-z][a-z0-9.-]*", usage)) <= SPELLINGS
    assert usage.startswith(_NOT_OFFERED) if proof in ("", "|") else is_test(proof)
