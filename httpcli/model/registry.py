"""Registry rows are text, ``module:name``: what a run does not use is not loaded."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def load(row: str) -> Any:
    """Import what a row names."""
    module, _, name = row.partition(":")
    return getattr(import_module(module), name)
