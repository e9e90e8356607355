"""How fast content flows, and what is kept and said of it; pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from httpcli.cli.typed_options import TypedOptions
from httpcli.core.connection_options import PoolLimits
from httpcli.core.download import Download, ExistingFile, ExpectedChecksum, Resume
from httpcli.core.errors import Fault, UsageError
from httpcli.core.headers import Field
from httpcli.core.plan import Mode
from httpcli.core.retry import CONDITIONS, DEFAULT_CONDITIONS, EXPECT, RetryPolicy
from httpcli.core.transfers import ContentCopies, MinimumRate, ProgressStyle
from httpcli.planning.display import is_ci, plan_display
from httpcli.planning.features import OF_DOWNLOAD
from httpcli.protocol.checksums import typed as typed_checksum
from httpcli.syntax.units import parse_byte_count, parse_seconds
from httpcli.syntax.urls import parse_target

if TYPE_CHECKING:
    from httpcli.cli.typed_options import TypedOptions
    from httpcli.core.invocation import Environment
    from httpcli.core.plan import Display, Plan
    from httpcli.core.request import Request
    from httpcli.planning.features import PlanningInput


_WINDOW = 30.0
"""Seconds over which a rate is measured where nobody says."""


def apply_rates(plan: Plan, inputs: PlanningInput) -> Plan:
    """Settle the limits of ``--limit-rate`` and ``--min-rate``. Raises UsageError."""
    rate = inputs.options.byte_count("limit-rate") or None
    least = inputs.options.text("min-rate")
    return plan._replace(
        network=plan.network._replace(
            max_rate=rate, min_rate=None if least is None else _slowest(least)
        )
    )


def _slowest(text: str) -> MinimumRate | None:
    size, colon, time = text.partition(":")
    rate = parse_byte_count(size, "--min-rate")
    window = parse_seconds(time, "--min-rate") if colon else _WINDOW
    if not window:
        raise UsageError("--min-rate: a rate is measured over some time", hint="10kB:30s")
    return MinimumRate(rate, window) if rate else None


def apply_passing(plan: Plan, inputs: PlanningInput) -> Plan:
    """Settle what is kept and said of content that passes. Raises UsageError."""
    tee = inputs.options.text("tee")
    algorithm = inputs.options.text("hash")
    if tee in ("", "-"):
        raise UsageError(f"--tee={tee}: names no file", hint="the copy beside standard output")
    if algorithm is not None and algorithm.lower() not in _algorithms():
        raise UsageError(f"--hash={algorithm}: not known here", hint=", ".join(_algorithms()))
    return plan._replace(content_copies=ContentCopies(tee or "", (algorithm or "").lower()))


def _algorithms() -> list[str]:
    """Name what hashlib has everywhere; the shakes have no length of their own."""
    known = hashlib.algorithms_guaranteed
    return sorted(name for name in known if not name.startswith("shake"))


# How connections are kept and limited, as far as the user says anything of it; pure.


def apply_pool(plan: Plan, inputs: PlanningInput) -> Plan:
    """Settle ``--keep-alive`` and ``--max-connections``. Raises UsageError for no number."""
    options = inputs.options
    pool = PoolLimits(
        options.seconds("keep-alive"),
        options.whole_number("max-connections", 0),
        options.whole_number("max-connections-per-host", 0),
    )
    return plan._replace(network=plan.network._replace(pool_limits=pool))


# ``--raw-body``: a response's content stays in the codings in which it came.


def apply_raw_body(plan: Plan, _asked: PlanningInput) -> Plan:
    """Return the plan that undoes no content coding, and formats nothing."""
    return plan._replace(
        request=plan.request._replace(kept_codings=frozenset({"*"})),
        display=plan.display._replace(format=False),
    )


# What ``--checksum`` asks for: a hash as typed, or a list that has it, in a file or at a URL.


_HINT = "--checksum ALGORITHM:HEX, or a list like SHA256SUMS: its URL or its file"


def apply_checksum(plan: Plan, inputs: PlanningInput) -> Plan:
    """Settle what proves the file. Raises UsageError."""
    text = inputs.options.text("checksum") or ""
    if plan.download is None:
        raise UsageError("--checksum needs --download", hint=f"add -d: {_HINT}")
    wanted = wanted_of(text, inputs)
    return plan._replace(
        download=plan.download._replace(checksum_text=text, expected_checksum=wanted)
    )


def wanted_of(text: str, inputs: PlanningInput) -> ExpectedChecksum:
    """Return what was asked for. Raises UsageError."""
    try:
        checksum = typed_checksum(text)
    except ValueError as error:
        raise UsageError(f"--checksum: {error}", hint=_HINT) from None
    if checksum is not None:
        return ExpectedChecksum(text, checksum=checksum)
    if "://" in text or text.startswith("echo:"):
        target = parse_target(text)
        if target.user is not None:
            raise UsageError("--checksum: a URL without a user, please", hint=_HINT)
        return ExpectedChecksum(text, list_url=target.url)
    if not text:
        raise UsageError("--checksum is empty", hint=_HINT)
    return ExpectedChecksum(
        text, list_text=inputs.files.read(text).decode("utf-8", "surrogateescape")
    )


# What ``--download`` makes of a plan: a response becomes a file, the rest goes to stderr.


_TRIES = 5
_EXISTING = {
    "overwrite": ExistingFile.REPLACE,
    "skip-existing": ExistingFile.SKIP,
    "newer": ExistingFile.NEWER,
}
_CODINGS_OF_NAMES = {
    ".gz": ("gzip", "x-gzip"),
    ".tgz": ("gzip", "x-gzip"),
    ".br": ("br",),
    ".zst": ("zstd",),
}


def apply_download(plan: Plan, inputs: PlanningInput) -> Plan:
    """Turn a request into a download. Raises UsageError."""
    options = inputs.options
    if not options.switch("download"):
        name = next(name for name in sorted(OF_DOWNLOAD) if options.given(name))
        curls = "; curl's -c FILE is --cookie-jar FILE" if name == "continue" else ""
        raise UsageError(f"--{name} needs --download", hint=f"add -d: -d --{name}{curls}")
    if plan.mode is not Mode.REQUEST:
        return plan  # nothing comes that could be saved
    if plan.request.method == "HEAD":
        raise UsageError("a HEAD request has no content to save", hint="leave --download out")
    wish = wish_of(options)._replace(
        progress_style=download_progress_style(options, inputs.environment)
    )
    return plan._replace(
        mode=Mode.DOWNLOAD,
        download=wish,
        output=None,
        check_status=True,
        request=_request(plan.request, wish),
        send_policy=plan.send_policy._replace(follow=True, retry=retry_of(options, _TRIES)),
        display=_show(plan, inputs),
        # A person sees it in the head.
        announce_status=not inputs.environment.stderr.is_terminal or options.count("quiet") == 1,
    )


def wish_of(options: TypedOptions) -> Download:
    """Return what is to become of a response's content. Raises UsageError."""
    existing = (how for name, how in _EXISTING.items() if options.switch(name))
    folder, output = options.text("output-dir"), options.text("output")
    if folder == "":
        raise UsageError("--output-dir names no folder", hint="--output-dir FOLDER")
    return Download(
        output=output,
        directory=folder or "",
        existing=next(existing, ExistingFile.NUMBER),
        resume=_resume(options),
        set_modified_time=options.switch("remote-time"),
        create_directories=options.switch("create-dirs"),
        max_size=options.byte_count("max-size"),
    )


def _resume(options: TypedOptions) -> Resume:
    typed = options.texts("continue")
    wrong = next((value for value in typed if value not in ("", "trust")), None)
    if wrong is not None:
        raise UsageError(f"--continue={wrong}: unknown value", hint="--continue or =trust")
    if not typed:
        return Resume.NO
    return Resume.TRUST if "trust" in typed else Resume.CHECKED


def _request(request: Request, wish: Download) -> Request:
    """Ask for the content as it is: a part of a coded one is of no use to anybody."""
    fields = request.fields.without("Accept-Encoding")
    name = (wish.output or request.url.path).lower()
    kept = next((kept for end, kept in _CODINGS_OF_NAMES.items() if name.endswith(end)), ())
    return request._replace(
        fields=fields.plus([Field("Accept-Encoding", "identity")]), kept_codings=frozenset(kept)
    )


def _show(plan: Plan, inputs: PlanningInput) -> Display:
    """Return what goes to stderr, as it would to stdout: the heads, and a refusal's content."""
    others = TypedOptions({k: v for k, v in inputs.invocation.options.items() if k != "output"})
    environment = inputs.environment._replace(stdout=inputs.environment.stderr)
    display = plan_display(others, environment, plan.display.secrets, offline=False)
    if not inputs.options.count("quiet"):
        display = display._replace(parts=display.parts | {"b"})
    return display


# In which way the user is told how far transfers are; pure.


def apply_progress(plan: Plan, inputs: PlanningInput) -> Plan:
    """Obey ``--progress`` for what a request sends."""
    typed = inputs.options.text("progress")
    if typed in (None, "auto") or plan.request.body is None:
        return plan
    progress_style = ProgressStyle(typed)
    return plan._replace(
        upload_progress=None if progress_style is ProgressStyle.NONE else progress_style
    )


def upload_progress_style(environment: Environment) -> ProgressStyle | None:
    """Return how an upload is told of where nobody said: drawn, or not at all."""
    return ProgressStyle.BARS if _is_drawable(environment) else None


def download_progress_style(options: TypedOptions, environment: Environment) -> ProgressStyle:
    """Return how files that arrive are told of: as typed, else by what stderr is."""
    typed = options.text("progress")
    if typed not in (None, "auto"):
        return ProgressStyle(typed)
    if options.count("quiet"):
        return ProgressStyle.NONE
    return ProgressStyle.BARS if _is_drawable(environment) else ProgressStyle.ENDS


def _is_drawable(environment: Environment) -> bool:
    """Tell whether lines can be drawn again on stderr, and a person sees them."""
    env = environment.env
    can_draw = env.get("TERM", "") not in ("", "dumb")
    return environment.stderr.is_terminal and can_draw and not is_ci(env)


# When to try again: the options of ``--retry`` become a part of the Journey; pure.


_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|xx)")


def apply_retry(plan: Plan, inputs: PlanningInput) -> Plan:
    """Settle the tries of a request, and what is held on disk. Raises UsageError."""
    retry = retry_of(inputs.options)
    if EXPECT in retry.conditions and not inputs.options.texts("expect"):
        raise UsageError(
            "--retry-on=expect: nothing is expected", hint="--expect EXPR says what, and --retry=N"
        )
    spool = inputs.options.switch("spool") or EXPECT in retry.conditions
    return plan._replace(
        send_policy=plan.send_policy._replace(retry=retry, spool=spool),
        display=plan.display._replace(may_resend=retry.max_retries > 0),
    )


def retry_of(options: TypedOptions, most: int = 0) -> RetryPolicy:
    """Return the policy that was typed; ``most`` is how many tries are made where nobody says.

    Raises UsageError.
    """
    kinds = options.text("retry-on")
    retry = RetryPolicy(
        max_retries=options.whole_number("retry", most),
        delay=options.seconds("retry-delay"),
        max_time=options.seconds("retry-max-time", RetryPolicy().max_time) or None,
        conditions=DEFAULT_CONDITIONS if kinds is None else _kinds(kinds),
        retry_unsafe=options.switch("retry-unsafe"),
    )
    if EXPECT in retry.conditions and not retry.max_retries:
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
        if kind not in CONDITIONS and _STATUS.fullmatch(kind) is None:
            raise UsageError(
                f"--retry-on: {kind!r} is nothing to try again on",
                hint=f"a status (429), a class (5xx), {', '.join(CONDITIONS)}",
                fault=Fault(text, start, start + len(piece)),
            )
        kinds.append(kind)
        start += len(piece) + 1
    return frozenset(kinds)
