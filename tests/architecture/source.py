"""The source of httpcli for the architecture tests: its modules and their imports."""

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
        """Module and name, joined with a dot."""
        return f"{self.module}.{self.name}" if self.name else self.module

    def is_of(self, library: str) -> bool:
        """Return whether this imports ``library`` or something in it."""
        return f"{self.full}.".startswith(f"{library}.")


class Module(NamedTuple):
    """A module of httpcli."""

    name: str
    path: str
    """Path below ``httpcli/``, with slashes."""
    text: str
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def package(self) -> str:
        """The package in ``LAYERS``; for a top-level module, its own name."""
        return package_of(self.name)

    @property
    def is_package(self) -> bool:
        """Whether it is an ``__init__``."""
        return self.path.endswith("__init__.py")

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The registry rows: strings such as ``httpcli.package.module:Name``."""
        texts = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        matches = (_ROW.fullmatch(text) for text in texts if isinstance(text, str))
        return [(match[1], match[2]) for match in matches if match]


def package_of(module_name: str) -> str:
    """Return the package in ``LAYERS`` that a module belongs to: the longest name that fits."""
    dotted = module_name.removeprefix("httpcli").removeprefix(".")
    packages = (package for layer in LAYERS for package in layer)
    matches = [name for name in packages if f"{dotted}.".startswith(f"{name}." if name else ".")]
    return max(matches, key=len, default=dotted)


@cache
def modules() -> tuple[Module, ...]:
    """Parse every module of httpcli."""
    return tuple(_parse(path) for path in sorted(PACKAGE.rglob("*.py")))


def module_names() -> frozenset[str]:
    """Return the dotted names of all modules and packages of httpcli."""
    return frozenset(module.name for module in modules())


def targets(module: Module) -> Iterator[tuple[str, int]]:
    """Yield each module of httpcli that ``module`` imports, with the line of the import.

    The modules in registry rows are yielded with line 0, because they are imported later.
    """
    known = module_names()
    for imported in module.imports:
        if imported.is_of("httpcli"):
            yield (imported.full if imported.full in known else imported.module), imported.line
    for target, _ in module.rows:
        yield target, 0


def _parse(path: Path) -> Module:
    """Parse one file."""
    relative = path.relative_to(PACKAGE).as_posix()
    dotted = path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".")
    text = path.read_text("utf-8")
    tree = ast.parse(text, str(path))
    return Module(
        dotted.removesuffix(".__init__"), relative, text, tree, tuple(_imports(tree, ""))
    )


def _imports(node: ast.AST, function: str) -> Iterator[Import]:
    """Yield every import below ``node``. ``function`` is the function that contains the node."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, "", child.lineno, function, relative=False)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                source = (child.module or "", alias.name, child.lineno, function)
                yield Import(*source, relative=child.level > 0)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(child, child.name)
        else:
            yield from _imports(child, function)
