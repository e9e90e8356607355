"""Starts the program by forking a process that has imported it, to save most of the time.

``ForkServer`` is for many thousand runs. Each run is a process of its own, with its own folder,
environment and signals, but it skips the imports. Tests of the start need a real start:
``tests.support.run.start_process``.
"""

from __future__ import annotations

import json
import os
import pkgutil
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn, Self

from tests.support.environment import ROOT

_MAX_MESSAGE = 1 << 20


class ForkedProgram:
    """A run of the program, with the methods of Popen that tests need."""

    def __init__(self, pid: int, reply: socket.socket, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._reply = reply
        self._outputs = {stdout: b"", stderr: b""}
        self._stdout, self._stderr = stdout, stderr

    def poll(self) -> int | None:
        """Return the return code, or None while the program runs."""
        if self.returncode is None and select.select([self._reply], [], [], 0)[0]:
            self._take_status()
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for the end. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._reply], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("httpcli", timeout)
            self._take_status()
        return self.returncode or 0

    def communicate(self, timeout: float) -> tuple[bytes, bytes]:
        """Read both outputs to their end, and wait. Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        unfinished = set(self._outputs)
        while unfinished:
            ready = select.select(list(unfinished), [], [], max(deadline - time.monotonic(), 0))[0]
            if not ready:
                raise subprocess.TimeoutExpired("httpcli", timeout)
            for descriptor in ready:
                data = os.read(descriptor, 65536)
                self._outputs[descriptor] += data
                if not data:
                    unfinished.discard(descriptor)
        self.wait(max(deadline - time.monotonic(), 0))
        return self._outputs[self._stdout], self._outputs[self._stderr]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the program has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended since
                os.kill(self.pid, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Kill the program if it runs, and close the outputs."""
        self.send_signal(signal.SIGKILL)
        self.wait(30)
        os.close(self._stdout)
        os.close(self._stderr)

    def _take_status(self) -> None:
        self.returncode = int(self._reply.recv(100))


class ForkServer:
    """A process that has imported the program; runs one at a time."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def start(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
        file_size_limit: int | None = None,
    ) -> ForkedProgram:
        """Start the program."""
        stdout, their_stdout = os.pipe()
        stderr, their_stderr = os.pipe()
        message = {"argv": list(argv), "env": dict(env), "cwd": cwd, "limit": file_size_limit}
        descriptors = [their_stdout, their_stderr]
        socket.send_fds(self._socket, [json.dumps(message).encode()], descriptors)
        os.close(their_stdout)
        os.close(their_stderr)
        return ForkedProgram(int(self._socket.recv(100)), self._socket, stdout, stderr)

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.wait()


def _serve(requests: socket.socket) -> None:
    import httpcli

    for module in pkgutil.walk_packages(httpcli.__path__, "httpcli."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    main = import_module("httpcli.__main__").main
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, _MAX_MESSAGE, 2)
        if not data:
            return
        pid = os.fork()
        if not pid:
            _run(main, json.loads(data), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def _run(main: object, message: dict[str, object], descriptors: list[int]) -> NoReturn:
    assert callable(main)
    try:
        for target, descriptor in zip((1, 2), descriptors, strict=True):
            os.dup2(descriptor, target)
        os.closerange(3, 1024)
        os.chdir(str(message["cwd"]))
        os.environ.clear()
        env = message["env"]
        assert isinstance(env, dict)
        os.environ.update(env)
        argv = message["argv"]
        assert isinstance(argv, list)
        sys.argv[:] = ["httpcli", *argv]
        limit = message["limit"]
        if isinstance(limit, int):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        main()
    finally:
        os._exit(70)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
