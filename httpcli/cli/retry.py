"""When to try again: the options of ``--retry`` become a part of the Journey; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from httpcli.grammar.units import seconds, whole_number
from httpcli.model.errors import Fault, UsageError
from httpcli.model.retry import BY_DEFAULT, EXPECT, WORDS, Retry

if TYPE_CHECKING:
    from httpcli.cli.extensions import Asked
    from httpcli.cli.options import Options
    from httpcli.model.plan import Plan

_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|xx)")


def settle(plan: Plan, asked: Asked) -> Plan:
    """Settle the tries of a request, and what is held on disk. Raises UsageError."""
    retry = retry_of(asked.options)
    if EXPECT in retry.on and not asked.options.texts("expect"):
        raise UsageError(
            "--retry-on=expect: nothing is expected", hint="--expect EXPR says what, and --retry=N"
        )
    spool = asked.options.switch("spool") or EXPECT in retry.on
    return plan._replace(
        journey=plan.journey._replace(retry=retry, spool=spool),
        show=plan.show._replace(tentative=retry.most > 0),
    )


def retry_of(options: Options, most: int = 0) -> Retry:
    """Return the policy that was typed; ``most`` is how many tries are made where nobody says.

    Raises UsageError.
    """
    typed = {name: options.text(f"retry{name}") for name in ("", "-delay", "-max-time", "-on")}
    retry = Retry(unsafe=options.switch("retry-unsafe"))
    within = retry.within if typed["-max-time"] is None else _time(typed, "-max-time") or None
    retry = retry._replace(
        most=most if typed[""] is None else whole_number(typed[""], "--retry"),
        delay=_time(typed, "-delay"),
        within=within,
        on=BY_DEFAULT if typed["-on"] is None else _kinds(typed["-on"]),
    )
    if EXPECT in retry.on and not retry.most:
        raise UsageError(
            "--retry-on=expect: nothing is tried again without --retry",
            hint="--retry=N says how many times",
        )
    return retry


def _time(typed: dict[str, str | None], name: str) -> float | None:
    text = typed[name]
    return None if text is None else seconds(text, f"--retry{name}")


def _kinds(text: str) -> frozenset[str]:
    kinds = []
    start = 0
    for piece in text.split(","):
        kind = piece.strip().lower()
        if kind not in WORDS and _STATUS.fullmatch(kind) is None:
            raise UsageError(
                f"--retry-on: {kind!r} is nothing to try again on",
                hint=f"a status (429), a class (5xx), {', '.join(WORDS)}",
                fault=Fault(text, start, start + len(piece)),
            )
        kinds.append(kind)
        start += len(piece) + 1
    return frozenset(kinds)
