"""``python -m tests.architecture.record_budget`` writes this build's counts into the budget."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.architecture.instructions import BUDGET, build, count_get, recorded
from tests.support.http_connection import response
from tests.support.servers import RawServer


def main() -> None:
    """Count, write, and say by how much the figure moved."""
    with tempfile.TemporaryDirectory() as cache, RawServer() as server:
        server.answer_always(response("hello\n"))
        counts = count_get(server.url, Path(cache))
    budgets = recorded()
    before = budgets.get(build(), {}).get("httpcli")
    moved = f" ({counts['httpcli'] / before - 1:+.2%})" if before else ""
    BUDGET.write_text(
        json.dumps({**budgets, build(): counts}, indent=2, sort_keys=True) + "\n", "utf-8"
    )
    ratio = counts["httpcli"] / counts["aiohttp"]
    sys.stdout.write(f"{counts}{moved}: {ratio:.3f} of bare aiohttp\n")


if __name__ == "__main__":
    main()
