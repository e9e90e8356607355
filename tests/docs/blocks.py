"""The commands in the project's documents: every block of ``sh``, as a script.

A block is run as it stands, line by line. ``# exit status N`` behind a command
says what it ends with, where that is not 0. A block of another language, or of
none (``console``, ``text``), is for reading.
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
    """One block: the document, the line it begins at, and what stands in it."""

    document: str
    line: int
    script: str


def blocks() -> Iterator[Block]:
    """Return the blocks of all documents that are meant to be run."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text("utf-8")
        for match in _FENCE.finditer(text):
            language, script = match.groups()
            if language == "sh" and not script.startswith(_RUN_BY_CI):
                line = text.count("\n", 0, match.start()) + 1
                yield Block(path.relative_to(ROOT).as_posix(), line, script)


def checked(script: str) -> str:
    """Return the script with every expected failure made a success, and any other one an end."""
    lines = ["set -e"]
    for line in script.splitlines():
        status = _STATUS.search(line)
        if status is None:
            lines.append(line)
        else:
            command = line[: status.start()].rstrip()
            lines += [f"status=0; {command} || status=$?", f"[ $status -eq {status[1]} ]"]
    return "\n".join(lines) + "\n"
