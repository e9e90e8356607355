"""Registry rows are text, ``module:name``: what a run does not use is not loaded.

The types of such modules are imported for the type checker alone. A NamedTuple that
names them has ``object`` in their place when it runs: an annotation in quotes is parsed
and compiled with its class, in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def load(row: str) -> Any:
    """Import what a row names."""
    module, _, name = row.partition(":")
    return getattr(import_module(module), name)
