"""Count the instructions of a run under valgrind; other load on the machine has no effect.

The programs run from compiled modules, with a fixed hash seed and without a certificate file
of the machine. Then counts on one build of Python differ by less than 0.1 %.
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
"""Recorded counts, by the build of Python and the libraries."""

SLACK = 0.01
"""How much a count may exceed the recorded one, as a fraction."""

BARE_GET = """
import asyncio, sys
import aiohttp
async def main():
    async with aiohttp.ClientSession() as session, session.get(sys.argv[1]) as response:
        sys.stdout.buffer.write(await response.read())
asyncio.run(main())
"""
"""The same GET with aiohttp alone, for comparison."""

_TOTAL = re.compile(r"I\s+refs:\s+([\d,]+)")
_VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")


def instructions(command: Sequence[str], cache: str | Path) -> int:
    """Return the number of instructions of a command; ``cache`` is for compiled modules."""
    fixed = {"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(cache), "HOME": str(cache)}
    env = child_environment({**fixed, "PYTHONDONTWRITEBYTECODE": None, "SSL_CERT_FILE": None})
    options: dict[str, Any] = {"env": env, "stdin": subprocess.DEVNULL, "capture_output": True}
    subprocess.run(command, check=True, timeout=60, **options)
    result = subprocess.run([*_VALGRIND, *command], check=True, timeout=300, **options)
    match = _TOTAL.search(result.stderr.decode())
    assert match, result.stderr
    return int(match[1].replace(",", ""))


def count_get(url: str, cache: str | Path) -> dict[str, int]:
    """Return the counts of one GET of ``url`` by httpcli and by aiohttp alone."""
    return {
        "httpcli": instructions([*HTTPCLI, "GET", url], cache),
        "aiohttp": instructions([sys.executable, "-c", BARE_GET, url], cache),
    }


def build() -> str:
    """Return the versions on which a count depends: Python, libraries, machine."""
    libraries = " ".join(f"{name} {version(name)}" for name in ("aiohttp", "click"))
    name, date = platform.python_build()
    return (
        f"Python {platform.python_version()} ({name}, {date}), {libraries}, {platform.machine()}"
    )


def recorded() -> dict[str, dict[str, int]]:
    """Return the recorded counts."""
    budgets: dict[str, dict[str, int]] = json.loads(BUDGET.read_text("utf-8"))
    return budgets
