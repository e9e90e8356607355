"""Libraries that only an extra installs, and the error when one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from httpcli.core.errors import UsageError


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
