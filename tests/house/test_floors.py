from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module

import pytest

from tests.house import plan
from tests.house.source import Import, Module, modules, names, targets
from tests.support.environment import ROOT


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def every_import() -> Iterator[tuple[Module, Import]]:
    for module in modules():
        for each in module.imports:
            yield module, each


def test_every_room_is_on_the_plan() -> None:
    assert {module.room for module in modules()} <= set(plan.FLOORS)


def test_a_module_imports_only_from_lower_floors() -> None:
    assert not [
        f"{module.place}:{line} (floor {plan.FLOORS[module.room]}) imports "
        f"{target} (floor {plan.FLOORS[room_of(target)]})"
        for module in modules()
        for target, line in targets(module)
        if room_of(target) != module.room
        and (module.room, room_of(target)) not in plan.ALONG_A_FLOOR
        and plan.FLOORS[room_of(target)] >= plan.FLOORS[module.room]
    ]


def test_no_imports_run_in_a_circle() -> None:
    graph = {
        module.name: {target for target, line in targets(module) if line} - {module.name}
        for module in modules()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_a_library_is_imported_only_behind_its_door() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if not may(module, each)
    ]


def may(module: Module, each: Import) -> bool:
    for library, doors in plan.DOORS.items():
        if each.is_of(library):
            return any(module.place.startswith(door) for door in doors)
    return each.is_of("httpcli") or each.module.partition(".")[0] in plan.STANDARD


def test_a_library_behind_a_door_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    names = ("dns", "interactive", "schema", "socks")
    brought = [*project["dependencies"], *(each for name in names for each in extras[name])]
    declared = {re.split(r"[^\w.-]", each.lower())[0] for each in brought}
    behind = [library for library, doors in plan.DOORS.items() if doors]
    assert {plan.BROUGHT_BY.get(library, library) for library in behind} <= declared


def test_a_door_is_where_the_plan_says() -> None:
    places = [module.place for module in modules()]
    assert not [
        door
        for doors in plan.DOORS.values()
        for door in doors
        if not any(place.startswith(door) for place in places)
    ]


def test_the_ground_floor_stands_on_the_standard_library_alone() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if module.room == "model"
        and not each.is_of("httpcli.model")
        and each.module.partition(".")[0] not in plan.STANDARD
    ]


def test_a_pure_room_imports_nothing_that_acts() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if module.room in plan.PURE
        and (
            any(each.is_of(library) for library in plan.NOT_IN_PURE_ROOMS)
            or each.full in plan.AMBIENT
        )
    ]


def test_a_pure_room_asks_nobody_and_tells_nobody() -> None:
    assert not [
        f"{module.place}:{line} says {what}"
        for module in modules()
        if module.room in plan.PURE
        for line, what in ambient(module.tree)
    ]


def ambient(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in plan.ACTING_BUILTINS:
                yield node.lineno, f"{node.func.id}()"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in plan.AMBIENT:
            yield node.lineno, ast.unparse(node)


def test_imports_are_absolute() -> None:
    assert not [f"{module.place}:{each.line}" for module, each in every_import() if each.relative]


def test_an_import_names_the_file_that_owns_the_name() -> None:
    packages = {each.name for each in modules() if each.is_package} - {"httpcli"}
    assert not [
        f"{module.place}:{each.line} imports {each.full}"
        for module, each in every_import()
        if each.module in packages and each.full not in names()
    ]


def test_an_import_stands_at_the_top_unless_the_module_is_a_seam() -> None:
    assert not [
        f"{module.place}:{each.line} imports {each.full} in {each.function}()"
        for module, each in every_import()
        if each.function and module.name not in plan.SEAMS
    ]


def test_only_the_registry_imports_by_name() -> None:
    assert not [
        module.place
        for module in modules()
        if module.name not in plan.LOADERS
        and ("__import__" in module.text or any(i.is_of("importlib") for i in module.imports))
    ]


def test_every_registry_row_names_something() -> None:
    rows = {row for module in modules() for row in module.rows}
    assert len(rows) > 100
    assert not [row for row in rows if not hasattr(import_module(row[0]), row[1])]


def test_a_file_is_short_enough_to_read() -> None:
    lengths = {module.place: len(module.text.splitlines()) for module in modules()}
    assert not {place: n for place, n in lengths.items() if n > plan.LONGEST_FILE}


def test_a_module_opens_with_its_purpose() -> None:
    assert not [
        module.place
        for module in modules()
        if not module.is_package and not ast.get_docstring(module.tree)
    ]


def test_a_package_has_no_face_of_its_own() -> None:
    assert not [
        module.place
        for module in modules()
        if module.is_package and module.name != "httpcli" and module.text
    ]
