"""CI finds the two commands that it runs in the README."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.environment import ROOT


def command(name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / ".ci" / "readme-command"), name], capture_output=True, text=True, timeout=10
    )


@pytest.mark.parametrize(("name", "part"), [("try", "httpcli POST echo:"), ("test", "pytest")])
def test_readme_has_the_command_that_ci_runs(name: str, part: str) -> None:
    assert part in command(name).stdout


def test_missing_command_fails_ci() -> None:
    result = command("no-such-command")
    assert result.returncode == 1
    assert "no-such-command" in result.stderr
