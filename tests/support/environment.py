"""The environment variables of a test: those of a new account on a plain machine.

No setting of the developer or of the CI machine reaches the program: no proxies,
certificates, colours, locale, configuration or netrc file.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The root of the repository."""

_UNDER_TEST = os.environ.get("HTTPCLI_UNDER_TEST", "")

HTTPCLI = tuple(shlex.split(_UNDER_TEST)) or (sys.executable, "-m", "httpcli")
"""The command line that starts the program: the one of this tree, or another installation.

``HTTPCLI_UNDER_TEST=/other/bin/httpcli pytest tests/faults`` runs the tests that start processes
against another version.
"""

TEST_TOOL_VARIABLES = frozenset(
    {"HYPOTHESIS_STORAGE_DIRECTORY", "PYTEST_CURRENT_TEST", "PYTEST_VERSION"}
)
"""Environment variables of pytest and hypothesis, which stay set."""


def plain_environment(home: str | os.PathLike[str]) -> dict[str, str]:
    """Return all environment variables of a test with the home directory ``home``."""
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
    """Return this test's environment with ``changes``; the value None removes a variable.

    A test's environment is a plain one (see ``conftest.py``), changed by the test's own calls
    of ``monkeypatch``.
    """
    merged: dict[str, str | None] = {**os.environ, **(changes or {})}
    return {
        name: value
        for name, value in merged.items()
        if value is not None and name not in TEST_TOOL_VARIABLES
    }


def child_environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return ``current_environment`` for a process that runs ``HTTPCLI`` from any folder."""
    tree = {} if _UNDER_TEST else {"PYTHONPATH": str(ROOT)}
    return {**tree, "TERM": "dumb", **current_environment(changes)}
