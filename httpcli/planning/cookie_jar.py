"""The file of cookies that a run begins with and leaves; pure but for that file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked


def apply_cookie_jar(plan: Plan, asked: Asked) -> Plan:
    """Read the cookies of ``--cookie-jar``. Raises HttpcliError, UsageError for no name."""
    name = asked.options.text("cookie-jar")
    if name is None or asked.target.echo:
        return plan
    if name in ("", "-"):
        raise UsageError(
            f"--cookie-jar={name}: names no file", hint="it is read first and then written"
        )
    return plan._replace(cookie_file=asked.files.cookie_file(name))
