"""When to try again: the options of ``--retry`` become a part of the Journey; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, UsageError
from httpcli.core.retry import BY_DEFAULT, EXPECT, WORDS, Retry

if TYPE_CHECKING:
    from httpcli.cli.typed_options import Options
    from httpcli.core.plan import Plan
    from httpcli.planning.features import Asked

_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|xx)")


def apply_retry(plan: Plan, asked: Asked) -> Plan:
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
    kinds = options.text("retry-on")
    retry = Retry(
        most=options.whole_number("retry", most),
        delay=options.seconds("retry-delay"),
        within=options.seconds("retry-max-time", Retry().within) or None,
        on=BY_DEFAULT if kinds is None else _kinds(kinds),
        unsafe=options.switch("retry-unsafe"),
    )
    if EXPECT in retry.on and not retry.most:
        raise UsageError(
            "--retry-on=expect: nothing is tried again without --retry",
            hint="--retry=N says how many times",
        )
    return retry


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
