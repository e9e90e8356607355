"""Reads the environment of the process once, and the versions of its components."""

from __future__ import annotations

import codecs
import os
import platform
import ssl
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from httpcli import __version__
from httpcli.core.invocation import Environment, Stream, StreamKind

if TYPE_CHECKING:
    from collections.abc import Mapping


def capture_environment() -> Environment:
    """Return the environment of this process.

    A closed standard stream is opened as /dev/null and marked as CLOSED: otherwise the
    next file or socket would get its number, and its output.
    """
    charset = terminal_charset(os.environ)
    environment = Environment(
        argv=tuple(sys.argv[1:]),
        env=dict(os.environ),
        cwd=_cwd(),
        stdin=describe_stream(0, charset),
        stdout=describe_stream(1, charset),
        stderr=describe_stream(2, charset),
        program=os.path.basename(sys.argv[0]),
    )
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(fd, True)
    os.close(fd)
    return environment


def describe_stream(fd: int, charset: str = "utf-8") -> Stream:
    """Return a file descriptor with its kind of file; ``charset`` is that of a terminal."""
    try:
        status = os.fstat(fd)
    except OSError:
        return Stream(fd, StreamKind.CLOSED)
    if stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode):
        return Stream(fd, StreamKind.PIPE)
    if stat.S_ISREG(status.st_mode):
        return _describe_file(fd, status.st_size)
    if os.isatty(fd):
        return Stream(fd, StreamKind.TERMINAL, charset=charset)
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


def terminal_charset(env: Mapping[str, str]) -> str:
    """Return the charset of the terminal by its locale, as a codec.

    UTF-8 for the locale C, as in Python (PEP 538), and ASCII for an unknown charset, one that
    is not a superset of ASCII, or one with escape sequences.
    """
    language = env.get("LANG", "")
    ctype = env.get("LC_CTYPE", "")
    if ctype in _COERCED and language:
        ctype = ""  # Python sets it if the locale that LANG names is not installed
    name = env.get("LC_ALL") or ctype or language or "C"
    if name in ("C", "POSIX") or "utf" in name.lower():
        return "utf-8"
    if "." not in name:
        from locale import normalize

        name = normalize(name)
    charset = name.partition(".")[2].partition("@")[0]
    try:
        codec = codecs.lookup(charset)
        is_superset = _ASCII.decode(codec.name) == _ASCII.decode("ascii")
        if is_superset and not codec.name.startswith(("iso2022", "idna")):
            return codec.name
    except (LookupError, ValueError):
        pass
    return "ascii"


_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""Values of LC_CTYPE that Python sets (PEP 538)."""
_ASCII = bytes((*b"\n\t", *range(0x20, 0x7F)))


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
