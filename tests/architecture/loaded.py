"""The modules that a run imports, from ``sys.modules`` of a new interpreter at its end.

``-X importtime`` would omit what ``importlib.import_module`` imports.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

from tests.support.environment import child_environment
from tests.support.run_result import TIMEOUT

_PROGRAM = """
import os, sys
before, report_file, exit_now = set(sys.modules), sys.argv.pop(1), os._exit
def report(status=0):
    with open(report_file, "w") as file:
        file.write("\\n".join(sorted(set(sys.modules) - before)))
    exit_now(status)
os._exit = report
try:
    from httpcli.__main__ import main
    main()
except SystemExit:
    pass
finally:
    report()
"""
_AIOHTTP_ONLY = """
import sys
before, report_file = set(sys.modules), sys.argv.pop(1)
import asyncio, aiohttp
with open(report_file, "w") as file:
    file.write("\\n".join(sorted(set(sys.modules) - before)))
"""


def loaded_by(*argv: str) -> frozenset[str]:
    """Return the modules that httpcli imports for these arguments; stdout is a pipe."""
    return _modules(_PROGRAM, argv)


def loaded_by_aiohttp() -> frozenset[str]:
    """Return the modules that ``import asyncio, aiohttp`` imports."""
    return _modules(_AIOHTTP_ONLY, ())


def heavy(modules: frozenset[str], libraries: tuple[str, ...]) -> list[str]:
    """Return which of these libraries are imported, at least in part."""
    return [
        library
        for library in libraries
        if any(f"{name}.".startswith(f"{library}.") for name in modules)
    ]


def _modules(program: str, argv: tuple[str, ...]) -> frozenset[str]:
    """Run the source text of a program; return the modules that it reports. Fails without any."""
    with tempfile.NamedTemporaryFile("r") as report:
        result = subprocess.run(
            [sys.executable, "-c", program, report.name, *argv],
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
        )
        loaded = frozenset(report.read().split())
    assert loaded, f"no modules reported: {result.stderr.decode()}"
    return loaded
