"""Every command line of these documents does what stands beside it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.run import process

DOCUMENTS = ("exit-statuses.md", "expectations.md")
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"(?P<command>.*\S)\s+# (?P<promise>.+)")
_HTTPCLI = f'httpcli() {{ {sys.executable} -m httpcli "$@"; }}; '


def commands() -> list[tuple[str, str]]:
    found = []
    for name in DOCUMENTS:
        for block in _BLOCK.findall((ROOT / "docs" / name).read_text("utf-8")):
            for line in block.splitlines():
                match = _LINE.fullmatch(line)
                assert match is not None, f"{name}: nothing is promised of: {line}"
                found.append((match["command"], match["promise"]))
    return found


@pytest.mark.parametrize(("command", "promise"), commands())
def test_a_documented_command_keeps_its_promise(
    command: str, promise: str, tmp_path: Path
) -> None:
    result = process("-c", _HTTPCLI + command, program=["/bin/sh"], cwd=tmp_path)
    if promise.startswith("exit: "):
        assert result.status == int(promise.removeprefix("exit: ")), result
    else:
        assert result.text.strip() == promise, result


def test_the_documents_have_command_lines() -> None:
    assert len(commands()) > 25
