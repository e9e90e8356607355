"""``python -m tests.architecture.record_budget`` records the counts of this build."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.architecture.instructions import BUDGET, build, count_get, recorded
from tests.support.http_connection import response
from tests.support.servers import RawServer


def main() -> None:
    """Count, write the budget, and print the change."""
    with tempfile.TemporaryDirectory() as cache, RawServer() as server:
        server.answer_always(response("hello\n"))
        counts = count_get(server.url, Path(cache))
    budgets = recorded()
    previous = budgets.get(build(), {}).get("httpcli")
    change = f" ({counts['httpcli'] / previous - 1:+.2%})" if previous else ""
    BUDGET.write_text(
        json.dumps({**budgets, build(): counts}, indent=2, sort_keys=True) + "\n", "utf-8"
    )
    ratio = counts["httpcli"] / counts["aiohttp"]
    sys.stdout.write(f"{counts}{change}: {ratio:.3f} of bare aiohttp\n")


if __name__ == "__main__":
    main()
