"""A preloaded HTTPie: a process that has imported its libraries and forks for each run.

HTTPie spends most of a run on imports, and the tests run it a thousand times. Only
libraries are preloaded: HTTPie's own modules and curses read the environment when they
are imported, so each fork imports them again.

This file is a script for HTTPie's own Python: ``warm_httpie.py SOCKET HTTPIE`` is the
server, and ``warm_httpie.py SOCKET run ARGUMENT…`` is a run. The fork gets the caller's
descriptors, working folder and environment, and returns the exit status.
"""

from __future__ import annotations

import io
import os
import socket
import sys

_ERRORS = 2

_LARGEST = 1 << 17
"""Maximum bytes of the one message that describes a run."""


def run(path: str, arguments: list[str]) -> int:
    """Make the server run HTTPie in this environment; return its status."""
    streams = [number for number in range(3) if _is_open(number)]
    variables = [f"{name}={value}" for name, value in os.environ.items()]
    parts = ["".join(map(str, streams)), os.getcwd(), str(len(arguments)), *arguments, *variables]
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(path)
        socket.send_fds(server, [os.fsencode("\0".join(parts))], streams)
        return (server.recv(1) or b"\1")[0]


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def serve(path: str, program: str) -> None:
    """Import the libraries, print a line when ready, and fork for each run."""
    sys.modules["curses"] = None  # type: ignore[assignment] # prevent its import
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
                    _run_as_caller(caller, program)
            _reap()


def _reap() -> None:
    """Reap the forks that have exited."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _run_as_caller(caller: socket.socket, program: str) -> None:
    """Run HTTPie with the caller's descriptors, folder and environment; do not return."""
    import runpy
    import threading
    import traceback

    message, descriptors, _, _ = socket.recv_fds(caller, _LARGEST, 3)
    streams, folder, count, *rest = os.fsdecode(message).split("\0")
    arguments, variables = rest[: int(count)], rest[int(count) :]
    # If the caller is killed, its socket closes: end the run too.
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
    sys.argv = [program, *arguments]
    status = 1
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001 # as Python does on exit
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    caller.send(bytes([status]))
    os._exit(0)


def _stream(number: int) -> io.TextIOWrapper:
    """Return a standard stream configured as at Python's startup."""
    binary = open(number, "rb" if number == 0 else "wb", closefd=False)  # noqa: SIM115
    errors = "backslashreplace" if number == _ERRORS else "surrogateescape"
    by_line = number == _ERRORS or binary.isatty()
    return io.TextIOWrapper(binary, "utf-8", errors, line_buffering=by_line)


if __name__ == "__main__":
    path, program, *arguments = sys.argv[1:]
    if program == "run":
        sys.exit(run(path, arguments))
    serve(path, program)
