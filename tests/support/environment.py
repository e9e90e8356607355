"""The environment of a test: what a new account on a plain machine would have.

Nothing of the person's or the CI machine's own settings reaches the program:
no proxies, certificates, colours, locale, configuration or netrc.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The repository."""

HTTPCLI = (sys.executable, "-m", "httpcli")
"""The program, as a process."""

TEST_TOOL_VARIABLES = frozenset(
    {"HYPOTHESIS_STORAGE_DIRECTORY", "PYTEST_CURRENT_TEST", "PYTEST_VERSION"}
)
"""What pytest and hypothesis keep in the environment for themselves."""


def plain_environment(home: str | os.PathLike[str]) -> dict[str, str]:
    """Return the whole environment of somebody whose home directory is ``home``."""
    path = os.fspath(home)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": path,
        "XDG_CONFIG_HOME": f"{path}/.config",
        "XDG_CACHE_HOME": f"{path}/.cache",
        "XDG_DATA_HOME": f"{path}/.local/share",
        "XDG_STATE_HOME": f"{path}/.local/state",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def current_environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return this test's environment with ``changes`` made; None takes a name away.

    A test's environment is a plain one (see ``conftest.py``); what the test
    put there with ``monkeypatch`` counts too.
    """
    merged: dict[str, str | None] = {**os.environ, **(changes or {})}
    return {
        name: value
        for name, value in merged.items()
        if value is not None and name not in TEST_TOOL_VARIABLES
    }


def child_environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return ``current_environment`` for a process that runs this tree, wherever it is started."""
    return {"PYTHONPATH": str(ROOT), "TERM": "dumb", **current_environment(changes)}
