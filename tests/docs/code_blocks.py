"""Extracts every ``sh`` code block from the documents, as a script to run.

A block is run unchanged, line by line. ``# exit status N`` after a command is the
exit status to expect if it is not 0. Blocks of another language, or of none
(``console``, ``text``), are not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.support.environment import ROOT

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"#.*\bexit status (\d+)")
_RUN_BY_CI = ("# try\n", "# test\n")


class Block(NamedTuple):
    """One block: its document, the line where it begins, and its text."""

    document: str
    line: int
    script: str


def blocks() -> Iterator[Block]:
    """Return the runnable blocks of all documents."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text("utf-8")
        for match in _FENCE.finditer(text):
            language, script = match.groups()
            if language == "sh" and not script.startswith(_RUN_BY_CI):
                line = text.count("\n", 0, match.start()) + 1
                yield Block(path.relative_to(ROOT).as_posix(), line, script)


def checked(script: str) -> str:
    """Return the script with checks: it stops at the first command with an unexpected status."""
    lines = ["set -e"]
    for line in script.splitlines():
        status = _STATUS.search(line)
        if status is None:
            lines.append(line)
        else:
            command = line[: status.start()].rstrip()
            lines += [f"status=0; {command} || status=$?", f"[ $status -eq {status[1]} ]"]
    return "\n".join(lines) + "\n"
