"""How much memory a run takes at its peak."""

from __future__ import annotations

import subprocess
import sys
from typing import IO

from tests.support.environment import HTTPCLI, child_environment

# A child begins as a copy of its parent, whose size the kernel counts too: a small
# process stands between pytest and the program.
_BETWEEN = (
    "import resource, subprocess, sys;"
    "status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);"
    "sys.exit(status)"
)


def peak_memory(*argv: str, stdin: IO[bytes] | None = None) -> int:
    """Run httpcli, which must succeed, its output to /dev/null; return KiB."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _BETWEEN, *HTTPCLI, *argv],
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        env=child_environment(),
        check=True,
    )
    return int(done.stdout)
