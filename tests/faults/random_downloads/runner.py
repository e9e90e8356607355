"""Runs the scenario of a seed, and describes what happened."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.faults.random_downloads.oracle import (
    Ended,
    File,
    Judge,
    Snapshot,
    has_checksum,
    resume_hints,
)
from tests.faults.random_downloads.scenario import (
    Kill,
    Scenario,
    Step,
    make_scenario,
    sidecar_text,
)
from tests.support.environment import HTTPCLI, plain_environment
from tests.support.fork_server import ForkedProgram, ForkServer
from tests.support.lying_server import LyingServer, Resource
from tests.support.run import start_process
from tests.support.run_result import shell_status

_TIMEOUT = 60.0
"""Seconds after which a run counts as hanging."""
_SMALL_DISK = 400 * 1024
_LARGE_DISK = 64 << 20


@dataclass
class Outcome:
    """What one seed found."""

    seed: str
    problems: list[str] = field(default_factory=list)
    text: str = ""
    """Everything that happened, for people."""
    runs: int = 0
    """How often the program was started."""
    several_connections: int = 0
    """Runs with more than one connection at a time."""
    killed: int = 0
    """Runs that a signal ended."""
    resumed: int = 0
    """Runs that began with a partial file of an earlier run, and requested the rest."""
    full_disks: int = 0
    """Runs with a full disk or a limit of the file size."""
    lies: dict[str, int] = field(default_factory=dict)
    """How often the server answered with each lie."""
    statuses: dict[int, int] = field(default_factory=dict)
    """How often each exit status was returned."""


def run_seed(
    seed: str, small_disk: str | None = None, fork_server: ForkServer | None = None
) -> Outcome:
    """Run the scenario of a seed.

    ``small_disk`` is a folder for scenarios with a full disk. ``fork_server`` starts the
    program; None for a new process each time.
    """
    memory = "/dev/shm"
    root = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="random-downloads-", dir=root) as base:
        scenario = make_scenario(seed)
        if scenario.uses_small_disk and small_disk is None:
            scenario.uses_small_disk = False
        return _ScenarioRun(scenario, Path(base), small_disk, fork_server).run()


class _ScenarioRun:
    def __init__(
        self,
        scenario: Scenario,
        base: Path,
        small_disk: str | None,
        fork_server: ForkServer | None,
    ) -> None:
        self._fork_server = fork_server
        self._scenario = scenario
        self._base = base
        self._disk = small_disk if scenario.uses_small_disk else None
        self._folder = base / "box"
        self._home = base / "home"
        self._outcome = Outcome(scenario.seed)
        self._lines: list[str] = []
        self._hint = ""
        """What the last run said about resuming."""

    def run(self) -> Outcome:
        """Run every step, and the honest one at the end."""
        self._home.mkdir()
        if self._disk is not None:
            _clear(Path(self._disk))
            _resize(self._disk, _SMALL_DISK)
            self._folder = Path(self._disk)
        else:
            self._folder.mkdir()
        for name, content in self._scenario.folder.items():
            with suppress(OSError):  # the small disk is full
                (self._folder / name).write_bytes(content)
        self._describe_scenario()
        with LyingServer(self._scenario.resources) as server:
            self._set_sidecar(server)
            judge = Judge(self._scenario, server.whole_bodies)
            for step in self._scenario.steps:
                if step.is_final:
                    if not self._is_final_needed():
                        break
                    self._prepare_final(step)
                self._run_step(step, server, judge)
                if self._outcome.problems:
                    break
        if self._disk is not None:
            _clear(self._folder)
        self._lines += [f"PROBLEM: {problem}" for problem in self._outcome.problems]
        self._outcome.text = "\n".join([*self._lines, ""])
        return self._outcome

    def _is_final_needed(self) -> bool:
        parts = list(self._folder.glob("*.part"))
        return bool(parts) or self._scenario.always_ends_honestly

    def _set_sidecar(self, server: LyingServer) -> None:
        resource = self._scenario.resources.get("evil-sidecar")
        if resource is not None:
            target = self._scenario.resources["f"].version
            text = sidecar_text(f"{server.url}/f", target)
            resource.versions = [each._replace(content=text) for each in resource.versions]
            server.whole_bodies.add(text)

    def _prepare_final(self, step: Step) -> None:
        """Let the server have the version of the partial file, if there is one."""
        if self._disk is not None:
            _resize(self._disk, _LARGE_DISK)
        sidecars = [path.read_bytes() for path in self._folder.glob("*.part.json")]
        for resource in self._scenario.resources.values():
            current = resource.current if step.checksums else _saved_version(resource, sidecars)
            resource.current = resource.current if current is None else current
        current_content = self._scenario.resources[self._scenario.names[0]].version.content
        last = self._scenario.steps[-2].checksums
        if last and has_checksum(current_content, last):
            step.checksums = last

    def _run_step(self, step: Step, server: LyingServer, judge: Judge) -> None:
        before = take_snapshot(self._folder)
        outside = _names_outside(self._base)
        logged = len(server.log)
        server.begin_run(step.script)
        argv = self._arguments(step, server)
        self._lines.append(f"\n$ {shlex.join(('httpcli', *argv))}{_circumstances(step)}")
        try:
            ended = self._start(argv, step, server)
        except subprocess.TimeoutExpired:
            ended = Ended(-1, b"", f"no end in {_TIMEOUT} s")
        server.wait_until_idle()
        after = take_snapshot(self._folder)
        problems = judge.problems(step, before, after, ended)
        if _names_outside(self._base) != outside:
            problems.append(f"files outside of the folder: {_names_outside(self._base)}")
        requests = server.requests[len(server.requests) - server.run_requests :]
        same_checksum = step.checksums == self._scenario.steps[-2].checksums
        # Of several partial files, or of several URLs with one name, another one may be taken.
        is_only_one = len(self._scenario.names) == 1 and (
            sum(name.endswith(".part") for name in before) == 1
        )
        if (
            step.is_final
            and self._hint
            and same_checksum
            and is_only_one
            and "--output" not in self._hint  # the final run does not name the file
            and not any(each.header("Range") for each in requests)
        ):
            problems.append(f"nothing was resumed, but the hint was {self._hint!r}")
        self._hint = "".join(resume_hints(ended.err)[:1])
        self._count(step, server, ended, before)
        self._lines += server.log[logged:]
        self._lines.append(f"exit status {ended.status}; stdout {ended.out[:300]!r}; stderr:")
        self._lines += [f"   {line}" for line in ended.err.splitlines()]
        self._lines += ["folder:", *_describe_folder(after, self._scenario)]
        name = "the final run" if step.is_final else "a run"
        self._outcome.problems += [f"{name}: {problem}" for problem in problems]

    def _arguments(self, step: Step, server: LyingServer) -> list[str]:
        options = list(step.options)
        if "EVIL" in options:
            options.remove("EVIL")
            names = ["evil-part", "evil-sidecar"]
            return ["download", "--jobs=1", *options, *(f"{server.url}/{name}" for name in names)]
        checksums = list(step.checksums.items())
        for algorithm, digest in checksums:
            if len(step.script.seed) % 3:
                options += ["--checksum", f"{algorithm}:{digest}"]
            else:
                (self._base / "SUMS").write_text(f"{digest}  f\n")
                options += [
                    "--checksum",
                    "../SUMS" if self._disk is None else f"{self._base}/SUMS",
                ]
        urls = [f"{server.url}/{name}" for name in self._scenario.names]
        return [*self._scenario.command, *options, *urls]

    def _start(self, argv: list[str], step: Step, server: LyingServer) -> Ended:
        with self._process(argv, step.file_size_limit) as child:
            if step.kill is not None:
                self._kill(child, step.kill, server)
            out, err = child.communicate(timeout=_TIMEOUT)
        return Ended(shell_status(child.returncode or 0), out, err.decode("utf-8", "replace"))

    def _process(
        self, argv: list[str], file_size_limit: int | None
    ) -> AbstractContextManager[subprocess.Popen[bytes] | ForkedProgram]:
        env = plain_environment(self._home)
        if self._fork_server is not None:
            folder = str(self._folder)
            return self._fork_server.start(argv, env, folder, file_size_limit)
        program: tuple[str, ...] = HTTPCLI
        if file_size_limit is not None:
            # The unit of dash is 512 bytes, that of bash is 1 KiB.
            limit = file_size_limit // 512
            program = ("sh", "-c", f'ulimit -f {limit}; exec "$@"', "sh", *HTTPCLI)
        return start_process(*argv, env=env, program=program, cwd=self._folder)

    def _kill(
        self, child: subprocess.Popen[bytes] | ForkedProgram, kill: Kill, server: LyingServer
    ) -> None:
        def is_time() -> bool:
            if kill.at_byte is not None:
                return server.sent >= kill.at_byte and server.run_requests > 0
            return server.run_requests >= (kill.at_request or 0)

        deadline = time.monotonic() + 6
        while child.poll() is None and time.monotonic() < deadline:
            if server.wait_for(is_time, 0.05):
                break
        with suppress(subprocess.TimeoutExpired):
            child.wait(kill.delay)
        if child.poll() is None:
            child.send_signal(getattr(signal, f"SIG{kill.signal}"))
            self._outcome.killed += 1
        server.release()

    def _count(self, step: Step, server: LyingServer, ended: Ended, before: Snapshot) -> None:
        outcome = self._outcome
        outcome.runs += 1
        outcome.several_connections += server.run_additional > 0
        outcome.full_disks += step.file_size_limit is not None or self._disk is not None
        had_part = any(name.endswith(".part.json") for name in before)
        ranges = [each.header("Range") for each in server.requests[-server.run_requests :]]
        outcome.resumed += bool(had_part and server.run_requests and ranges[0])
        outcome.statuses[ended.status] = outcome.statuses.get(ended.status, 0) + 1
        for lie in step.script.used:
            outcome.lies[lie] = outcome.lies.get(lie, 0) + 1

    def _describe_scenario(self) -> None:
        self._lines.append(f"seed {self._scenario.seed}")
        for name, resource in self._scenario.resources.items():
            self._lines.append(
                f"/{name}: {resource.framing}, ranges: {resource.accepts_ranges}, "
                f"Content-Disposition: {resource.disposition!r}"
            )
            self._lines += [
                f"   version {number}: {len(each.content)} bytes ({_digest(each.content)}), "
                f"ETag {each.etag!r}, Last-Modified {each.modified!r}"
                for number, each in enumerate(resource.versions)
            ]
        folder = take_snapshot(self._folder)
        self._lines += ["folder:", *_describe_folder(folder, self._scenario)]


def take_snapshot(folder: Path) -> Snapshot:
    """Return the files of a folder with their contents."""
    found: Snapshot = {}
    for path in folder.iterdir():
        status = path.lstat()
        is_file = stat.S_ISREG(status.st_mode)
        content = path.read_bytes() if is_file else b"<not a file>"
        found[path.name] = File(content, status.st_ino)
    return found


def _names_outside(base: Path) -> list[str]:
    """Return the files that are not in the folder of the downloads."""
    return sorted(
        str(path.relative_to(base))
        for path in base.rglob("*")
        if path.is_file() and path.relative_to(base).parts[0] not in ("box", "home", "SUMS")
    )


def _saved_version(resource: Resource, sidecars: list[bytes]) -> int | None:
    for number, version in enumerate(resource.versions):
        for validator in (version.etag.replace('"', '\\"'), version.modified):
            if validator and any(validator.encode() in text for text in sidecars):
                return number
    return None


def _circumstances(step: Step) -> str:
    parts = [f"server: {', '.join([*step.script.lies, step.script.rest])}"]
    parts += [f"rate {step.script.rate}"] if step.script.rate else []
    parts += [str(step.kill)] if step.kill else []
    if step.file_size_limit is not None:
        parts.append(f"files up to {step.file_size_limit} bytes")
    return f"\n   [{'; '.join(parts)}]"


def _describe_folder(snapshot: Snapshot, scenario: Scenario) -> Iterator[str]:
    versions = {
        version.content: f"= version {number} of /{name}"
        for name, resource in scenario.resources.items()
        for number, version in enumerate(resource.versions)
    }
    for name, (content, _) in sorted(snapshot.items()):
        note = versions.get(content, "")
        if name.endswith(".json") and len(content) < 2000:
            note = " ".join(content.decode("utf-8", "replace").split())
        yield f"   {name!r}: {len(content)} bytes ({_digest(content)}) {note}"


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:8]


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _resize(disk: str, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


@contextmanager
def mounted_small_disk() -> Iterator[str | None]:
    """Mount a small disk that only this process and its children see; None without permission.

    Call it before threads are started.
    """
    import ctypes

    with tempfile.TemporaryDirectory(prefix="small-disk-") as folder:
        new_namespace = 0x00020000
        if ctypes.CDLL(None).unshare(new_namespace):
            yield None
            return
        subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True)
        options = f"size={_SMALL_DISK},mode=755"
        command = ["mount", "-t", "tmpfs", "-o", options, "none", folder]
        if subprocess.run(command, capture_output=True).returncode:
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], capture_output=True)
