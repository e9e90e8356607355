"""The other programs that tests talk to: a missing one is said aloud, and fails CI."""

from __future__ import annotations

import os
import shutil

import pytest

IN_CI = os.environ.get("CI") == "true"
"""Asked at import: a test's own environment has no CI."""

_ELSEWHERE = ":/usr/local/sbin:/usr/sbin:/sbin"


def require(program: str) -> str:
    """Return the program's path; where it is missing skip the test, or fail it in CI."""
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + _ELSEWHERE)
    if path is not None:
        return path
    if IN_CI:
        pytest.fail(f"{program} is missing; .ci/run installs it")
    pytest.skip(f"{program} is not installed")
