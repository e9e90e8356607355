from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module

import pytest

from tests.architecture import layers
from tests.architecture.source import Import, Module, module_names, modules, package_of, targets
from tests.support.environment import ROOT

LAYER_OF = {
    package: -depth for depth, packages in enumerate(layers.LAYERS) for package in packages
}


def all_imports() -> Iterator[tuple[Module, Import]]:
    for module in modules():
        for imported in module.imports:
            yield module, imported


def test_every_package_has_a_layer() -> None:
    assert {module.package for module in modules()} <= set(LAYER_OF)


def test_imports_go_down_only() -> None:
    assert not [
        f"{module.path}:{line} imports {target}, which is not in a lower layer"
        for module in modules()
        for target, line in targets(module)
        if package_of(target) != module.package
        and LAYER_OF[package_of(target)] >= LAYER_OF[module.package]
    ]


def test_imports_form_no_circle() -> None:
    graph = {
        module.name: {target for target, line in targets(module) if line} - {module.name}
        for module in modules()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_only_its_adapter_imports_a_library() -> None:
    assert not [
        f"{module.path}:{imported.line} imports {imported.full}"
        for module, imported in all_imports()
        if not is_allowed(module, imported)
    ]


def is_allowed(module: Module, imported: Import) -> bool:
    for library, adapters in layers.ADAPTERS.items():
        if imported.is_of(library):
            return any(module.path.startswith(adapter) for adapter in adapters)
    return imported.is_of("httpcli") or imported.module.partition(".")[0] in layers.STANDARD


def test_pyproject_declares_every_library() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    used_extras = ("dns", "interactive", "schema", "socks")
    requirements = [
        *project["dependencies"],
        *(requirement for name in used_extras for requirement in extras[name]),
    ]
    declared = {re.split(r"[^\w.-]", requirement.lower())[0] for requirement in requirements}
    assert {layers.INSTALLED_WITH.get(library, library) for library in layers.ADAPTERS} <= declared


def test_every_adapter_exists() -> None:
    paths = [module.path for module in modules()]
    assert not [
        adapter
        for adapters in layers.ADAPTERS.values()
        for adapter in adapters
        if not any(path.startswith(adapter) for path in paths)
    ]


def test_core_needs_only_the_standard_library() -> None:
    assert not [
        f"{module.path}:{imported.line} imports {imported.full}"
        for module, imported in all_imports()
        if module.package == "core"
        and not imported.is_of("httpcli.core")
        and not imported.is_of("idna")
        and imported.module.partition(".")[0] not in layers.STANDARD
    ]


def test_pure_packages_import_nothing_that_does_io() -> None:
    assert not [
        f"{module.path}:{imported.line} imports {imported.full}"
        for module, imported in all_imports()
        if module.package in layers.PURE
        and (
            any(imported.is_of(library) for library in layers.IO_MODULES)
            or imported.full in layers.AMBIENT_STATE
        )
    ]


def test_pure_packages_use_no_ambient_state() -> None:
    assert not [
        f"{module.path}:{line} uses {use}"
        for module in modules()
        if module.package in layers.PURE
        for line, use in ambient_uses(module.tree)
    ]


def ambient_uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in layers.IO_BUILTINS:
                yield node.lineno, f"{node.func.id}()"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in layers.AMBIENT_STATE:
            yield node.lineno, ast.unparse(node)


def test_imports_are_absolute() -> None:
    assert not [
        f"{module.path}:{imported.line}" for module, imported in all_imports() if imported.relative
    ]


def test_names_are_imported_from_the_module_that_defines_them() -> None:
    packages = {each.name for each in modules() if each.is_package} - {"httpcli"}
    assert not [
        f"{module.path}:{imported.line} imports {imported.full}"
        for module, imported in all_imports()
        if imported.module in packages and imported.full not in module_names()
    ]


def test_only_lazy_load_imports_by_name() -> None:
    assert not [
        module.path
        for module in modules()
        if module.name not in layers.LOADERS
        and ("__import__" in module.text or any(map(imports_by_name, module.imports)))
    ]


def imports_by_name(imported: Import) -> bool:
    return imported.is_of("importlib") and not imported.is_of("importlib.metadata")


def test_load_gets_registry_rows_only() -> None:
    """With a literal string, a normal import is possible, which editors and mypy can follow."""
    assert not [
        f"{module.path}:{node.lineno}"
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
    lengths = {module.path: len(module.text.splitlines()) for module in modules()}
    assert not {path: length for path, length in lengths.items() if length > layers.LONGEST_MODULE}


def test_every_module_has_a_docstring() -> None:
    assert not [
        module.path
        for module in modules()
        if not module.is_package and not ast.get_docstring(module.tree)
    ]


def test_package_init_files_are_empty() -> None:
    assert not [
        module.path
        for module in modules()
        if module.is_package and module.name != "httpcli" and module.text
    ]
