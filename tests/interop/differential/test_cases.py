"""httpcli does what HTTPie does: both run the command of each line of the tables."""

from __future__ import annotations

import pytest

from tests.interop.differential.conftest import Outcomes
from tests.interop.differential.runner import Outcome, differences
from tests.interop.differential.table import Case, cases

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_both_programs_behave_as_the_table_says(case: Case, outcomes: Outcomes) -> None:
    theirs, ours = outcomes[case.name].result()
    where = differences(theirs, ours)
    details = f"{case.command}\n\nHTTPie: {_describe(theirs)}\n\nhttpcli: {_describe(ours)}"
    if case.differs:
        assert where == case.differs, f"does not differ as the table says: {details}"
    else:
        assert not where, f"differs: {details}"


def _describe(outcome: Outcome) -> str:
    parts = [f"status {outcome.status}, {len(outcome.sent)} requests"]
    for request in outcome.sent:
        body = repr(request.body if len(request.body) < 2000 else request.body[:2000] + b"...")
        parts += [request.line, *request.fields, body, "" if request.whole else "(not whole)"]
    if outcome.output.out or outcome.output.messages:
        parts += [f"output {outcome.output.out[:3000]!r}", f"messages {outcome.output.messages}"]
    return "\n  ".join([*parts, *outcome.stderr.strip().splitlines()[-6:]])
