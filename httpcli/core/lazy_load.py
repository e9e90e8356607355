"""Loads the rows of registries, and libraries that only an extra installs.

A row is the text ``module:name``, so that a run does not load the modules of rows
that it does not use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from httpcli.core.errors import UsageError


def load(row: str) -> Any:
    """Return the object that a row names."""
    module, _, name = row.partition(":")
    return getattr(import_module(module), name)


def module_file(name: str) -> str:
    """Return the file of a module of the top level, which is not imported; empty without one."""
    from importlib.util import find_spec

    spec = find_spec(name)
    return spec.origin or "" if spec is not None else ""


@contextmanager
def needs_extra(library: str, extra: str, feature: str) -> Iterator[None]:
    """Run a block of imports that need ``library``, which ``httpcli[extra]`` installs.

    Raises UsageError, naming the ``feature``, if the library is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise UsageError(
            f"{feature} needs {library}, which is not installed",
            hint=(
                f"install httpcli with the {extra} extra, for example: pipx install '.[{extra}]'"
            ),
        ) from None
