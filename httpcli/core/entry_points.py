"""Registry rows are text, ``module:name``: what a run does not use is not loaded.

The types of such modules are imported for the type checker alone. A NamedTuple that
names them has ``object`` in their place when it runs: an annotation in quotes is parsed
and compiled with its class, in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from httpcli.core.errors import UsageError


def load(row: str) -> Any:
    """Import what a row names."""
    module, _, name = row.partition(":")
    return getattr(import_module(module), name)


# Libraries that only an extra installs, and the error when one is missing.


@contextmanager
def needs_extra(library: str, extra: str, feature: str) -> Iterator[None]:
    """Import inside the block what needs ``library``, which ``httpcli[extra]`` installs.

    Raises UsageError if it is not installed; ``feature`` is what needs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise UsageError(
            f"{feature} needs {library}, which is not installed",
            hint=f"pip install 'httpcli[{extra}]'",
        ) from None
