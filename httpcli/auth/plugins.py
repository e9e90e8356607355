"""Authentication schemes of other installed packages, found by their entry points.

They are searched only for a name that is not built in: reading the metadata of
all packages takes longer than a plain request.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import httpcli
from httpcli.auth.registry import Scheme
from httpcli.core.errors import UsageError
from httpcli.core.lazy_load import load, module_file

ENTRY_POINT_GROUP = "httpcli.auth"
"""The group of entry points by which packages provide authentication schemes."""


def plugin_names(group: str) -> tuple[str, ...]:
    """Return the names of all entry points of a group."""
    return tuple(sorted(_entry_points(group=group).names))


def find_plugin_scheme(name: str, check_file: Callable[[str], None]) -> Scheme | None:
    """Return the scheme of that name; None if no package provides it.

    ``check_file`` raises UsageError for a file that must not be loaded. The loaded object may
    have the attributes ``token`` and ``optional``, with the meaning that they have in
    ``Scheme``. Raises UsageError if it cannot be loaded.
    """
    entries = _entry_points(group=ENTRY_POINT_GROUP, name=name)
    if not entries:
        return None
    entry = next(iter(entries))
    reference = f"{entry.module}:{entry.attr}"
    path = module_file(entry.module.partition(".")[0])
    if path and not _is_beside_httpcli(path):
        check_file(path)
    try:
        factory = load(reference)
    except Exception as error:
        raise UsageError(
            f"--auth-type={name}: the plugin{_package_suffix(entry)} cannot be loaded: "
            f"{type(error).__name__}: {error}",
            hint=f"entry point in {ENTRY_POINT_GROUP}: {entry.value}",
        ) from error
    return Scheme(
        reference,
        token=bool(getattr(factory, "token", False)),
        optional=bool(getattr(factory, "optional", False)),
    )


def _is_beside_httpcli(path: str) -> bool:
    """Return whether only those who can change httpcli can change a file."""
    folder = os.path.dirname(os.path.dirname(httpcli.__file__))
    return os.path.realpath(path).startswith(os.path.realpath(folder) + os.sep)


def _entry_points(**selection: str) -> Any:
    from importlib.metadata import entry_points

    return entry_points(**selection)


def _package_suffix(entry: Any) -> str:
    return f" of {entry.dist.name}" if entry.dist is not None else ""
