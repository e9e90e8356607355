"""Every row of what is claimed: ``python -m benchmarks.run`` prints one table of ratios.

httpcli is measured as people have it, an installed wheel, beside the peers that
are there; what is missing is said and its rows are left out. The raw figures go
to ``benchmarks/results.json``, and the table made from them into the README.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from benchmarks.rows import ROOT, Bench, Measure, Row, machine, markdown
from benchmarks.runs import say
from tests.support.environment import environment_of_child

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

_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def main() -> None:
    """Measure, keep the raw figures, write the table."""
    options = _options()
    found: list[Row] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        bench = _bench(options, folder)
        for name in options.names or MEASURES:
            say(f"== {name}")
            measure: Measure = import_module(MEASURES[name]).rows
            for row in measure(bench):
                say(f"   {row.what}, {row.against}: {row.value:.3f} {row.unit} ({row.verdict})")
                found.append(row)
    say("\n" + markdown(found))
    if not options.names:
        _keep(found)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.run")
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], help="measure these only")
    parser.add_argument("--python", help="one that has httpcli installed (default: one is made)")
    parser.add_argument("--bare", help="one that has aiohttp[speedups] (default: one is made)")
    parser.add_argument("--folder", help="where large files go (default: the system's)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program")
    return parser.parse_args()


def _bench(options: argparse.Namespace, folder: Path) -> Bench:
    python = options.python or _made(folder / "ours", str(ROOT))
    bare = options.bare or _made(folder / "bare", "aiohttp[speedups]")
    plain = {"HOME": str(folder), "TERM": "xterm-256color"}
    nothing = dict.fromkeys(("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"))
    env = environment_of_child({**plain, **nothing})
    with (folder / "1GiB").open("wb") as file:
        for _ in range(1024):  # random, since a hole in a file costs its readers nothing
            file.write(os.urandom(1 << 20))
    httpcli = str(Path(python).parent / "httpcli")
    return Bench(httpcli, python, bare, folder, env, options.rounds, _peer)


def _made(folder: Path, what: str) -> str:
    """Install ``what`` in an environment of its own; return its Python."""
    say(f"installing {what}")
    python = str(folder / "bin/python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", what], check=True)
    return python


def _peer(name: str) -> str | None:
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        say(f"{name} is missing: its rows are left out")
    return path


def _keep(rows: list[Row]) -> None:
    figures: Mapping[str, object] = {
        "machine": machine(),
        "rows": [row._asdict() for row in rows],
    }
    (ROOT / "benchmarks/results.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    readme = ROOT / "README.md"
    before, begin, rest = readme.read_text("utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if begin and end:
        readme.write_text(f"{before}{begin}{markdown(rows)}{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
