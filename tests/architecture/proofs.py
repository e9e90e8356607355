"""Tests that documents name as proof."""

from __future__ import annotations

import importlib


def is_test(name: str) -> bool:
    """Return whether the test ``tests/FILE.py::NAME`` (or ``::CLASS::NAME``) exists."""
    path, *parts = name.split("::")
    target: object = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    for part in parts:
        target = getattr(target, part, None)
    return callable(target)
