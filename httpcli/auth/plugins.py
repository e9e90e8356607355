"""What other installed packages add: asked only for a name that nobody here knows.

To look through all that is installed takes longer than a plain request.
"""

from __future__ import annotations

from typing import Any

from httpcli.auth.registry import Scheme
from httpcli.core.entry_points import load
from httpcli.core.errors import UsageError

SCHEMES = "httpcli.auth"
"""The group of entry points that are authentication schemes."""


def plugin_names(group: str) -> tuple[str, ...]:
    """Return the names that packages have in a group."""
    return tuple(sorted(_entry_points(group=group).names))


def find_plugin_scheme(name: str) -> Scheme | None:
    """Return the scheme that a package calls so; None where there is none.

    What makes it may say by attributes that its credentials are one ``token``,
    and that it can do without any (``optional``). Raises UsageError for a
    plugin that cannot be loaded.
    """
    found = _entry_points(group=SCHEMES, name=name)
    if not found:
        return None
    entry = next(iter(found))
    row = f"{entry.module}:{entry.attr}"
    try:
        made = load(row)
    except Exception as error:
        raise UsageError(
            f"--auth-type={name}: the plugin{_of(entry)} cannot be loaded: "
            f"{type(error).__name__}: {error}",
            hint=f"its entry point in {SCHEMES} is {entry.value}",
        ) from error
    return Scheme(row, bool(getattr(made, "token", False)), bool(getattr(made, "optional", False)))


def _entry_points(**which: str) -> Any:
    # The standard library's, which knows where packages may lie.
    from importlib.metadata import entry_points

    return entry_points(**which)


def _of(entry: Any) -> str:
    return f" of {entry.dist.name}" if entry.dist is not None else ""
