"""Downloads compared with curl, wget and aria2: ``python -m benchmarks.transfers``.

nginx serves a file on the loopback interface; each program saves it to a new file. ``limited``
means at most 4 MB a second for each connection. Missing programs, and files that the disk has
no space for, are omitted, with a message.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Measurement, measure_run, median_run, print_line
from benchmarks.servers import file_server
from benchmarks.table import BenchmarkContext, ResultRow, wall_ratio
from tests.support.environment import HTTPCLI, child_environment

_MIB, _GIB = 1 << 20, 1 << 30
_LIMIT = "4000000"
_TARGET = "saved.bin"
_OTHER_PROGRAMS = ("curl", "wget", "aria2c")

Runs = Mapping[str, Sequence[Measurement]]


class DownloadCase(NamedTuple):
    """A download of a file of ``size`` bytes below ``path`` by httpcli and ``programs``."""

    name: str
    size: int
    path: str
    rounds: int
    programs: tuple[str, ...] = _OTHER_PROGRAMS
    connections: int = 1


class Setup(NamedTuple):
    """The server, the folder and the programs."""

    url: str
    """The URL of nginx."""
    folder: Path
    """The folder that nginx serves; downloads are saved there as well."""
    env: Mapping[str, str]
    httpcli: Sequence[str]
    programs: Mapping[str, str]
    """The paths of the other programs that are installed."""


def main() -> None:
    """Measure and print one table: the figures of each program, and httpcli's ratios to them."""
    options = _options()
    programs = {name: path for name in _OTHER_PROGRAMS if (path := shutil.which(name))}
    print_line(f"missing: {', '.join(sorted({*_OTHER_PROGRAMS} - {*programs})) or 'nothing'}")
    httpcli = [options.httpcli] if options.httpcli else [*HTTPCLI]
    env = child_environment({"TERM": "xterm-256color"})
    print_line(
        f"{'':24}{'':10}{'wall s':>9}{'CPU s':>9}{'MiB':>8}{'x wall':>9}{'x CPU':>7}{'x MiB':>7}"
    )
    with tempfile.TemporaryDirectory(dir=options.folder) as name, _serve(Path(name)) as url:
        if url is None:
            raise SystemExit("nginx is missing: nothing to download from")
        setup = Setup(url, Path(name), env, httpcli, programs)
        limited = DownloadCase("256 MiB, limited", 256 * _MIB, "slow/", 1, ("aria2c", "curl"), 8)
        for case in (
            DownloadCase("1 GiB", _GIB, "", options.rounds),
            DownloadCase("1 GiB, 8 connections", _GIB, "", options.rounds, ("aria2c",), 8),
            DownloadCase("8 GiB", 8 * _GIB, "", 1),
            limited,
        ):
            runs = _run_downloads(case, setup)
            for line in _table_lines(case.name, runs):
                print_line(line)


def rows(bench: BenchmarkContext) -> Iterator[ResultRow]:
    """Measure the claims about downloads."""
    programs = {name: path for name in _OTHER_PROGRAMS if (path := bench.program(name))}
    with _serve(bench.folder) as url:
        if url is None:
            print_line("nginx is missing: downloads are left out")
            return
        setup = Setup(url, bench.folder, bench.env, [bench.httpcli], programs)
        yield from _file_rows(setup, bench.rounds)
        yield from _pipe_rows(setup, bench.rounds)
        yield from _connection_rows(setup)
        yield from _progress_rows(setup, bench.rounds)


def _file_rows(setup: Setup, rounds: int) -> Iterator[ResultRow]:
    runs = _run_downloads(DownloadCase("1 GiB", _GIB, "", rounds), setup)
    empty = _run_downloads(DownloadCase("nothing", 0, "", rounds), setup)
    for name in runs:
        if name != "httpcli":
            stretch = 1.0 if name == "curl" else None
            value = wall_ratio(runs, "httpcli", name)
            yield ResultRow("1 GiB to a file", f"{name}, wall", value, 1.1, stretch, raw=runs)
    if "curl" in runs:
        httpcli_cpu, curl_cpu = (
            median_run(runs[name]).cpu - median_run(empty[name]).cpu
            for name in ("httpcli", "curl")
        )
        raw = {**runs, **{f"{name}, nothing": each for name, each in empty.items()}}
        yield ResultRow(
            "1 GiB to a file", "curl, CPU over start-up", httpcli_cpu / curl_cpu, 1.5, 1.2, raw=raw
        )
    large = _run_downloads(DownloadCase("8 GiB", 8 * _GIB, "", 1, ("curl",)), setup)
    if not large:
        return
    if "curl" in large:
        yield ResultRow(
            "8 GiB to a file", "curl, wall", wall_ratio(large, "httpcli", "curl"), 1.1, 1.0
        )
    peak, smaller_peak = (median_run(each["httpcli"]).peak / _MIB for each in (large, runs))
    yield ResultRow("8 GiB to a file", "peak memory", peak, 60, 45, "MiB", raw=large)
    yield ResultRow(
        "8 GiB to a file", "more memory than 1 GiB", peak - smaller_peak, 3, 1, "MiB", raw=large
    )


def _pipe_rows(setup: Setup, rounds: int) -> Iterator[ResultRow]:
    curl = setup.programs.get("curl")
    if curl is None:
        return
    url = f"{setup.url}/{_file(setup.folder, _GIB)}"
    commands = {"httpcli": [*setup.httpcli, "GET", url], "curl": [curl, "-sS", url]}
    runs: dict[str, list[Measurement]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(measure_run(command, setup.env))
    yield ResultRow(
        "1 GiB to a pipe", "curl, wall", wall_ratio(runs, *commands), 1.35, 1.1, raw=runs
    )


def _connection_rows(setup: Setup) -> Iterator[ResultRow]:
    size = 256 * _MIB
    runs = _run_downloads(DownloadCase("limited", size, "slow/", 3, ("aria2c",), 8), setup)
    if "aria2c" in runs:
        value = wall_ratio(runs, "httpcli", "aria2c")
        yield ResultRow(
            "256 MiB, 4 MB/s each", "aria2c -x8 -s8 -k1M, wall", value, 1.1, 1.0, raw=runs
        )
    single = _run_downloads(
        DownloadCase("limited", size, "slow/", 1, ("curl",)), setup, with_httpcli=False
    )
    if single:
        both = {**runs, **single}
        value = wall_ratio(both, "curl", "httpcli")
        yield ResultRow("256 MiB, 4 MB/s each", "times faster than curl", value, 6, 7.5, more=True)


def _progress_rows(setup: Setup, rounds: int) -> Iterator[ResultRow]:
    script = shutil.which("script")
    if script is None:
        print_line("script is missing: the cost of progress bars is omitted")
        return
    url, saved = f"{setup.url}/{_file(setup.folder, _GIB)}", setup.folder / _TARGET
    runs: dict[str, list[Measurement]] = {"drawn": [], "quiet": []}
    for _ in range(rounds):
        for name in runs:
            quiet = "-q" if name == "quiet" else "--progress=auto"
            words = [*setup.httpcli, "download", "--connections=1", quiet, url, "-o", str(saved)]
            saved.unlink(missing_ok=True)
            runs[name].append(
                measure_run([script, "-qefc", " ".join(words), "/dev/null"], setup.env)
            )
    saved.unlink()
    value = wall_ratio(runs, "drawn", "quiet")
    yield ResultRow("progress on a terminal", "1 GiB with -q, wall", value, 1.03, raw=runs)


def _run_downloads(case: DownloadCase, setup: Setup, *, with_httpcli: bool = True) -> Runs:
    """Run the programs in turns and check the size of each file; empty without enough space."""
    free = shutil.disk_usage(setup.folder).free
    if free < case.size + _GIB:
        print_line(f"{case.name}: left out, the disk has {free // _MIB} MiB only")
        return {}
    saved = setup.folder / _TARGET
    url = f"{setup.url}/{case.path}{_file(setup.folder, case.size)}"
    commands = _commands(case, setup, url, saved)
    if not with_httpcli:
        del commands["httpcli"]
    runs: dict[str, list[Measurement]] = {name: [] for name in commands}
    for _ in range(case.rounds):
        for name, command in commands.items():
            saved.unlink(missing_ok=True)
            runs[name].append(measure_run(command, setup.env))
            if saved.stat().st_size != case.size:
                raise RuntimeError(f"{name} saved {saved.stat().st_size} bytes of {case.size}")
    saved.unlink(missing_ok=True)
    return runs


def _commands(case: DownloadCase, setup: Setup, url: str, saved: Path) -> dict[str, list[str]]:
    count, own = str(case.connections), ["--progress=none", url, "-o", str(saved)]
    aria2c = ["-q", "--allow-overwrite", "--file-allocation=falloc", f"-x{count}", f"-s{count}"]
    words = {
        "curl": ["-sS", url, "-o", str(saved)],
        "wget": ["-q", url, "-O", str(saved)],
        "aria2c": [*aria2c, "-k1M", "-d", str(saved.parent), "-o", saved.name, url],
    }
    commands = {"httpcli": [*setup.httpcli, "download", "--connections", count, *own]}
    for name in case.programs:
        if name in setup.programs:
            commands[name] = [setup.programs[name], *words[name]]
    return commands


def _file(folder: Path, size: int) -> str:
    """Return the name of a file of that size; create it if necessary."""
    name = f"{size // _GIB}GiB" if size % _GIB == 0 and size else f"{size}.bin"
    with (folder / name).open("ab") as file:
        file.truncate(size)
    return name


def _table_lines(name: str, runs: Runs) -> Iterator[str]:
    medians = {program: median_run(each) for program, each in runs.items()}
    httpcli = medians.get("httpcli")
    for program, other in medians.items():
        columns = f"{other.wall:9.2f}{other.cpu:9.2f}{other.peak / _MIB:8.1f}"
        ratios = ""
        if httpcli is not None and program != "httpcli":
            wall, cpu, peak = (a / b for a, b in zip(httpcli, other, strict=True))
            ratios = f"{wall:9.2f}{cpu:7.2f}{peak:7.2f}"
        yield f"{name:24}{program:10}{columns}{ratios}"


def _serve(folder: Path) -> AbstractContextManager[str | None]:
    os.chmod(folder, 0o755)  # the workers of nginx run as another user  # noqa: S103
    return file_server(folder, _LIMIT)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.transfers")
    parser.add_argument("--httpcli", help="an installed httpcli (default: this tree)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program")
    parser.add_argument("--folder", help="where files are saved (default: the system's)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
