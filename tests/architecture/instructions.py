"""Counts the instructions of a run under valgrind: a clock that does not hear the neighbours.

The programs run from compiled modules, with a fixed hash seed and without a
certificate file of the machine's, so that a count repeats to a few in ten
thousand on one build of Python.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.support.environment import HTTPCLI, child_environment

BUDGET = Path(__file__).with_name("budget.json")
"""Recorded counts by the build they were counted on."""

SLACK = 0.01
"""How far a count may be above the recorded one: a part of it."""

BARE_GET = """
import asyncio, sys
import aiohttp
async def main():
    async with aiohttp.ClientSession() as session, session.get(sys.argv[1]) as response:
        sys.stdout.buffer.write(await response.read())
asyncio.run(main())
"""
"""The same GET in the fewest lines that aiohttp allows: what the number is compared with."""

_TOTAL = re.compile(r"I\s+refs:\s+([\d,]+)")
_VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")


def instructions(command: Sequence[str], cache: str | Path) -> int:
    """Count a command's instructions; ``cache`` is a folder for compiled modules."""
    fixed = {"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(cache), "HOME": str(cache)}
    env = child_environment({**fixed, "PYTHONDONTWRITEBYTECODE": None, "SSL_CERT_FILE": None})
    quiet: dict[str, Any] = {"env": env, "stdin": subprocess.DEVNULL, "capture_output": True}
    subprocess.run(command, check=True, timeout=60, **quiet)
    counted = subprocess.run([*_VALGRIND, *command], check=True, timeout=300, **quiet)
    found = _TOTAL.search(counted.stderr.decode())
    assert found, counted.stderr
    return int(found[1].replace(",", ""))


def count_get(url: str, cache: str | Path) -> dict[str, int]:
    """Count one GET of ``url`` by httpcli and by aiohttp alone."""
    return {
        "httpcli": instructions([*HTTPCLI, "GET", url], cache),
        "aiohttp": instructions([sys.executable, "-c", BARE_GET, url], cache),
    }


def build() -> str:
    """Name what a count depends on: this build of Python and the libraries that load."""
    libraries = " ".join(f"{name} {version(name)}" for name in ("aiohttp", "click"))
    made, when = platform.python_build()
    return (
        f"Python {platform.python_version()} ({made}, {when}), {libraries}, {platform.machine()}"
    )


def recorded() -> dict[str, dict[str, int]]:
    """Read the recorded counts."""
    budgets: dict[str, dict[str, int]] = json.loads(BUDGET.read_text("utf-8"))
    return budgets
