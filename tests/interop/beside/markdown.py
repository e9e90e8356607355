"""The table as the README has it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

from tests.interop.beside.seat import ONES_OWN, PROGRAMS, Program
from tests.interop.beside.table import ROWS

BEGIN = "<!-- peers -->\n"
END = "<!-- end of peers -->\n"

PEERS = tuple(program for program in PROGRAMS if program.name != ONES_OWN)

_NOTHING = "\u2013"
_ANSWERS = {True: "yes", False: "no", None: _NOTHING}
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_HOW = f"""\
Each was asked with those of its own options that serve it best; {_NOTHING} says that it has no
such thing. `tests/interop/test_beside_peers.py` runs every cell again. The versions:
"""


def block(versions: Mapping[str, str]) -> str:
    """Return what stands between the marks; ``versions`` are by the name of a peer."""
    names = [program.name for program in PROGRAMS]
    lines = [_line("", *names), _line("---", *("---" for _ in names))]
    lines += [
        _line(row.question, *(_ANSWERS[row.cells[name].answer] for name in names)) for row in ROWS
    ]
    told = ", ".join(f"{program.name} {versions[program.name]}" for program in PEERS)
    return "\n".join([*lines, "", f"{_HOW}{told}.", ""])


def _line(*columns: str) -> str:
    return f"| {' | '.join(columns)} |"


def version(program: Program) -> str:
    """Ask a program for its version."""
    command = [program.command()[0], "--version"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = _VERSION.search(told)
    assert found is not None, told
    return found[0]


def versions_in(text: str) -> dict[str, str]:
    """Return the versions that a document says it is about."""
    found = {
        program.name: re.search(rf"\b{program.name} ({_VERSION.pattern})", text)
        for program in PEERS
    }
    return {name: match[1] for name, match in found.items() if match is not None}
