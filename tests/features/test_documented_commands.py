"""What these documents promise of each command line: its exit status, or what it writes."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.support.environment import ROOT
from tests.support.run import run

DOCUMENTS = ("exit-statuses.md", "expectations.md")
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r" ?\(?exit status (\d+)\)?")
_LINE = re.compile(r"(?P<command>.*\S)\s+# (?P<promise>.+)")


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
def test_a_documented_command_keeps_its_promise(command: str, promise: str) -> None:
    program, *argv = shlex.split(command)
    result = run(*argv)
    assert program == "httpcli"
    status = _STATUS.search(promise)
    assert result.status == (int(status[1]) if status else 0), result
    if shown := _STATUS.sub("", promise):
        lines = result.text.strip().split("\n")
        assert shown == " ".join(lines) + (", on two lines" if len(lines) == 2 else "")


def test_the_documents_have_command_lines() -> None:
    assert len(commands()) > 25
