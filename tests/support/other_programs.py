"""Other programs and libraries that tests need. A missing one skips the test; in CI it fails."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

IN_CI = os.environ.get("CI") == "true"
"""Read at import, because the environment of a test does not contain CI."""

SHELLS = {"dash": ("-c",), "bash": ("-c",), "zsh": ("-fc",), "busybox": ("sh", "-c")}
"""POSIX shells, each with the arguments before a script."""

_MORE_FOLDERS = ":/usr/local/sbin:/usr/sbin:/sbin"


def require_library(name: str) -> None:
    """Skip the test if an optional library is missing; fail it in CI."""
    if find_spec(name) is None:
        stop_test = pytest.fail if IN_CI else pytest.skip
        stop_test(f"{name} is not installed")


def require_program(program: str) -> str:
    """Return the program's path. If it is missing, skip the test; fail it in CI."""
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + _MORE_FOLDERS)
    if path is not None:
        return path
    if IN_CI:
        pytest.fail(f"{program} is missing; .ci/run installs it")
    pytest.skip(f"{program} is not installed")
