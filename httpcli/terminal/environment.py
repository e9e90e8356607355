"""Reads the environment of the process once, and the versions of its components."""

from __future__ import annotations

import os
import platform
import ssl
import stat
import sys
from contextlib import suppress

from httpcli import __version__
from httpcli.core.invocation import Environment, Stream, StreamKind


def capture_environment() -> Environment:
    """Return the environment of this process.

    A closed standard stream is opened as /dev/null and marked as CLOSED: otherwise the
    next file or socket would get its number, and its output.
    """
    environment = Environment(
        argv=tuple(sys.argv[1:]),
        env=dict(os.environ),
        cwd=_cwd(),
        stdin=describe_stream(0),
        stdout=describe_stream(1),
        stderr=describe_stream(2),
        program=os.path.basename(sys.argv[0]),
    )
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)
    return environment


def describe_stream(fd: int) -> Stream:
    """Return a file descriptor with its kind of file."""
    try:
        status = os.fstat(fd)
    except OSError:
        return Stream(fd, StreamKind.CLOSED)
    if stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode):
        return Stream(fd, StreamKind.PIPE)
    if stat.S_ISREG(status.st_mode):
        return _describe_file(fd, status.st_size)
    if os.isatty(fd):
        return Stream(fd, StreamKind.TERMINAL)
    return Stream(fd, StreamKind.OTHER)


def _describe_file(fd: int, size: int) -> Stream:
    offset = os.lseek(fd, 0, os.SEEK_CUR)
    if size == 0 and offset == 0:
        # A file of /proc has contents but no size: read it like a pipe.
        with suppress(OSError):
            if os.pread(fd, 1, 0):
                return Stream(fd, StreamKind.PIPE)
    if offset > 0:
        return Stream(fd, StreamKind.PARTLY_READ, max(0, size - offset))
    return Stream(fd, StreamKind.FILE, size)


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # the directory was removed; absolute paths still work
        return "."


_LIBRARIES = ("aiohttp", "click", "Pygments", "rich", "Brotli")


def component_versions() -> list[tuple[str, str]]:
    """Return names and versions for ``--debug``: program, libraries, Python, OpenSSL, system."""
    return [
        ("httpcli", __version__),
        *((name, _version(name)) for name in _LIBRARIES),
        ("Python", f"{platform.python_version()} {sys.executable}"),
        ("OpenSSL", ssl.OPENSSL_VERSION),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}"),
    ]


def _version(library: str) -> str:
    try:
        from importlib.metadata import version

        return str(version(library))
    except ImportError:  # includes PackageNotFoundError
        return "not installed"
