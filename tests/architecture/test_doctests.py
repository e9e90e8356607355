"""Runs the examples in docstrings, so that they follow renamed functions."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import httpcli

_ROOT = Path(httpcli.__file__).parent.parent
_MODULES = [
    ".".join(path.relative_to(_ROOT).with_suffix("").parts)
    for path in sorted(Path(httpcli.__file__).parent.rglob("*.py"))
    if ">>> " in path.read_text("utf-8")
]


@pytest.mark.parametrize("name", _MODULES)
def test_examples_in_docstrings_are_right(name: str) -> None:
    result = doctest.testmod(import_module(name), raise_on_error=False)
    assert result.attempted > 0
    assert result.failed == 0, f"python -m doctest {name}"
