"""What HTTPie does, httpcli does: each line of the tables is given to both."""

from __future__ import annotations

import pytest

from tests.interop.differential.conftest import Outcomes
from tests.interop.differential.programs import Outcome, differences
from tests.interop.differential.table import Case, cases

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_both_do_the_same(case: Case, outcomes: Outcomes) -> None:
    theirs, ours = outcomes[case.name].result()
    where = differences(theirs, ours)
    told = f"{case.command}\n\nHTTPie: {_story(theirs)}\n\nhttpcli: {_story(ours)}"
    if case.differs:
        assert where == case.differs, f"does not differ as the table says: {told}"
    else:
        assert not where, f"differs: {told}"


def _story(outcome: Outcome) -> str:
    parts = [f"status {outcome.status}, {len(outcome.sent)} requests"]
    for request in outcome.sent:
        body = repr(request.body if len(request.body) < 2000 else request.body[:2000] + b"...")
        parts += [request.line, *request.fields, body, "" if request.whole else "(not whole)"]
    if outcome.shown.out or outcome.shown.told:
        parts += [f"shown {outcome.shown.out[:3000]!r}", f"told {outcome.shown.told}"]
    return "\n  ".join([*parts, *outcome.said.strip().splitlines()[-6:]])
