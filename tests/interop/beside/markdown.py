"""Formats the comparison table for the README."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping

from tests.interop.beside.runner import HTTPCLI_NAME, PROGRAMS, Program
from tests.interop.beside.table import ROWS

BEGIN = "<!-- peers -->\n"
END = "<!-- end of peers -->\n"

PEERS = tuple(program for program in PROGRAMS if program.name != HTTPCLI_NAME)

_NOT_OFFERED = "\u2013"
_ANSWERS = {True: "yes", False: "no", None: _NOT_OFFERED}
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_EXPLANATION = f"""\
Each was asked with those of its own options that serve it best; {_NOT_OFFERED} says that it has no
such thing. `tests/interop/test_comparison_table.py` runs every cell again. The versions:
"""


def block(versions: Mapping[str, str]) -> str:
    """Return the text between the markers; ``versions`` maps the names of programs to versions."""
    names = [program.name for program in PROGRAMS]
    lines = [_line("", *names), _line("---", *("---" for _ in names))]
    lines += [
        _line(row.question, *(_ANSWERS[row.cells[name].answer] for name in names)) for row in ROWS
    ]
    output = ", ".join(f"{program.name} {versions[program.name]}" for program in PEERS)
    return "\n".join([*lines, "", f"{_EXPLANATION}{output}.", ""])


def _line(*columns: str) -> str:
    return f"| {' | '.join(columns)} |"


def version(program: Program) -> str:
    """Run a program to get its version."""
    command = [program.command()[0], "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = _VERSION.search(output)
    assert found is not None, output
    return found[0]


def versions_in(text: str) -> dict[str, str]:
    """Return the versions that a document names."""
    found = {
        program.name: re.search(rf"\b{program.name} ({_VERSION.pattern})", text)
        for program in PEERS
    }
    return {name: match[1] for name, match in found.items() if match is not None}
