"""A value that an option's own choices do not have: of a package, or of nobody."""

from __future__ import annotations

from httpcli.core.errors import UsageError
from httpcli.options.option import Flag


def check_other(flag: Flag, value: str) -> None:
    """Raise UsageError unless a package brings this value."""
    others: tuple[str, ...] = ()
    if flag.plugins:
        from httpcli.auth.plugins import names_in

        others = names_in(flag.plugins)
    if value not in others:
        known = ", ".join((*flag.choices, *others))
        raise UsageError(f"--{flag.name}={value}: unknown value", hint=f"choose from: {known}")
