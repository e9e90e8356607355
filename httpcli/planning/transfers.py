"""How fast content flows, and what is kept and said of it; pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from httpcli.core.errors import UsageError
from httpcli.core.transfers import Passing, Slowest
from httpcli.syntax.units import byte_count, seconds

if TYPE_CHECKING:
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked

_WINDOW = 30.0
"""Seconds over which a rate is measured where nobody says."""


def apply_rates(plan: Plan, asked: Asked) -> Plan:
    """Settle the limits of ``--limit-rate`` and ``--min-rate``. Raises UsageError."""
    rate = asked.options.byte_count("limit-rate") or None
    least = asked.options.text("min-rate")
    return plan._replace(
        wire=plan.wire._replace(rate=rate, slowest=None if least is None else _slowest(least))
    )


def _slowest(text: str) -> Slowest | None:
    size, colon, time = text.partition(":")
    rate = byte_count(size, "--min-rate")
    window = seconds(time, "--min-rate") if colon else _WINDOW
    if not window:
        raise UsageError("--min-rate: a rate is measured over some time", hint="10kB:30s")
    return Slowest(rate, window) if rate else None


def apply_passing(plan: Plan, asked: Asked) -> Plan:
    """Settle what is kept and said of content that passes. Raises UsageError."""
    tee = asked.options.text("tee")
    algorithm = asked.options.text("hash")
    if tee in ("", "-"):
        raise UsageError(f"--tee={tee}: names no file", hint="the copy beside standard output")
    if algorithm is not None and algorithm.lower() not in _algorithms():
        raise UsageError(f"--hash={algorithm}: not known here", hint=", ".join(_algorithms()))
    return plan._replace(passing=Passing(tee or "", (algorithm or "").lower()))


def _algorithms() -> list[str]:
    """Name what hashlib has everywhere; the shakes have no length of their own."""
    known = hashlib.algorithms_guaranteed
    return sorted(name for name in known if not name.startswith("shake"))
