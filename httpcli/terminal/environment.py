"""Captures the ambient state, once, as a value; nobody else asks the system for it."""

from __future__ import annotations

import os
import platform
import ssl
import stat
import sys
from contextlib import suppress

from httpcli import __version__
from httpcli.core.invocation import Environment, Stream, StreamKind


def capture() -> Environment:
    """Return what surrounds this process now.

    A standard stream that is closed becomes /dev/null, marked as CLOSED: the
    next file or socket would take its number, and get what was meant for it.
    """
    environment = Environment(
        argv=tuple(sys.argv[1:]),
        env=dict(os.environ),
        cwd=_cwd(),
        stdin=describe(0),
        stdout=describe(1),
        stderr=describe(2),
        program=os.path.basename(sys.argv[0]),
    )
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)
    return environment


def describe(fd: int) -> Stream:
    """Tell what a descriptor is connected to."""
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
        # What the kernel makes up (/proc) has content and no size: it flows.
        with suppress(OSError):
            if os.pread(fd, 1, 0):
                return Stream(fd, StreamKind.PIPE)
    if offset > 0:
        return Stream(fd, StreamKind.PARTLY_READ, max(0, size - offset))
    return Stream(fd, StreamKind.FILE, size)


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:  # it was removed under us; absolute paths still work
        return "."


# What this program runs on: for ``--debug``, and for who reads a report of a fault.


_LIBRARIES = ("aiohttp", "click", "Pygments", "rich", "Brotli")


def versions() -> list[tuple[str, str]]:
    """Return names and versions: the program, its libraries, Python, OpenSSL, the system."""
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
    except ImportError:  # PackageNotFoundError is one
        return "not installed"
