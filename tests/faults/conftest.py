"""Keep the quick suite quick: these tests start the program, once or more often for each row."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all rows of a table but the first as wide; ``.ci/run`` runs them too."""
    seen = set()
    for item in items:
        if HERE not in item.path.parents or not isinstance(item, pytest.Function):
            continue
        function = (item.path, item.originalname)
        if function in seen:
            item.add_marker(pytest.mark.wide)
        seen.add(function)
