"""The programs that are held beside each other, and the place where one of them is run."""

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
from tests.support.peers import require
from tests.support.result import Result
from tests.support.run import process, started
from tests.support.terminal import Terminal

_NO_UPDATE_CHECK = '{"disable_update_warnings": true}'
ONES_OWN = "httpcli"
HTTPIE = "HTTPie"


class Program(NamedTuple):
    """A program: its name in the table, what is run, and what stands before all its words."""

    name: str
    executable: str = ""
    always: tuple[str, ...] = ()

    def path(self) -> str | None:
        """Return where it is, beside this Python before anywhere else; None where it is not."""
        if not self.executable:
            return HTTPCLI[0]
        beside = os.path.join(os.path.dirname(sys.executable), self.executable)
        return beside if os.access(beside, os.X_OK) else shutil.which(self.executable)

    def command(self) -> tuple[str, ...]:
        """Return what runs it; a missing peer is said aloud (``peers.require``)."""
        if not self.executable:
            return HTTPCLI
        return (self.path() or require(self.executable), *self.always)


PROGRAMS = (
    Program(ONES_OWN),
    Program(HTTPIE, "http", ("--ignore-stdin",)),
    Program("xh", "xh", ("--ignore-stdin",)),
    Program("curl", "curl", ("-sS",)),
    Program("wget", "wget", ("-nv",)),
    Program("aria2", "aria2c"),
)


class Seat(NamedTuple):
    """One program, the words that it is asked with, and the folder where it works.

    In the words, ``{url}`` and the like stand for what a judge fills in. ``cold`` is
    the command where it must be the very process that a signal reaches.
    """

    command: tuple[str, ...]
    cold: tuple[str, ...]
    words: str
    folder: Path

    @classmethod
    def made(cls, command: tuple[str, ...], cold: tuple[str, ...], words: str, at: Path) -> Seat:
        """Return a seat in a new folder that holds a home, and nothing else."""
        settings = at / "home" / ".config" / "httpie"
        settings.mkdir(parents=True)
        (settings / "config.json").write_text(_NO_UPDATE_CHECK)
        return cls(command, cold, words, at)

    @property
    def file(self) -> Path:
        """The file that a download is to be saved as."""
        return self.folder / "f"

    def argv(self, names: Mapping[str, str]) -> list[str]:
        """Return the words with ``names`` filled in."""
        return [word.format_map(names) for word in shlex.split(self.words)]

    def run(
        self,
        *,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        **names: str,
    ) -> Result:
        """Run it to its end."""
        return process(
            *self.argv(names),
            stdin=stdin,
            env=self._environment(env),
            cwd=self.folder,
            program=self.command,
        )

    def started(self, **names: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        """Start it, as a process that can be signalled."""
        return started(
            *self.argv(names), env=self._environment(), cwd=self.folder, program=self.cold
        )

    def terminal(self, **names: str) -> Terminal:
        """Start it in front of a person."""
        return Terminal(
            *self.argv(names), env=self._environment(), cwd=self.folder, program=self.command
        )

    def _environment(self, more: Mapping[str, str] | None = None) -> dict[str, str | None]:
        nothing: dict[str, str | None] = dict.fromkeys(os.environ)
        return {**nothing, **plain_environment(self.folder / "home"), **(more or {})}
