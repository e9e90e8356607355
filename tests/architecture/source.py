"""The program's source as the architecture tests read it: modules and their imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.architecture.layers import LAYERS
from tests.support.environment import ROOT

PACKAGE = ROOT / "httpcli"
_ROW = re.compile(r"(httpcli(?:\.\w+)+):(\w+)")


class Import(NamedTuple):
    """One name that a module imports."""

    module: str
    """The dotted name after ``from`` or ``import``."""
    name: str
    """The name imported from it; empty for a plain ``import``."""
    line: int
    function: str
    """The function that contains the import; empty at the top level."""
    relative: bool
    """Whether the import has leading dots."""

    @property
    def full(self) -> str:
        """Module and name with a dot between."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def is_of(self, library: str) -> bool:
        """Tell whether this is ``library`` or something in it."""
        return f"{self.full}.".startswith(f"{library}.")


class Module(NamedTuple):
    """A module of the program."""

    name: str
    place: str
    """Path below ``httpcli/``, with slashes."""
    text: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def package(self) -> str:
        """The package in ``LAYERS``; of a module at the top, its own name."""
        return package_of(self.name)

    @property
    def is_package(self) -> bool:
        """Whether it is an ``__init__``."""
        return self.place.endswith("__init__.py")

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The registry rows: strings such as ``httpcli.package.module:Name``."""
        texts = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        found = (_ROW.fullmatch(text) for text in texts if isinstance(text, str))
        return [(match[1], match[2]) for match in found if match]


def package_of(name: str) -> str:
    """Return the package in ``LAYERS`` that a module belongs to: the longest name that fits."""
    dotted = name.removeprefix("httpcli").removeprefix(".")
    packages = (package for layer in LAYERS for package in layer)
    fitting = [each for each in packages if f"{dotted}.".startswith(f"{each}." if each else ".")]
    return max(fitting, key=len, default=dotted)


@cache
def modules() -> tuple[Module, ...]:
    """Read every module of the program."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def names() -> frozenset[str]:
    """Return the dotted names of all modules and packages of the program."""
    return frozenset(module.name for module in modules())


def targets(module: Module) -> Iterator[tuple[str, int]]:
    """Yield each module of the program that ``module`` imports, with the line.

    Registry rows count too (line 0): the module that they name is imported later.
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
