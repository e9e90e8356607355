"""Libraries that come only with an extra of ours, and what to say where one is missing."""

from __future__ import annotations

from typing import Any

from httpcli.core.entry_points import load
from httpcli.core.errors import UsageError


def load_extra(row: str, library: str, extra: str, what: str) -> Any:
    """Load a row whose module imports ``library``. Raises UsageError where that is missing.

    ``what`` needs it, and ``extra`` brings it.
    """
    try:
        return load(row)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise UsageError(
            f"{what} needs {library}, which is not installed",
            hint=f"pip install 'httpcli[{extra}]'",
        ) from None
