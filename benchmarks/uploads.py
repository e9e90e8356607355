"""Uploads from a file and from a pipe, compared with curl."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measure import median_run, run_in_turns
from benchmarks.servers import upload_server
from benchmarks.table import BenchmarkContext, ResultRow, wall_ratio

GIB = 1 << 30


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Measure uploads of 1 GiB, and the peak memory of an 8 GiB upload from a pipe."""
    curl = bench.program("curl")
    if curl is None:
        return
    file = bench.folder / "1GiB"
    with upload_server() as url:
        pipe_upload = f"head -c {{}} /dev/zero | {bench.httpcli} -q -T - --chunked {url}"
        commands = {
            "httpcli, file": [bench.httpcli, "-q", "-T", str(file), url],
            "curl, file": [curl, "-sS", "-T", str(file), url],
            "httpcli, pipe": ["sh", "-c", pipe_upload.format(GIB)],
            "curl, pipe": ["sh", "-c", f"head -c {GIB} /dev/zero | {curl} -sS -T - {url}"],
        }
        runs = run_in_turns(commands, bench.rounds, bench.env)
        for source in ("file", "pipe"):
            pair = {name: figures for name, figures in runs.items() if name.endswith(source)}
            value = wall_ratio(runs, f"httpcli, {source}", f"curl, {source}")
            yield ResultRow(
                f"1 GiB up from a {source}", "curl -T, wall", value, 1.35, 1.1, raw=pair
            )
        large = {"httpcli, 8 GiB": ["sh", "-c", pipe_upload.format(8 * GIB)]}
        large_runs = run_in_turns(large, 1, bench.env)
        peak = median_run(large_runs["httpcli, 8 GiB"]).peak / (1 << 20)
        yield ResultRow("8 GiB up from a pipe", "peak memory", peak, 60, 45, "MiB", raw=large_runs)
