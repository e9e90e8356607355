"""The other programs and libraries that tests need: a missing one is said aloud, and fails CI."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import pytest

IN_CI = os.environ.get("CI") == "true"
"""Asked at import: a test's own environment has no CI."""

_ELSEWHERE = ":/usr/local/sbin:/usr/sbin:/sbin"


def require_library(name: str) -> None:
    """Skip the test where a library of an extra is missing, or fail it in CI."""
    if find_spec(name) is None:
        complain = pytest.fail if IN_CI else pytest.skip
        complain(f"{name} is not installed")


def require_program(program: str) -> str:
    """Return the program's path; where it is missing skip the test, or fail it in CI."""
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + _ELSEWHERE)
    if path is not None:
        return path
    if IN_CI:
        pytest.fail(f"{program} is missing; .ci/run installs it")
    pytest.skip(f"{program} is not installed")
