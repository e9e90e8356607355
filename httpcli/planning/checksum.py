"""What ``--checksum`` asks for: a hash as typed, or a list that has it, in a file or at a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.core.checksum import Wanted
from httpcli.core.errors import UsageError
from httpcli.protocol.checksums import typed as typed_checksum
from httpcli.syntax.urls import parse_target

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked

_HINT = "--checksum ALGORITHM:HEX, or a list like SHA256SUMS: its URL or its file"


def apply_checksum(plan: Plan, asked: Asked) -> Plan:
    """Settle what proves the file. Raises UsageError."""
    text = asked.options.text("checksum") or ""
    if plan.download is None:
        raise UsageError("--checksum needs --download", hint=f"add -d: {_HINT}")
    wanted = wanted_of(text, asked)
    return plan._replace(download=plan.download._replace(checksum=text, wanted=wanted))


def wanted_of(text: str, asked: Asked) -> Wanted:
    """Return what was asked for. Raises UsageError."""
    try:
        checksum = typed_checksum(text)
    except ValueError as error:
        raise UsageError(f"--checksum: {error}", hint=_HINT) from None
    if checksum is not None:
        return Wanted(text, checksum=checksum)
    if "://" in text or text.startswith("echo:"):
        target = parse_target(text)
        if target.user is not None:
            raise UsageError("--checksum: a URL without a user, please", hint=_HINT)
        return Wanted(text, url=target.url)
    if not text:
        raise UsageError("--checksum is empty", hint=_HINT)
    return Wanted(text, listed=asked.files.read(text).decode("utf-8", "surrogateescape"))
