"""HTTPie without its start: a process that has loaded what it needs, and forks for each run.

Most of a run of HTTPie is imports, and the harness runs it a thousand times. Only
libraries are kept: HTTPie's own modules, and curses, look at their environment
while they are loaded, and so are loaded anew in each fork.

This file is a script, for HTTPie's own Python: ``warm.py SOCKET HTTPIE`` serves, and
``warm.py SOCKET run WORDS…`` is a run. The descriptors, folder and environment of
whoever runs it become the fork's, and the status comes back.
"""

from __future__ import annotations

import io
import os
import socket
import sys

_ERRORS = 2

_LARGEST = 1 << 17
"""Bytes of a message, which is all that a run is given."""


def run(path: str, words: list[str]) -> int:
    """Have the server run HTTPie here; return its status."""
    streams = [number for number in range(3) if _is_open(number)]
    variables = [f"{name}={value}" for name, value in os.environ.items()]
    given = ["".join(map(str, streams)), os.getcwd(), str(len(words)), *words, *variables]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(path)
        socket.send_fds(server, [os.fsencode("\0".join(given))], streams)
        return (server.recv(1) or b"\1")[0]


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def serve(path: str, program: str) -> None:
    """Load the libraries, tell it with a line, and fork for each run."""
    sys.modules["curses"] = None  # type: ignore[assignment] # it cannot be loaded
    __import__("httpie.core")
    del sys.modules["curses"]
    for name in [name for name in sys.modules if name.split(".")[0] == "httpie"]:
        del sys.modules[name]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen(16)
        os.write(1, b"ready\n")
        while True:
            caller, _ = listener.accept()
            with caller:
                if os.fork() == 0:
                    listener.close()
                    _become(caller, program)
            _reap()


def _reap() -> None:
    """Let go of the runs that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _become(caller: socket.socket, program: str) -> None:
    """Run HTTPie as the process that called, as far as it can see; do not return."""
    import runpy
    import threading
    import traceback

    message, descriptors, _, _ = socket.recv_fds(caller, _LARGEST, 3)
    streams, folder, count, *rest = os.fsdecode(message).split("\0")
    words, variables = rest[: int(count)], rest[int(count) :]
    # The last of the caller is the end of its run, too: somebody has killed it.
    threading.Thread(target=lambda: caller.recv(1) or os._exit(1), daemon=True).start()
    os.chdir(folder)
    os.environ.clear()
    for name, _, value in (variable.partition("=") for variable in variables):
        os.environ[name] = value
    for number in range(3):
        os.close(number)
    for number, descriptor in zip(map(int, streams), descriptors, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = _stream(number) if str(number) in streams else None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = [program, *words]
    status = 1
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001 # as Python does at its end
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    caller.send(bytes([status]))
    os._exit(0)


def _stream(number: int) -> io.TextIOWrapper:
    """Return a standard stream as Python makes it at its start."""
    binary = open(number, "rb" if number == 0 else "wb", closefd=False)  # noqa: SIM115
    errors = "backslashreplace" if number == _ERRORS else "surrogateescape"
    by_line = number == _ERRORS or binary.isatty()
    return io.TextIOWrapper(binary, "utf-8", errors, line_buffering=by_line)


if __name__ == "__main__":
    place, program, *words = sys.argv[1:]
    if program == "run":
        sys.exit(run(place, words))
    serve(place, program)
