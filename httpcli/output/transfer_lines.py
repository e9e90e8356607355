"""The progress of transfers as text: lines, a summary, sizes and durations.

Numbers look the same in every locale.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from httpcli.core.escaping import escape_controls
from httpcli.core.named_tuple import NamedTuple
from httpcli.output.text_layouts import columns

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_DAY = 86_400
_HOUR = 3600
_MINUTE = 60


class ProgressSnapshot(NamedTuple):
    """The progress of one transfer at a moment."""

    name: str
    done: int
    """Bytes so far, including those of earlier runs."""
    total: int | None
    """Bytes in all; None if unknown."""
    rate: float
    """Recent bytes a second."""
    elapsed: float
    """Seconds since the beginning."""
    already_done: int = 0
    """Bytes that an earlier run received."""

    @property
    def received(self) -> int:
        """Bytes received in this run."""
        return max(0, self.done - self.already_done)

    @property
    def seconds_left(self) -> float | None:
        """Seconds left at this rate; None if unknown."""
        if self.total is None or (self.rate <= 0 and self.done < self.total):
            return None
        return max(0, self.total - self.done) / self.rate if self.done < self.total else 0.0

    @property
    def percent(self) -> int | None:
        """Percent done; 100 only if all is done. None if unknown."""
        if self.total is None:
            return None
        return 100 if self.done >= self.total else 100 * self.done // self.total


def start_line(progress: ProgressSnapshot) -> str:
    """Return the line for the start of a transfer: ``a.zip: 12 MiB``."""
    size = "size unknown" if progress.total is None else format_bytes(progress.total)
    existing = f", resuming at {format_bytes(progress.done)}" if progress.done else ""
    return f"{escape_controls(progress.name)}: {size}{existing}"


def update_line(progress: ProgressSnapshot) -> str:
    """Return the line for its progress: ``a.zip: 45% of 12 MiB, 1.2 MiB/s, 0:10 left``."""
    so_far = format_bytes(progress.done)
    if progress.total is not None:
        so_far = f"{progress.percent}% of {format_bytes(progress.total)}"
    left = progress.seconds_left
    time = (
        f"{format_duration(progress.elapsed)} so far"
        if left is None
        else f"{format_duration(left)} left"
    )
    return f"{escape_controls(progress.name)}: {so_far}, {format_bytes(progress.rate)}/s, {time}"


def end_line(progress: ProgressSnapshot, outcome: str = "") -> str:
    """Return the line for the end of a transfer: ``a.zip: 12 MiB in 0:10, 1.2 MiB/s``."""
    name = escape_controls(progress.name)
    amount = f"{format_bytes(progress.received)} in {_short(progress.elapsed)}"
    if outcome:
        reason = escape_controls(outcome.removeprefix(f"{progress.name}: "))
        return f"{name}: {reason} after {amount}"
    if progress.received < progress.done:
        amount = f"{format_bytes(progress.done)}, of which {amount}"
    return f"{name}: {amount}, {format_bytes(progress.rate)}/s"


def event_line(event: str, progress: ProgressSnapshot, outcome: str = "") -> str:
    """Return the progress as a JSON object on one line. Units: bytes, seconds, bytes a second."""
    members: dict[str, object] = {
        "event": event,
        "name": progress.name,
        "done": progress.done,
        "total": progress.total,
    }
    if event != "begin":
        members["rate"] = round(progress.rate)
        members["elapsed"] = round(progress.elapsed, 3)
    if outcome:
        members["outcome"] = outcome
    return json.dumps(members)


def summary(files: Sequence[tuple[str, ProgressSnapshot | None, str]]) -> str:
    """Return a table of downloads: name, final progress, reason of a failure."""
    rows = [("file", "size", "time", "speed", "")]
    for name, progress, reason in files:
        if progress is None:
            rows.append((name, "", "", "", reason or "skipped"))
            continue
        size = "" if reason else format_bytes(progress.done)
        speed = "" if reason else f"{format_bytes(progress.rate)}/s"
        rows.append((name, size, _short(progress.elapsed), speed, reason or "saved"))
    return columns(rows, right_aligned=(1, 2, 3))


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else format_duration(seconds)


def partial_file_message(
    name: str,
    written: int,
    size: int | None,
    *,
    needs_trust: bool,
    must_be_named: bool = False,
) -> str:
    """Return what the partial file of an interrupted download has, and how to resume it.

    ``needs_trust``: nothing would prove that the file on the server is still the same.
    ``must_be_named``: the URL does not lead to this name.

    >>> partial_file_message("f", 512, 2048, needs_trust=False)
    'f.part has 512 B of 2.0 KiB; to resume: --download --continue'
    """
    of = "" if size is None else f" of {format_bytes(size)}"
    have = f"{name}.part has {format_bytes(written)}{of}"
    output = ""
    if must_be_named:
        from httpcli.core.shell import quote_word

        output = f" --output {quote_word(name)}"
    if not needs_trust:
        return f"{have}; to resume: --download --continue{output}"
    unproven = "the server cannot prove that the file is unchanged"
    return f"{have}; {unproven}; to resume it anyway: --download --continue=trust{output}"


def format_bytes(count: float) -> str:
    """Return a size in at most eight characters: ``512 B``, ``1.5 KiB``, ``123 MiB``."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count /= 1024
        unit += 1
    digits = f"{count:.1f}" if unit and count < 99.95 else f"{count:.0f}"
    return f"{digits} {_UNITS[unit]}"


def format_duration(seconds: float) -> str:
    """Return a time in at most seven characters: ``0:05``, ``12:34``, ``1:02:03``, ``3d 04h``."""
    total = int(seconds + 0.5)
    days, hours = total // _DAY, total % _DAY // _HOUR
    if days:
        return f"{days}d {hours:02}h" if days < 100 else "ages"
    minutes, rest = total % _HOUR // _MINUTE, total % _MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
