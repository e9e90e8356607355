from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module

import pytest

from tests.architecture import layers
from tests.architecture.source import Import, Module, modules, names, package_of, targets
from tests.support.environment import ROOT

HEIGHT = {package: -depth for depth, packages in enumerate(layers.LAYERS) for package in packages}


def every_import() -> Iterator[tuple[Module, Import]]:
    for module in modules():
        for each in module.imports:
            yield module, each


def test_every_package_has_a_layer() -> None:
    assert {module.package for module in modules()} <= set(HEIGHT)


def test_imports_go_down_only() -> None:
    assert not [
        f"{module.place}:{line} imports {target}, which is not in a lower layer"
        for module in modules()
        for target, line in targets(module)
        if (line or module.package != "cli.commands")
        and package_of(target) != module.package
        and HEIGHT[package_of(target)] >= HEIGHT[module.package]
    ]


def test_imports_form_no_circle() -> None:
    graph = {
        module.name: {target for target, line in targets(module) if line} - {module.name}
        for module in modules()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_only_its_adapter_imports_a_library() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if not is_allowed(module, each)
    ]


def is_allowed(module: Module, each: Import) -> bool:
    for library, adapters in layers.ADAPTERS.items():
        if each.is_of(library):
            return any(module.place.startswith(adapter) for adapter in adapters)
    return each.is_of("httpcli") or each.module.partition(".")[0] in layers.STANDARD


def test_pyproject_declares_every_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    chosen = ("dns", "interactive", "schema", "socks")
    lines = [*project["dependencies"], *(each for name in chosen for each in extras[name])]
    declared = {re.split(r"[^\w.-]", each.lower())[0] for each in lines}
    assert {layers.BROUGHT_BY.get(library, library) for library in layers.ADAPTERS} <= declared


def test_every_adapter_exists() -> None:
    places = [module.place for module in modules()]
    assert not [
        adapter
        for adapters in layers.ADAPTERS.values()
        for adapter in adapters
        if not any(place.startswith(adapter) for place in places)
    ]


def test_core_needs_only_the_standard_library() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if module.package == "core"
        and not each.is_of("httpcli.core")
        and not each.is_of("idna")
        and each.module.partition(".")[0] not in layers.STANDARD
    ]


def test_pure_packages_import_nothing_that_does_io() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if module.package in layers.PURE
        and (
            any(each.is_of(library) for library in layers.NOT_IN_PURE_PACKAGES)
            or each.full in layers.AMBIENT
        )
    ]


def test_pure_packages_use_no_ambient_state() -> None:
    assert not [
        f"{module.place}:{line} uses {what}"
        for module in modules()
        if module.package in layers.PURE
        for line, what in ambient_uses(module.tree)
    ]


def ambient_uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in layers.ACTING_BUILTINS:
                yield node.lineno, f"{node.func.id}()"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in layers.AMBIENT:
            yield node.lineno, ast.unparse(node)


def test_imports_are_absolute() -> None:
    assert not [f"{module.place}:{each.line}" for module, each in every_import() if each.relative]


def test_an_import_names_the_module_that_defines_the_name() -> None:
    packages = {each.name for each in modules() if each.is_package} - {"httpcli"}
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if each.module in packages and each.full not in names()
    ]


def test_only_entry_points_imports_by_name() -> None:
    assert not [
        module.place
        for module in modules()
        if module.name not in layers.LOADERS
        and ("__import__" in module.text or any(map(imports_by_name, module.imports)))
    ]


def imports_by_name(each: Import) -> bool:
    return each.is_of("importlib") and not each.is_of("importlib.metadata")


def test_load_gets_registry_rows_only() -> None:
    """A literal string would hide from editors and mypy an import that could be written."""
    assert not [
        f"{module.place}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "load"
        and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    ]


def test_every_registry_row_can_be_loaded() -> None:
    rows = {row for module in modules() for row in module.rows}
    assert len(rows) > 60
    assert not [row for row in rows if not hasattr(import_module(row[0]), row[1])]


def test_modules_are_not_too_long() -> None:
    lengths = {module.place: len(module.text.splitlines()) for module in modules()}
    assert not {place: n for place, n in lengths.items() if n > layers.LONGEST_MODULE}


def test_every_module_has_a_docstring() -> None:
    assert not [
        module.place
        for module in modules()
        if not module.is_package and not ast.get_docstring(module.tree)
    ]


def test_package_init_files_are_empty() -> None:
    assert not [
        module.place
        for module in modules()
        if module.is_package and module.name != "httpcli" and module.text
    ]
