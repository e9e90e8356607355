"""What documents name as their proof."""

from __future__ import annotations

import importlib


def is_a_test(name: str) -> bool:
    """Tell whether ``tests/FILE.py::NAME`` (or ``::CLASS::NAME``) can be run."""
    path, *parts = name.split("::")
    found: object = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    for part in parts:
        found = getattr(found, part, None)
    return callable(found)
