"""The program's source as the house tests read it: its modules, and what each imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support.environment import ROOT

PACKAGE = ROOT / "httpcli"
_ROW = re.compile(r"(httpcli(?:\.\w+)+):(\w+)")


class Import(NamedTuple):
    """One name that a module imports.

    ``module`` is the dotted name after ``from`` or ``import``, ``name`` what is
    taken from it (empty for a plain import); ``function`` is where it stands,
    empty at the top level; ``relative`` says that there were leading dots.
    """

    module: str
    name: str
    line: int
    function: str
    relative: bool

    @property
    def full(self) -> str:
        """Module and name with a dot between."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def is_of(self, library: str) -> bool:
        """Tell whether this is ``library`` or something in it."""
        return f"{self.full}.".startswith(f"{library}.")


class Module(NamedTuple):
    """A module of the program. ``place`` is its path below the package, with slashes."""

    name: str
    place: str
    text: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def room(self) -> str:
        """The folder on the house's plan; for a module at the top, the module."""
        return self.place.partition("/")[0].removesuffix(".py")

    @property
    def is_package(self) -> bool:
        """Whether it is an ``__init__``."""
        return self.place.endswith("__init__.py")

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What registry rows name: texts such as ``httpcli.room.file:Name``."""
        texts = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        found = (_ROW.fullmatch(text) for text in texts if isinstance(text, str))
        return [(match[1], match[2]) for match in found if match]


@cache
def modules() -> tuple[Module, ...]:
    """Read every module of the program."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def names() -> frozenset[str]:
    """Return the dotted names of all modules and packages of the program."""
    return frozenset(module.name for module in modules())


def targets(module: Module) -> Iterator[tuple[str, int]]:
    """Give each module of the program that ``module`` names, with the line.

    Registry rows count too (line 0): what they name is imported in the end.
    """
    known = names()
    for each in module.imports:
        if each.is_of("httpcli"):
            yield (each.full if each.full in known else each.module), each.line
    for row, _ in module.rows:
        yield row, 0


def _read(path: Path) -> Module:
    """Parse one file."""
    place = path.relative_to(PACKAGE).as_posix()
    dotted = path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".")
    text = path.read_text("utf-8")
    tree = ast.parse(text, str(path))
    return Module(dotted.removesuffix(".__init__"), place, text, tree, tuple(_imports(tree, "")))


def _imports(node: ast.AST, function: str) -> Iterator[Import]:
    """Give every import below ``node``, with the function that it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, "", child.lineno, function, relative=False)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                place = (child.module or "", alias.name, child.lineno, function)
                yield Import(*place, relative=child.level > 0)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(child, child.name)
        else:
            yield from _imports(child, function)
