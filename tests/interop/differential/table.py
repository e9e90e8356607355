"""Reads the tables of cases: one line, what two programs are given.

A line has columns between `` | ``: a name, the part of HTTPie it is about
(``PARTS``), how it is run, the command, and on what it differs on purpose.

Run: ``pipe`` or ``pty`` is standard output. Standard input is a terminal, or
what follows: ``</dev/null``, ``<&-`` (closed), ``<name`` (a file) or ``<<text``
(a pipe). Command: words as a shell quotes them, ``NAME=value`` before them; ``URL``
and ``PORT`` stand for the server's, ``␊`` and ``␍`` for the ends of lines; ``;;``
begins another command, run after the first. The server answers as ``server.py``
says. Differs: empty where both must do the same; else ``where: why`` (``WHERE``,
joined by ``+``), and they must differ just there.

Tables whose name begins with ``shown`` have one column more, before the command:
what the server answers instead (names of ``answers.py``, one a request; ``*`` behind
the last: from there on). Of their cases the output counts too.
"""

from __future__ import annotations

import os
import re
import shlex
from typing import NamedTuple

from tests.interop.differential.answers import ANSWERS

PARTS = {
    1: "the command line: method, URL, options",
    2: "request items",
    3: "nested JSON",
    4: "options",
    5: "default fields and bodies",
    6: "what is printed",
    7: "formatting and colours",
    8: "streams",
    9: "files",
    10: "quiet",
    11: "sessions",
    12: "authentication",
    13: "redirects",
    14: "offline",
    15: "the network",
    16: "exit statuses",
    17: "standard input",
    18: "errors",
    19: "configuration",
}
HANGS = "hangs"
_SENT = ("line", "fields", "body")
_SHOWN = ("out", "order", "colour", "told")
WHERE = (HANGS, "status", "sent", *_SENT, *_SHOWN)
"""Where two runs can differ.

Hangs: HTTPie never ends. Status: kind of end. Sent: how many requests; then of
each request. Out: standard output; order: nothing but the order of fields in
it; colour: coloured or not. Told: an error, a warning or nothing on stderr.
"""

_HERE = os.path.dirname(__file__)
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z_]+=[^=]")
_BAR = re.compile(r" \|(?= )")
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
    answers: tuple[str, ...] = ()
    shown: bool = False

    @property
    def env(self) -> dict[str, str]:
        """The variables that stand before the command; they are those of all that follow."""
        pairs = (word.partition("=") for word in _split(self.command)[0])
        return {name: value for name, _, value in pairs}

    def commands(self, port: int) -> list[list[str]]:
        """Return the words of each command, for a server at that port."""
        origin = f"http://127.0.0.1:{port}"
        return [
            [
                word.replace("URL", origin).replace("PORT", str(port)).translate(_ENDS)
                for word in _split(command)[1]
            ]
            for command in self.command.split(" ;; ")
        ]

    @property
    def typed(self) -> bytes:
        """What comes through the pipe of ``<<``."""
        return self.stdin.removeprefix("<<").translate(_ENDS).encode()


def _split(command: str) -> tuple[list[str], list[str]]:
    """Return the variables before a command, and its words."""
    words = shlex.split(command)
    begin = next((n for n, word in enumerate(words) if not _VARIABLE.match(word)), 0)
    return words[:begin], words[begin:]


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
    shown = table.startswith("shown")
    columns = [column.strip() for column in _BAR.split(f"{line} ", 5 if shown else 4)]
    if len(columns) != (6 if shown else 5):
        raise ValueError(f"{table}: not the right number of columns: {line}")
    answers = tuple(columns.pop(3).split()) if shown else ()
    name, part, run, command, differs = columns
    output, _, stdin = run.partition(" ")
    where, _, why = differs.partition(": ")
    places = frozenset(where.split("+")) if differs else frozenset[str]()
    wrong = (
        output not in ("pipe", "pty")
        or bool(stdin and not stdin.startswith("<"))
        or int(part) not in PARTS
        or not places <= set(WHERE)
        or not {answer.rstrip("*") for answer in answers} <= ANSWERS.keys()
        or bool(differs and not why)
    )
    if wrong:
        raise ValueError(f"{table}: not a case: {line}")
    return Case(name, int(part), output, stdin.strip(), command, places, why, answers, shown)
