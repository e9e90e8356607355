"""Pictures of the terminal: a real run on a pty, drawn as SVG.

pyte emulates the terminal, so a picture shows the screen at one moment, progress
bars included. rich draws it.
"""

from __future__ import annotations

import re
import shlex
from io import StringIO
from typing import NamedTuple

import pyte
from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.support.terminal import Terminal

COLUMNS = 92
_ROWS = 60
_WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_NAMES = {"brown": "yellow", "brightbrown": "bright_yellow"}


class Picture(NamedTuple):
    """What to draw: the command line, and when (at the end, or as soon as ``moment`` appears)."""

    name: str
    typed: str
    moment: str = ""


def draw(picture: Picture, env: dict[str, str], cwd: str) -> str:
    """Run the command and return the SVG."""
    screen = pyte.Screen(COLUMNS, _ROWS)
    words = shlex.split(picture.typed)[1:]
    with Terminal(*words, columns=COLUMNS, rows=_ROWS, env=env, cwd=cwd) as terminal:
        if picture.moment:
            terminal.read_until(picture.moment)
        else:
            terminal.wait()
        pyte.ByteStream(screen).feed(terminal.raw)
    lines = [Text.assemble(("$ ", "bold green"), picture.typed), *_lines(screen)]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(record=True, width=COLUMNS, file=StringIO(), color_system="truecolor")
    for line in lines:
        console.print(line, no_wrap=line is not lines[0], crop=True)
    # Remove rich's web fonts: a viewer would fetch them from the network.
    svg = console.export_svg(title="httpcli", unique_id=picture.name)
    return "\n".join(line.rstrip() for line in _WEB_FONT.sub("", svg).splitlines()) + "\n"


def _lines(screen: pyte.Screen) -> list[Text]:
    lines = []
    for row in range(screen.lines):
        line = Text()
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            line.append(cell.data, _style(cell))
        line.rstrip()
        lines.append(line)
    return lines


def _style(cell: Char) -> Style:
    colours = (None if name == "default" else _colour(name) for name in (cell.fg, cell.bg))
    front, back = colours
    return Style(
        color=front,
        bgcolor=back,
        bold=cell.bold or None,
        italic=cell.italics or None,
        underline=cell.underscore or None,
        reverse=cell.reverse or None,
    )


def _colour(name: str) -> str:
    if re.fullmatch("[0-9a-f]{6}", name):
        return f"#{name}"
    return _NAMES.get(name, re.sub("^bright", "bright_", name))
