"""A person's terminal: a program on a pty that is its controlling terminal.

Nothing here sleeps: every wait is a select on the pty, and a wait that is in
vain fails with what was on the screen.
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

# What a background job or nohup starts with ignored, a person's programs heed.
_TAKE_THE_TERMINAL = (
    "import fcntl, os, signal, sys, termios;"
    "[signal.signal(number, signal.SIG_DFL) for number in (1, 2, 15)];"
    "fcntl.ioctl(int(sys.argv[1]), termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[2], sys.argv[2:])"
)
_LEADER = (sys.executable, "-I", "-S", "-c", _TAKE_THE_TERMINAL)
"""A new session's leader makes the pty its own, then becomes the program."""

_CONTROL = re.compile(
    # One that another one breaks off shows nothing either.
    rb"\x1b\[[0-?]*[ -/]*(?:[@-~]|(?=\x1b))|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]"
)


class Terminal:
    """``with Terminal("GET", url) as screen:`` runs httpcli in front of a person.

    ``raw`` is every byte that was shown. ``program`` is run instead of
    httpcli; one or two of ``stdin``, ``stdout`` and ``stderr`` may be descriptors
    that are not the terminal (``httpcli … | less``).
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
        self._seen = 0
        self._screen, keyboard = pty.openpty()
        its_own = next(fd for fd, other in ((2, stderr), (0, stdin), (1, stdout)) if other is None)
        try:
            self.resize(columns, rows)
            self._process = subprocess.Popen(
                [*_LEADER, str(its_own), *program, *argv],
                env=child_environment({"TERM": "xterm-256color", **(env or {})}),
                cwd=cwd,
                stdin=keyboard if stdin is None else stdin,
                stdout=keyboard if stdout is None else stdout,
                stderr=keyboard if stderr is None else stderr,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._screen)
            raise
        finally:
            os.close(keyboard)

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
        os.close(self._screen)

    @property
    def text(self) -> str:
        """What was shown, without control sequences, with plain line ends."""
        plain = _CONTROL.sub(b"", self.raw).decode(errors="replace")
        return plain.replace("\r\n", "\n")

    @property
    def pid(self) -> int:
        """The program's process, which leads its session and process group."""
        return self._process.pid

    def read_until(self, text: str | bytes, timeout: float = TIMEOUT) -> bytes:
        """Wait until ``text`` is shown, after what an earlier call found; return all up to it."""
        wanted = text.encode() if isinstance(text, str) else text
        deadline = monotonic() + timeout
        while (start := self.raw.find(wanted, self._seen)) < 0:
            if not self._read(deadline):
                raise AssertionError(f"{wanted!r} was not shown; shown was {self.raw!r}")
        before, self._seen = self._seen, start + len(wanted)
        return self.raw[before : self._seen]

    def type(self, text: str) -> None:
        """Press these keys; Enter is ``\\n``."""
        os.write(self._screen, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal interrupts the foreground processes."""
        self.type("\x03")

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size; the foreground processes are told."""
        fcntl.ioctl(self._screen, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        self._process.send_signal(number)

    @property
    def echoes(self) -> bool:
        """Whether keys are shown as they are typed (they are not while a password is asked)."""
        return bool(termios.tcgetattr(self._screen)[3] & termios.ECHO)

    def wait(self, timeout: float = TIMEOUT) -> int:
        """Wait for the program's end, reading what it shows; return its status as a shell does."""
        deadline = monotonic() + timeout
        while self._read(deadline):
            pass
        try:
            returncode = self._process.wait(max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"no end in {timeout} s; shown was {self.raw!r}") from None
        return shell_status(returncode)

    def _read(self, deadline: float) -> bool:
        """Add what is shown next to ``raw``; False at the end, or when time is up."""
        ready, _, _ = select.select([self._screen], [], [], max(0.0, deadline - monotonic()))
        if not ready:
            return False
        data = b""
        with suppress(OSError):  # EIO: the last process that had the terminal open is gone
            data = os.read(self._screen, 65536)
        self.raw += data
        return bool(data)
