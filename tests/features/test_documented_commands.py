"""Command lines in the documents: each one gives the documented exit status or output."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.support.environment import ROOT
from tests.support.run import run

DOCUMENTS = ("exit-statuses.md", "expectations.md")
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r" ?\(?exit status (\d+)\)?")
_LINE = re.compile(r"(?P<command>.*\S)\s+# (?P<expected>.+)")


def documented_commands() -> list[tuple[str, str]]:
    found = []
    for name in DOCUMENTS:
        for block in _BLOCK.findall((ROOT / "docs" / name).read_text("utf-8")):
            for line in block.splitlines():
                match = _LINE.fullmatch(line)
                assert match is not None, f"{name}: no documented result for: {line}"
                found.append((match["command"], match["expected"]))
    return found


@pytest.mark.parametrize(("command", "expected"), documented_commands())
def test_documented_command_gives_the_documented_result(command: str, expected: str) -> None:
    program, *argv = shlex.split(command)
    result = run(*argv)
    assert program == "httpcli"
    status = _STATUS.search(expected)
    assert result.status == (int(status[1]) if status else 0), result
    if shown := _STATUS.sub("", expected):
        lines = result.text.strip().split("\n")
        assert shown == " ".join(lines) + (", on two lines" if len(lines) == 2 else "")


def test_documents_contain_commands() -> None:
    assert len(documented_commands()) > 25
