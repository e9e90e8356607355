"""Uploads beside curl: from a file and from a pipe, to a sink that reads all before it answers."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.origin import sink
from benchmarks.rows import Bench, Row, ratio
from benchmarks.runs import in_turns, middle

GIB = 1 << 30


def rows(bench: Bench) -> Iterator[Row]:
    """Measure 1 GiB up, and the peak memory of 8 GiB up from a pipe."""
    curl = bench.program("curl")
    if curl is None:
        return
    file = bench.folder / "1GiB"
    with sink() as url:
        ours = f"head -c {{}} /dev/zero | {bench.httpcli} -q -T - --chunked {url}"
        commands = {
            "httpcli, file": [bench.httpcli, "-q", "-T", str(file), url],
            "curl, file": [curl, "-sS", "-T", str(file), url],
            "httpcli, pipe": ["sh", "-c", ours.format(GIB)],
            "curl, pipe": ["sh", "-c", f"head -c {GIB} /dev/zero | {curl} -sS -T - {url}"],
        }
        runs = in_turns(commands, bench.rounds, bench.env)
        for way in ("file", "pipe"):
            pair = {name: each for name, each in runs.items() if name.endswith(way)}
            value = ratio(runs, f"httpcli, {way}", f"curl, {way}")
            yield Row(f"1 GiB up from a {way}", "curl -T, wall", value, 1.35, 1.1, raw=pair)
        large = {"httpcli, 8 GiB": ["sh", "-c", ours.format(8 * GIB)]}
        heavy = in_turns(large, 1, bench.env)
        peak = middle(heavy["httpcli, 8 GiB"]).peak / (1 << 20)
        yield Row("8 GiB up from a pipe", "peak memory", peak, 60, 45, "MiB", raw=heavy)
