"""Run httpcli and look at what came out, in this process or in one of its own.

``run`` is for most tests: the whole program, its standard streams and its
environment made for it. ``run_process`` is for what only a process has: signals,
exit status, broken pipes, closed descriptors.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from httpcli import app
from httpcli.core.invocation import Environment, Stream, StreamKind
from tests.support.environment import HTTPCLI, child_environment, current_environment
from tests.support.run_result import TIMEOUT, RunResult, shell_status

Input = bytes | Path | Stream | None
"""Standard input: bytes through a pipe, a regular file, a stream as it is, or /dev/null."""


def run(
    *argv: str,
    stdin: Input = None,
    env: Mapping[str, str | None] | None = None,
    terminal: bool = False,
    cwd: str | os.PathLike[str] | None = None,
) -> RunResult:
    """Run the program in this process. ``terminal``: a person sits at all three streams.

    What is given as ``stdin`` stands in for the keyboard even then.
    """
    out, err = _Drain(), _Drain()
    with ExitStack() as stack:
        stack.callback(err.finish)
        stack.callback(out.finish)
        kind = StreamKind.TERMINAL if terminal else StreamKind.PIPE
        surroundings = Environment(
            argv=argv,
            env=current_environment(env),
            cwd=os.fspath(cwd or os.getcwd()),
            stdin=stack.enter_context(_opened(stdin, terminal=terminal)),
            stdout=Stream(out.writing, kind),
            stderr=Stream(err.writing, kind),
        )
        stack.enter_context(_watched(argv))
        status = int(app.run(surroundings))
    return RunResult(bytes(out.data), err.data.decode(), status, status)


def run_process(
    *argv: str,
    stdin: bytes | Path | None = None,
    env: Mapping[str, str | None] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    program: Sequence[str] = HTTPCLI,
    timeout: float = TIMEOUT,
) -> RunResult:
    """Run the program as a process of its own; stdin is /dev/null where none is given."""
    with tempfile.TemporaryFile("w+b") as errors, ExitStack() as stack:
        source: int | BinaryIO = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        if isinstance(stdin, Path):
            source = stack.enter_context(stdin.open("rb"))
        child = stack.enter_context(
            start_process(*argv, env=env, program=program, cwd=cwd, stdin=source, stderr=errors)
        )
        out, _ = child.communicate(stdin if isinstance(stdin, bytes) else None, timeout)
        returncode = child.returncode
        return RunResult(out, _content(errors).decode(), shell_status(returncode), returncode)


@contextmanager
def start_process(
    *argv: str,
    env: Mapping[str, str | None] | None = None,
    program: Sequence[str] = HTTPCLI,
    **streams: Any,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program and give the running process; it is gone when the block ends.

    ``streams`` are Popen's; stdout and stderr are pipes, stdin /dev/null,
    where they do not say otherwise.
    """
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [*program, *argv],
        env=child_environment(env),
        preexec_fn=_heed_signals,  # noqa: PLW1509
        **{**pipes, **streams},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _heed_signals() -> None:
    """Have a child obey the signals that a background job, or nohup, starts with ignored."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)


class _Drain:
    """A pipe whose reading end is emptied by a thread: ``data`` is whole after ``finish``."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._reading, self.writing = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def finish(self) -> None:
        """Say that no more is written, and wait for the rest."""
        os.close(self.writing)
        self._reader.join(TIMEOUT)

    def _read(self) -> None:
        """Take what comes until the end."""
        with open(self._reading, "rb", buffering=0) as pipe:
            while piece := pipe.read(65536):
                self.data += piece


def _content(file: BinaryIO) -> bytes:
    """Read all of a file that others wrote through its descriptor."""
    file.seek(0)
    return file.read()


@contextmanager
def _opened(source: Input, *, terminal: bool) -> Iterator[Stream]:
    """Give the stream that ``source`` asks for."""
    if isinstance(source, Stream):
        yield source
    elif isinstance(source, Path):
        with source.open("rb") as file:
            yield Stream(file.fileno(), StreamKind.FILE, source.stat().st_size)
    elif source is not None:
        yield from _piped(source)
    else:
        with open(os.devnull, "rb") as nothing:
            yield Stream(nothing.fileno(), StreamKind.TERMINAL if terminal else StreamKind.OTHER)


def _piped(data: bytes) -> Iterator[Stream]:
    """Give the reading end of a pipe whose other end is written by a thread."""
    reading, writing = os.pipe()
    feeder = threading.Thread(target=_feed, args=(writing, data), daemon=True)
    feeder.start()
    try:
        yield Stream(reading, StreamKind.PIPE)
    finally:
        os.close(reading)
        feeder.join(TIMEOUT)


def _feed(descriptor: int, data: bytes) -> None:
    """Write all of ``data`` as far as somebody reads it, then close."""
    try:
        with open(descriptor, "wb", buffering=0) as pipe:
            view = memoryview(data)
            while view:
                view = view[pipe.write(view) :]
    except BrokenPipeError:
        return


@contextmanager
def _watched(argv: Sequence[str]) -> Iterator[None]:
    """End a block that hangs: an alarm interrupts it with TimeoutError."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"httpcli {' '.join(argv)}: no end in {TIMEOUT} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, TIMEOUT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
