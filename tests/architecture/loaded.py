"""What a run loads: the program in a new interpreter that tells its ``sys.modules``."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from tests.support.environment import child_environment
from tests.support.run_result import TIMEOUT

_PROGRAM = """
import os, sys
before, report, leave = set(sys.modules), sys.argv.pop(1), os._exit
def tell(status=0):
    with open(report, "w") as file:
        file.write("\\n".join(sorted(set(sys.modules) - before)))
    leave(status)
os._exit = tell
try:
    from httpcli.__main__ import main
    main()
except SystemExit:
    pass
finally:
    tell()
"""
_AIOHTTP_ALONE = """
import sys
before, report = set(sys.modules), sys.argv.pop(1)
import asyncio, aiohttp
with open(report, "w") as file:
    file.write("\\n".join(sorted(set(sys.modules) - before)))
"""


def loaded_by(*argv: str) -> frozenset[str]:
    """Return the modules that httpcli loads for these arguments, stdout being a pipe."""
    return _modules(_PROGRAM, argv)


def loaded_by_aiohttp() -> frozenset[str]:
    """Return the modules that importing asyncio and aiohttp's package loads by itself."""
    return _modules(_AIOHTTP_ALONE, ())


def heavy(modules: frozenset[str], libraries: tuple[str, ...]) -> list[str]:
    """Return which of these libraries are there, in whole or in part."""
    return [
        library
        for library in libraries
        if any(f"{name}.".startswith(f"{library}.") for name in modules)
    ]


def _modules(program: str, argv: tuple[str, ...]) -> frozenset[str]:
    """Run the text of a program and read what it reports."""
    with tempfile.NamedTemporaryFile("r") as report:
        subprocess.run(
            [sys.executable, "-c", program, report.name, *argv],
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )
        return frozenset(report.read().split())
