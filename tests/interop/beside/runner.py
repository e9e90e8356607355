"""The programs that are compared, and a runner for one of them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from tests.support.environment import HTTPCLI, plain_environment
from tests.support.other_programs import require_program
from tests.support.run import run_process, start_process
from tests.support.run_result import RunResult
from tests.support.terminal import Terminal

_NO_UPDATE_CHECK = '{"disable_update_warnings": true}'
HTTPCLI_NAME = "httpcli"
HTTPIE = "HTTPie"


class Program(NamedTuple):
    """A program: its name in the table, its executable, and the options for every run."""

    name: str
    executable: str = ""
    always: tuple[str, ...] = ()

    def path(self) -> str | None:
        """Return its path: next to this Python, or else on the PATH; None if not installed."""
        if not self.executable:
            return HTTPCLI[0]
        beside = os.path.join(os.path.dirname(sys.executable), self.executable)
        return beside if os.access(beside, os.X_OK) else shutil.which(self.executable)

    def command(self) -> tuple[str, ...]:
        """Return the command that runs it; skip or fail if it is missing (``peers.require``)."""
        if not self.executable:
            return HTTPCLI
        return (self.path() or require_program(self.executable), *self.always)


PROGRAMS = (
    Program(HTTPCLI_NAME),
    Program(HTTPIE, "http", ("--ignore-stdin",)),
    Program("xh", "xh", ("--ignore-stdin",)),
    Program("curl", "curl", ("-sS",)),
    Program("wget", "wget", ("-nv",)),
    Program("aria2", "aria2c"),
)


class Runner(NamedTuple):
    """One program, its arguments, and its working folder.

    A check fills in placeholders such as ``{url}`` in the arguments. ``cold`` is the
    command to use if a signal must reach the program's own process.
    """

    command: tuple[str, ...]
    cold: tuple[str, ...]
    arguments: str
    folder: Path

    @classmethod
    def create(
        cls, command: tuple[str, ...], cold: tuple[str, ...], arguments: str, at: Path
    ) -> Runner:
        """Return a runner in a new folder that contains only a home directory."""
        settings = at / "home" / ".config" / "httpie"
        settings.mkdir(parents=True)
        (settings / "config.json").write_text(_NO_UPDATE_CHECK)
        return cls(command, cold, arguments, at)

    @property
    def file(self) -> Path:
        """The file to which a download is saved."""
        return self.folder / "f"

    def argv(self, names: Mapping[str, str]) -> list[str]:
        """Return the arguments with the placeholders replaced."""
        return [word.format_map(names) for word in shlex.split(self.arguments)]

    def run(
        self,
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        **names: str,
    ) -> RunResult:
        """Run it until it exits."""
        return run_process(
            *self.argv(names),
            stdin=stdin,
            env=self._environment(env),
            cwd=self.folder,
            program=self.command,
        )

    def start_process(self, **names: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Start it as a process that can receive signals."""
        return start_process(
            *self.argv(names), env=self._environment(), cwd=self.folder, program=self.cold
        )

    def terminal(self, **names: str) -> Terminal:
        """Start it on a terminal."""
        return Terminal(
            *self.argv(names), env=self._environment(), cwd=self.folder, program=self.command
        )

    def _environment(self, more: Mapping[str, str] | None = None) -> dict[str, str | None]:
        nothing: dict[str, str | None] = dict.fromkeys(os.environ)
        return {**nothing, **plain_environment(self.folder / "home"), **(more or {})}
