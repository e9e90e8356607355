"""Retries, copies and hashes of bodies, ``--raw-body``, and the style of the progress."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from httpcli.core.errors import Fault, UsageError
from httpcli.core.plan_options import (
    CONDITIONS,
    DEFAULT_CONDITIONS,
    EXPECT,
    ProgressStyle,
    RetryPolicy,
    TeeAndHash,
)
from httpcli.planning.display import is_ci

if TYPE_CHECKING:
    from httpcli.cli.parser import OptionValues
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Plan
    from httpcli.planning.optional_features import PlanningInput

_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|xx)")


def apply_retry(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--retry``, ``--retry-on`` and ``--spool``. Raises UsageError."""
    retry = plan_retry(inputs.options)
    if EXPECT in retry.conditions and not inputs.options.texts("expect"):
        raise UsageError(
            "--retry-on=expect needs --expect", hint="add --expect EXPR and --retry N"
        )
    spool = inputs.options.switch("spool") or EXPECT in retry.conditions
    return plan._replace(
        send_policy=plan.send_policy._replace(retry=retry, spool=spool),
        display=plan.display._replace(may_resend=retry.max_retries > 0),
    )


def plan_retry(options: OptionValues, default_retries: int = 0) -> RetryPolicy:
    """Return the retry policy; ``default_retries`` applies without ``--retry``.

    Raises UsageError.
    """
    kinds = options.text("retry-on")
    retry = RetryPolicy(
        max_retries=options.whole_number("retry", default_retries),
        delay=options.seconds("retry-delay"),
        max_time=options.seconds("retry-max-time", RetryPolicy().max_time) or None,
        conditions=DEFAULT_CONDITIONS if kinds is None else _retry_conditions(kinds),
        retry_unsafe=options.switch("retry-unsafe"),
    )
    if EXPECT in retry.conditions and not retry.max_retries:
        raise UsageError(
            "--retry-on=expect needs --retry",
            hint="add --retry N",
        )
    return retry


def _retry_conditions(text: str) -> frozenset[str]:
    """Parse ``--retry-on``. Raises UsageError for an unknown condition."""
    conditions = []
    start = 0
    for piece in text.split(","):
        condition = piece.strip().lower()
        if condition not in CONDITIONS and _STATUS.fullmatch(condition) is None:
            raise UsageError(
                f"--retry-on: unknown condition {condition!r}",
                hint=f"choose from: a status (429), a class (5xx), {', '.join(CONDITIONS)}",
                fault=Fault(text, start, start + len(piece)),
            )
        conditions.append(condition)
        start += len(piece) + 1
    return frozenset(conditions)


def apply_tee_and_hash(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--tee`` and ``--hash``. Raises UsageError."""
    tee = inputs.options.text("tee")
    algorithms = inputs.options.texts("hash")
    if tee in ("", "-"):
        raise UsageError(f"--tee={tee}: not a file", hint="use --tee FILE")
    for algorithm in algorithms:
        if algorithm.lower() not in _hash_algorithms():
            raise UsageError(
                f"--hash={algorithm}: unknown algorithm", hint=", ".join(_hash_algorithms())
            )
    hashes = tuple(dict.fromkeys(algorithm.lower() for algorithm in algorithms))
    return plan._replace(tee_and_hash=TeeAndHash(tee or "", hashes))


def _hash_algorithms() -> list[str]:
    """Return the hashes of every platform, except shake ones, which have no fixed length."""
    known = hashlib.algorithms_guaranteed
    return sorted(name for name in known if not name.startswith("shake"))


def apply_raw_body(plan: Plan, _inputs: PlanningInput) -> Plan:
    """Apply ``--raw-body``: keep the content codings of the response, and do not format it."""
    return plan._replace(
        request=plan.request._replace(kept_codings=frozenset({"*"})),
        display=plan.display._replace(format=False),
    )


def apply_progress(plan: Plan, inputs: PlanningInput) -> Plan:
    """Apply ``--progress`` to an upload."""
    value = inputs.options.text("progress")
    if value in (None, "auto") or plan.request.body is None:
        return plan
    return plan._replace(upload_progress=None if value == "none" else ProgressStyle(value))


def upload_progress_style(environment: Environment) -> ProgressStyle | None:
    """Return the progress style of an upload without ``--progress``; None for no progress."""
    return ProgressStyle.BARS if _can_redraw(environment) else None


def download_progress_style(
    options: OptionValues, environment: Environment
) -> ProgressStyle | None:
    """Return the progress style of downloads; None for no progress.

    Without ``--progress`` it depends on stderr.
    """
    value = options.text("progress")
    if value not in (None, "auto"):
        return None if value == "none" else ProgressStyle(value)
    if options.count("quiet"):
        return None
    return ProgressStyle.BARS if _can_redraw(environment) else ProgressStyle.ENDS


def _can_redraw(environment: Environment) -> bool:
    """Return whether stderr is a terminal that can redraw lines, and not in a CI job."""
    env = environment.env
    can_draw = env.get("TERM", "") not in ("", "dumb")
    return environment.stderr.is_terminal and can_draw and not is_ci(env)
