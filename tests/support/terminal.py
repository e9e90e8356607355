"""A terminal for tests: it runs a program on a pty that is its controlling terminal.

Nothing here sleeps: every wait is a select on the pty. A wait that times out fails and shows
the output so far.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from types import TracebackType

from tests.support.environment import HTTPCLI, child_environment
from tests.support.run_result import TIMEOUT, shell_status

# Resets the signals that a background job or nohup ignores in its children.
_TAKE_THE_TERMINAL = (
    "import fcntl, os, signal, sys, termios;"
    "[signal.signal(number, signal.SIG_DFL) for number in (1, 2, 15)];"
    "fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[2], sys.argv[2:])"
)
_LEADER = (sys.executable, "-I", "-S", "-c", _TAKE_THE_TERMINAL)
"""The leader of a new session; it takes the pty as its terminal, then executes the program."""

_CONTROL = re.compile(
    # An incomplete sequence that another one interrupts shows nothing either.
    rb"\x1b\[[0-?]*[ -/]*(?:[@-~]|(?=\x1b))|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]"
)


class Terminal:
    """``with Terminal("GET", url) as screen:`` runs httpcli on a terminal.

    ``raw`` is every byte written to the terminal. ``program`` is run instead of httpcli. One
    or two of ``stdin``, ``stdout`` and ``stderr`` may be descriptors of something else
    (``httpcli … | less``).
    """

    def __init__(
        self,
        *argv: str,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        program: Sequence[str] = HTTPCLI,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self.raw = b""
        self._searched = 0
        self._controller, pty_end = pty.openpty()
        terminal_fd = next(
            fd for fd, other in ((2, stderr), (0, stdin), (1, stdout)) if other is None
        )
        try:
            self.resize(columns, rows)
            self._process = subprocess.Popen(
                [*_LEADER, str(terminal_fd), *program, *argv],
                env=child_environment({"TERM": "xterm-256color", **(env or {})}),
                cwd=cwd,
                stdin=pty_end if stdin is None else stdin,
                stdout=pty_end if stdout is None else stdout,
                stderr=pty_end if stderr is None else stderr,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._controller)
            raise
        finally:
            os.close(pty_end)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._controller)

    @property
    def text(self) -> str:
        """The output without control sequences, with ``\\n`` as line ends."""
        plain = _CONTROL.sub(b"", self.raw).decode(errors="replace")
        return plain.replace("\r\n", "\n")

    @property
    def pid(self) -> int:
        """The program's process id; it leads its session and process group."""
        return self._process.pid

    def read_until(self, text: str | bytes, timeout: float = TIMEOUT) -> bytes:
        """Wait for ``text`` after the end of the last match; return the output up to its end."""
        expected = text.encode() if isinstance(text, str) else text
        deadline = monotonic() + timeout
        while (start := self.raw.find(expected, self._searched)) < 0:
            if not self._read(deadline):
                raise AssertionError(f"{expected!r} was not shown; shown was {self.raw!r}")
        previous, self._searched = self._searched, start + len(expected)
        return self.raw[previous : self._searched]

    def type(self, text: str) -> None:
        """Type this text; Enter is ``\\n``."""
        os.write(self._controller, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C, which interrupts the foreground processes."""
        self.type("\x03")

    def resize(self, columns: int, rows: int) -> None:
        """Change the window size; the foreground processes get SIGWINCH."""
        fcntl.ioctl(self._controller, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program only."""
        self._process.send_signal(number)

    @property
    def echoes(self) -> bool:
        """Whether typed keys are shown (not at a password prompt)."""
        return bool(termios.tcgetattr(self._controller)[3] & termios.ECHO)

    def wait(self, timeout: float = TIMEOUT) -> int:
        """Read output until the program ends; return its status as a shell reports it."""
        deadline = monotonic() + timeout
        while self._read(deadline):
            pass
        try:
            returncode = self._process.wait(max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"no end in {timeout} s; shown was {self.raw!r}") from None
        return shell_status(returncode)

    def _read(self, deadline: float) -> bool:
        """Append output to ``raw``; return False at the end or at the deadline."""
        ready, _, _ = select.select([self._controller], [], [], max(0.0, deadline - monotonic()))
        if not ready:
            return False
        data = b""
        with suppress(OSError):  # EIO: no process has the terminal open any more
            data = os.read(self._controller, 65536)
        self.raw += data
        return bool(data)
