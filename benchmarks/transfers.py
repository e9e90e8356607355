"""Downloads beside curl, wget and aria2: ``python -m benchmarks.transfers``.

An nginx of our own serves a file on the loopback; each program saves it in its
turn, to a place where there is none. ``limited`` is a server that sends each
connection no more than 4 MB a second. What is missing is said and left out, and
so is a file that the disk has no room for.
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

from benchmarks.origin import files
from benchmarks.rows import Bench, Row, ratio
from benchmarks.runs import Run, middle, say, weighed
from tests.support.environment import HTTPCLI, child_environment

_MIB, _GIB = 1 << 20, 1 << 30
_LIMIT = "4000000"
_SAVED = "saved.bin"
_PEERS = ("curl", "wget", "aria2c")

Runs = Mapping[str, Sequence[Run]]


class Case(NamedTuple):
    """A file of ``size`` bytes at ``path``; ``programs`` save it, by so many connections."""

    name: str
    size: int
    path: str
    rounds: int
    programs: tuple[str, ...] = _PEERS
    connections: int = 1


class Place(NamedTuple):
    """Where from and where to: nginx's URL, the folder, the programs that are there."""

    url: str
    folder: Path
    env: Mapping[str, str]
    httpcli: Sequence[str]
    programs: Mapping[str, str]


def main() -> None:
    """Measure and print one table: what each program takes, and httpcli's ratio to it."""
    options = _options()
    found = {name: path for name in _PEERS if (path := shutil.which(name))}
    say(f"not there: {', '.join(sorted({*_PEERS} - {*found})) or 'nothing'}")
    httpcli = [options.httpcli] if options.httpcli else [*HTTPCLI]
    env = child_environment({"TERM": "xterm-256color"})
    say(f"{'':24}{'':10}{'wall s':>9}{'CPU s':>9}{'MiB':>8}{'x wall':>9}{'x CPU':>7}{'x MiB':>7}")
    with tempfile.TemporaryDirectory(dir=options.folder) as name, _served(Path(name)) as url:
        if url is None:
            raise SystemExit("nginx is missing: nothing to download from")
        place = Place(url, Path(name), env, httpcli, found)
        limited = Case("256 MiB, limited", 256 * _MIB, "slow/", 1, ("aria2c", "curl"), 8)
        for case in (
            Case("1 GiB", _GIB, "", options.rounds),
            Case("1 GiB, 8 connections", _GIB, "", options.rounds, ("aria2c",), 8),
            Case("8 GiB", 8 * _GIB, "", 1),
            limited,
        ):
            runs = _saved(case, place)
            for line in _lines(case.name, runs):
                say(line)


def rows(bench: Bench) -> Iterator[Row]:
    """Measure what is claimed of downloads."""
    programs = {name: path for name in _PEERS if (path := bench.program(name))}
    with _served(bench.folder) as url:
        if url is None:
            say("nginx is missing: downloads are left out")
            return
        place = Place(url, bench.folder, bench.env, [bench.httpcli], programs)
        yield from _of_a_file(place, bench.rounds)
        yield from _to_a_pipe(place, bench.rounds)
        yield from _of_several_connections(place)
        yield from _of_progress(place, bench.rounds)


def _of_a_file(place: Place, rounds: int) -> Iterator[Row]:
    runs = _saved(Case("1 GiB", _GIB, "", rounds), place)
    nothing = _saved(Case("nothing", 0, "", rounds), place)
    for name in runs:
        if name != "httpcli":
            stretch = 1.0 if name == "curl" else None
            value = ratio(runs, "httpcli", name)
            yield Row("1 GiB to a file", f"{name}, wall", value, 1.1, stretch, raw=runs)
    if "curl" in runs:
        ours, theirs = (
            middle(runs[name]).cpu - middle(nothing[name]).cpu for name in ("httpcli", "curl")
        )
        raw = {**runs, **{f"{name}, nothing": each for name, each in nothing.items()}}
        yield Row("1 GiB to a file", "curl, CPU over start-up", ours / theirs, 1.5, 1.2, raw=raw)
    large = _saved(Case("8 GiB", 8 * _GIB, "", 1, ("curl",)), place)
    if not large:
        return
    if "curl" in large:
        yield Row("8 GiB to a file", "curl, wall", ratio(large, "httpcli", "curl"), 1.1, 1.0)
    peak, less = (middle(each["httpcli"]).peak / _MIB for each in (large, runs))
    yield Row("8 GiB to a file", "peak memory", peak, 60, 45, "MiB", raw=large)
    yield Row("8 GiB to a file", "more memory than 1 GiB", peak - less, 3, 1, "MiB", raw=large)


def _to_a_pipe(place: Place, rounds: int) -> Iterator[Row]:
    curl = place.programs.get("curl")
    if curl is None:
        return
    url = f"{place.url}/{_file(place.folder, _GIB)}"
    commands = {"httpcli": [*place.httpcli, "GET", url], "curl": [curl, "-sS", url]}
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(weighed(command, place.env))
    yield Row("1 GiB to a pipe", "curl, wall", ratio(runs, *commands), 1.35, 1.1, raw=runs)


def _of_several_connections(place: Place) -> Iterator[Row]:
    size = 256 * _MIB
    runs = _saved(Case("limited", size, "slow/", 3, ("aria2c",), 8), place)
    if "aria2c" in runs:
        value = ratio(runs, "httpcli", "aria2c")
        yield Row("256 MiB, 4 MB/s each", "aria2c -x8 -s8 -k1M, wall", value, 1.1, 1.0, raw=runs)
    alone = _saved(Case("limited", size, "slow/", 1, ("curl",)), place, ours=False)
    if alone:
        both = {**runs, **alone}
        value = ratio(both, "curl", "httpcli")
        yield Row("256 MiB, 4 MB/s each", "times faster than curl", value, 6, 7.5, more=True)


def _of_progress(place: Place, rounds: int) -> Iterator[Row]:
    script = shutil.which("script")
    if script is None:
        say("script is missing: what drawing costs is left out")
        return
    url, saved = f"{place.url}/{_file(place.folder, _GIB)}", place.folder / _SAVED
    runs: dict[str, list[Run]] = {"drawn": [], "quiet": []}
    for _ in range(rounds):
        for name in runs:
            quiet = "-q" if name == "quiet" else "--progress=auto"
            words = [*place.httpcli, "download", "--connections=1", quiet, url, "-o", str(saved)]
            saved.unlink(missing_ok=True)
            runs[name].append(weighed([script, "-qefc", " ".join(words), "/dev/null"], place.env))
    saved.unlink()
    value = ratio(runs, "drawn", "quiet")
    yield Row("progress on a terminal", "1 GiB with -q, wall", value, 1.03, raw=runs)


def _saved(case: Case, place: Place, *, ours: bool = True) -> Runs:
    """Run each program in its turn, and check what it saved; nothing where there is no room."""
    free = shutil.disk_usage(place.folder).free
    if free < case.size + _GIB:
        say(f"{case.name}: left out, the disk has {free // _MIB} MiB only")
        return {}
    saved = place.folder / _SAVED
    url = f"{place.url}/{case.path}{_file(place.folder, case.size)}"
    commands = _commands(case, place, url, saved)
    if not ours:
        del commands["httpcli"]
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(case.rounds):
        for name, command in commands.items():
            saved.unlink(missing_ok=True)
            runs[name].append(weighed(command, place.env))
            if saved.stat().st_size != case.size:
                raise RuntimeError(f"{name} saved {saved.stat().st_size} bytes of {case.size}")
    saved.unlink(missing_ok=True)
    return runs


def _commands(case: Case, place: Place, url: str, saved: Path) -> dict[str, list[str]]:
    count, own = str(case.connections), ["--progress=none", url, "-o", str(saved)]
    aria2c = ["-q", "--allow-overwrite", "--file-allocation=falloc", f"-x{count}", f"-s{count}"]
    words = {
        "curl": ["-sS", url, "-o", str(saved)],
        "wget": ["-q", url, "-O", str(saved)],
        "aria2c": [*aria2c, "-k1M", "-d", str(saved.parent), "-o", saved.name, url],
    }
    commands = {"httpcli": [*place.httpcli, "download", "--connections", count, *own]}
    for name in case.programs:
        if name in place.programs:
            commands[name] = [place.programs[name], *words[name]]
    return commands


def _file(folder: Path, size: int) -> str:
    """Return the name of a file of that size, which is made where it is not there."""
    name = f"{size // _GIB}GiB" if size % _GIB == 0 and size else f"{size}.bin"
    with (folder / name).open("ab") as file:
        file.truncate(size)
    return name


def _lines(name: str, runs: Runs) -> Iterator[str]:
    medians = {program: middle(each) for program, each in runs.items()}
    ours = medians.get("httpcli")
    for program, theirs in medians.items():
        columns = f"{theirs.wall:9.2f}{theirs.cpu:9.2f}{theirs.peak / _MIB:8.1f}"
        ratios = ""
        if ours is not None and program != "httpcli":
            wall, cpu, peak = (a / b for a, b in zip(ours, theirs, strict=True))
            ratios = f"{wall:9.2f}{cpu:7.2f}{peak:7.2f}"
        yield f"{name:24}{program:10}{columns}{ratios}"


def _served(folder: Path) -> AbstractContextManager[str | None]:
    os.chmod(folder, 0o755)  # nginx's workers are another user  # noqa: S103
    return files(folder, _LIMIT)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="benchmarks.transfers")
    parser.add_argument("--httpcli", help="an installed httpcli (default: this tree)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each program")
    parser.add_argument("--folder", help="where files are saved (default: the system's)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
