"""Runs httpcli in a test, in this process or in a new one.

``run`` is for most tests: it calls the program with given arguments, standard streams and
environment, and returns the output. ``run_process`` is for what only a process has: signals,
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
"""Standard input: bytes through a pipe, a regular file, a stream unchanged, or /dev/null."""


def run(
    *argv: str,
    stdin: Input = None,
    env: Mapping[str, str | None] | None = None,
    terminal: bool = False,
    cwd: str | os.PathLike[str] | None = None,
) -> RunResult:
    """Run the program in this process. ``terminal``: all three streams are a terminal.

    ``stdin`` replaces the terminal's input.
    """
    out, err = _PipeReader(), _PipeReader()
    with ExitStack() as stack:
        stack.callback(err.finish)
        stack.callback(out.finish)
        kind = StreamKind.TERMINAL if terminal else StreamKind.PIPE
        run_environment = Environment(
            argv=argv,
            env=current_environment(env),
            cwd=os.fspath(cwd or os.getcwd()),
            stdin=stack.enter_context(_stdin_stream(stdin, terminal=terminal)),
            stdout=Stream(out.write_end, kind),
            stderr=Stream(err.write_end, kind),
        )
        stack.enter_context(_time_limit(argv))
        status = int(app.run(run_environment))
    return RunResult(bytes(out.data), err.data.decode(), status, status)


def run_process(
    *argv: str,
    stdin: bytes | Path | None = None,
    env: Mapping[str, str | None] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    program: Sequence[str] = HTTPCLI,
    timeout: float = TIMEOUT,
) -> RunResult:
    """Run the program as a process; stdin defaults to /dev/null."""
    with tempfile.TemporaryFile("w+b") as errors, ExitStack() as stack:
        source: int | BinaryIO = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        if isinstance(stdin, Path):
            source = stack.enter_context(stdin.open("rb"))
        child = stack.enter_context(
            start_process(*argv, env=env, program=program, cwd=cwd, stdin=source, stderr=errors)
        )
        out, _ = child.communicate(stdin if isinstance(stdin, bytes) else None, timeout)
        returncode = child.returncode
        return RunResult(out, _file_content(errors).decode(), shell_status(returncode), returncode)


@contextmanager
def start_process(
    *argv: str,
    env: Mapping[str, str | None] | None = None,
    program: Sequence[str] = HTTPCLI,
    **streams: Any,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program; yield the running process and kill it at the end of the block.

    ``streams`` are arguments of Popen. By default stdout and stderr are pipes and stdin is
    /dev/null.
    """
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [*program, *argv],
        env=child_environment(env),
        preexec_fn=_restore_signal_handlers,  # noqa: PLW1509
        **{**pipes, **streams},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def _restore_signal_handlers() -> None:
    """Reset the signals that a background job or nohup ignores in its children."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class _PipeReader:
    """A pipe that a thread reads; ``data`` is complete after ``finish``."""

    def __init__(self) -> None:
        self.data = bytearray()
        self._read_end, self.write_end = os.pipe()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Close the write end and wait until everything is read."""
        os.close(self.write_end)
        self._thread.join(TIMEOUT)

    def _read(self) -> None:
        """Read until the end of the pipe."""
        with open(self._read_end, "rb", buffering=0) as pipe:
            while piece := pipe.read(65536):
                self.data += piece


def _file_content(file: BinaryIO) -> bytes:
    """Return the whole content of a file that another process wrote through its descriptor."""
    file.seek(0)
    return file.read()


@contextmanager
def _stdin_stream(source: Input, *, terminal: bool) -> Iterator[Stream]:
    """Yield the stdin stream for ``source``."""
    if isinstance(source, Stream):
        yield source
    elif isinstance(source, Path):
        with source.open("rb") as file:
            yield Stream(file.fileno(), StreamKind.FILE, source.stat().st_size)
    elif source is not None:
        yield from _pipe_with(source)
    else:
        with open(os.devnull, "rb") as null:
            yield Stream(null.fileno(), StreamKind.TERMINAL if terminal else StreamKind.OTHER)


def _pipe_with(data: bytes) -> Iterator[Stream]:
    """Yield the read end of a pipe into which a thread writes ``data``."""
    read_end, write_end = os.pipe()
    writer = threading.Thread(target=_write, args=(write_end, data), daemon=True)
    writer.start()
    try:
        yield Stream(read_end, StreamKind.PIPE)
    finally:
        os.close(read_end)
        writer.join(TIMEOUT)


def _write(descriptor: int, data: bytes) -> None:
    """Write ``data`` until the reader closes the pipe, then close."""
    try:
        with open(descriptor, "wb", buffering=0) as pipe:
            view = memoryview(data)
            while view:
                view = view[pipe.write(view) :]
    except BrokenPipeError:
        return


@contextmanager
def _time_limit(argv: Sequence[str]) -> Iterator[None]:
    """Raise TimeoutError in a block that takes longer than TIMEOUT."""

    def raise_timeout(*_: object) -> None:
        raise TimeoutError(f"httpcli {' '.join(argv)}: no end in {TIMEOUT} s")

    previous_handler = signal.signal(signal.SIGALRM, raise_timeout)
    signal.setitimer(signal.ITIMER_REAL, TIMEOUT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous_handler)
