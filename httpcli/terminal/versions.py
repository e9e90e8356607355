"""What this program runs on: for ``--debug``, and for who reads a report of a fault."""

from __future__ import annotations

import platform
import ssl
import sys

from httpcli import __version__

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
