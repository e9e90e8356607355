"""Every private name of aiohttp that the program uses is listed, and exists."""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module

import pytest

from httpcli.transport.aiohttp.private_names import PRIVATE_NAMES
from tests.architecture.source import Module, modules

PLACE = "transport/aiohttp/"
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
LIBRARIES = ("aiohttp", "multidict", "yarl", "aiohappyeyeballs", "aiodns", "python_socks")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def used(module: Module) -> set[str]:
    """Return the private attributes, attribute names in getattr, and modules that it uses."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            found.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and is_private(str(name.value)):
                found.add(str(name.value))
    return found | {
        each.module
        for each in module.imports
        if not each.is_of("httpcli") and any(map(is_private, each.full.split(".")))
    }


def classes(module: Module) -> list[ast.ClassDef]:
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]


def defined(owner: ast.ClassDef) -> set[str]:
    """Return the private attributes and methods that a class of the program defines."""
    found = {node.name for node in owner.body if isinstance(node, FUNCTIONS)}
    for node in ast.walk(owner):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif ast.unparse(node.value) == "self":
                found.add(node.attr)
    return set(filter(is_private, found))


def shared_with_a_library(module: Module) -> set[str]:
    """Return the private names of its classes that a base class from a library has, too."""
    found = set()
    for node in classes(module):
        owner = getattr(import_module(module.name), node.name)
        bases = [base for base in owner.__mro__ if base.__module__.startswith(LIBRARIES)]
        found |= {name for name in defined(node) if any(has(base, name) for base in bases)}
    return found


def has(owner: type, name: str) -> bool:
    """Return whether instances of a class have an attribute, also one set in a method."""
    return hasattr(owner, name) or bool(
        re.search(rf"\bself\.{name}\b[^=\n]*=", inspect.getsource(owner))
    )


def foreign(module: Module) -> set[str]:
    """Return the private names of libraries that a module uses or overrides."""
    own = set().union(*map(defined, classes(module)), {"_replace"})
    return (used(module) - own) | shared_with_a_library(module)


def uses_a_library(module: Module) -> bool:
    return any(each.is_of(library) for each in module.imports for library in LIBRARIES)


def listed() -> set[str]:
    return {
        name if is_private(name.split(".")[1]) else name.rpartition(".")[2]
        for name in PRIVATE_NAMES
    }


def test_list_is_complete_and_has_no_unused_name() -> None:
    places = [module for module in modules() if module.path.startswith(PLACE)]
    assert set().union(*map(foreign, places)) == listed()


def test_no_other_package_uses_a_private_name_of_a_library() -> None:
    assert not [
        f"{module.path}: {name}"
        for module in modules()
        if not module.path.startswith(PLACE) and uses_a_library(module)
        for name in foreign(module)
    ]


@pytest.mark.parametrize("name", PRIVATE_NAMES)
def test_installed_library_has_the_name(name: str) -> None:
    if is_private(name.split(".")[1]):
        import_module(name)
        return
    place, owner, attribute = name.rsplit(".", 2)
    assert has(getattr(import_module(place), owner), attribute)
