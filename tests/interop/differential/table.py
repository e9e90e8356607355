"""Reads the tables of cases: each line is a command that both programs run.

A line has these columns, separated by `` | ``:

- the name of the case;
- the part of HTTPie that it tests (a number in ``PARTS``);
- stdout (``pipe`` or ``pty``) and stdin: a terminal by default, or ``</dev/null``,
  ``<&-`` (closed), ``<name`` (a file), ``<<text`` (a pipe);
- the command, quoted as in a shell, with ``NAME=value`` for variables first. ``URL`` and
  ``PORT`` are the server's, ``␊`` and ``␍`` are line ends. ``;;`` separates commands that
  are run one after the other;
- the intended difference: empty if both must do the same, else ``where: why`` (aspects of
  ``WHERE``, joined by ``+``). Then they must differ in exactly these aspects.

The server responds as described in ``server.py``. Tables whose name begins with
``output`` have one more column before the command: names of responses in
``responses.py``, one for each request (``*`` after the last: for all further ones). For
their cases the output is compared too.
"""

from __future__ import annotations

import os
import re
import shlex
from typing import NamedTuple

from tests.interop.differential.responses import RESPONSES

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
_OUTPUT = ("out", "order", "colour", "messages")
WHERE = (HANGS, "status", "sent", *_SENT, *_OUTPUT)
"""The aspects in which two runs can differ.

``hangs``: HTTPie never exits. ``status``: the kind of exit status. ``sent``: the number of
requests. ``line``, ``fields``, ``body``: those of a request. ``out``: stdout. ``order``:
only the order of headers in stdout. ``colour``: coloured or not. ``messages``: the errors
and warnings on stderr.
"""

_HERE = os.path.dirname(__file__)
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z_]+=[^=]")
_BAR = re.compile(r" \|(?= )")
_ENDS = str.maketrans("␊␍", "\n\r")


class Case(NamedTuple):
    """A line of a table. ``differs`` has the aspects (``WHERE``) that must differ."""

    name: str
    part: int
    output: str
    stdin: str
    command: str
    differs: frozenset[str]
    why: str
    responses: tuple[str, ...] = ()
    compares_output: bool = False

    @property
    def env(self) -> dict[str, str]:
        """The variables before the first command; they apply to all commands of the case."""
        pairs = (word.partition("=") for word in _split(self.command)[0])
        return {name: value for name, _, value in pairs}

    def commands(self, port: int) -> list[list[str]]:
        """Return the arguments of each command, for a server at this port."""
        origin = f"http://127.0.0.1:{port}"
        return [
            [
                word.replace("URL", origin).replace("PORT", str(port)).translate(_ENDS)
                for word in _split(command)[1]
            ]
            for command in self.command.split(" ;; ")
        ]

    @property
    def stdin_bytes(self) -> bytes:
        """The bytes that ``<<`` writes to the pipe."""
        return self.stdin.removeprefix("<<").translate(_ENDS).encode()


def _split(command: str) -> tuple[list[str], list[str]]:
    """Return the variables before a command, and its arguments."""
    words = shlex.split(command)
    begin = next((n for n, word in enumerate(words) if not _VARIABLE.match(word)), 0)
    return words[:begin], words[begin:]


def cases() -> list[Case]:
    """Read all tables. Raises ValueError for an invalid line."""
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
    compares_output = table.startswith("output")
    columns = [column.strip() for column in _BAR.split(f"{line} ", 5 if compares_output else 4)]
    if len(columns) != (6 if compares_output else 5):
        raise ValueError(f"{table}: not the right number of columns: {line}")
    responses = tuple(columns.pop(3).split()) if compares_output else ()
    name, part, run, command, differs = columns
    output, _, stdin = run.partition(" ")
    where, _, why = differs.partition(": ")
    places = frozenset(where.split("+")) if differs else frozenset[str]()
    wrong = (
        output not in ("pipe", "pty")
        or bool(stdin and not stdin.startswith("<"))
        or int(part) not in PARTS
        or not places <= set(WHERE)
        or not {response.rstrip("*") for response in responses} <= RESPONSES.keys()
        or bool(differs and not why)
    )
    if wrong:
        raise ValueError(f"{table}: not a case: {line}")
    return Case(
        name, int(part), output, stdin.strip(), command, places, why, responses, compares_output
    )
