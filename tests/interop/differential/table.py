"""Reads the tables of cases: one line, what two programs are given.

A line has five columns between `` | ``: a name, the part of HTTPie it is about
(``PARTS``), how it is run, the command, and on what it differs on purpose.

Run: ``pipe`` or ``pty`` is standard output. Standard input is a terminal, or
what follows: ``</dev/null``, ``<&-`` (closed), ``<name`` (a file) or ``<<text``
(a pipe). Command: words as a shell quotes them; ``URL`` and ``PORT`` stand for the
server's, ``␊`` and ``␍`` for the ends of lines; ``;;`` begins another command, run after
the first. The server sets the cookie of each query parameter ``set`` and sends elsewhere
with ``to``. Differs: empty where both must do
the same; else ``where: why`` (``WHERE``, joined by ``+``), and they must differ just there.
"""

from __future__ import annotations

import os
import shlex
from typing import NamedTuple

PARTS = {
    1: "the command line: method, URL, options",
    2: "request items",
    3: "nested JSON",
    4: "options",
    5: "default fields and bodies",
    11: "sessions",
    12: "authentication",
    13: "redirects",
    17: "standard input",
}
HANGS = "hangs"
WHERE = (HANGS, "status", "sent", "line", "fields", "body")
"""Hangs: HTTPie never ends. Status: kind of end. Sent: how many requests. The rest: of each."""

_HERE = os.path.dirname(__file__)
_ENDS = str.maketrans("␊␍", "\n\r")


class Case(NamedTuple):
    """A line of a table. ``differs`` is where, in WHERE's words; empty where nothing may."""

    name: str
    part: int
    output: str
    stdin: str
    command: str
    differs: frozenset[str]
    why: str

    def commands(self, port: int) -> list[list[str]]:
        """Return the words of each command, for a server at that port."""
        origin = f"http://127.0.0.1:{port}"
        return [
            [
                word.replace("URL", origin).replace("PORT", str(port)).translate(_ENDS)
                for word in shlex.split(command)
            ]
            for command in self.command.split(" ;; ")
        ]

    @property
    def typed(self) -> bytes:
        """What comes through the pipe of ``<<``."""
        return self.stdin.removeprefix("<<").translate(_ENDS).encode()


def cases() -> list[Case]:
    """Read all tables. Raises ValueError for a line that is not a case."""
    found: list[Case] = []
    for name in sorted(os.listdir(_HERE)):
        if name.endswith(".txt"):
            with open(os.path.join(_HERE, name), encoding="utf-8") as table:
                lines = [line.strip() for line in table]
            found += [_case(line, name) for line in lines if line and not line.startswith("#")]
    names = [case.name for case in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two cases have one name: {sorted(twice)}")
    return found


def _case(line: str, table: str) -> Case:
    columns = [column.strip() for column in f"{line} ".split(" | ", 4)]
    if len(columns) != 5:
        raise ValueError(f"{table}: not five columns: {line}")
    name, part, run, command, differs = columns
    output, _, stdin = run.partition(" ")
    where, _, why = differs.partition(": ")
    places = frozenset(where.split("+")) if differs else frozenset[str]()
    wrong = (
        output not in ("pipe", "pty")
        or bool(stdin and not stdin.startswith("<"))
        or int(part) not in PARTS
        or not places <= set(WHERE)
        or bool(differs and not why)
    )
    if wrong:
        raise ValueError(f"{table}: not a case: {line}")
    return Case(name, int(part), output, stdin.strip(), command, places, why)
