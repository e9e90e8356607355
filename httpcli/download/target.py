"""Where a download goes: the folder, and a name that no other file has."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import ExistingFile, Resume
from httpcli.core.errors import UsageError
from httpcli.core.headers import Fields
from httpcli.protocol.filenames import name_for, numbered
from httpcli.storage.output_path import (
    BusyError,
    OutputPath,
    check_folder,
    make_folder,
    size_and_time,
)
from httpcli.storage.part_file import PartFile
from httpcli.storage.sidecar import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpcli.core.download import Download
    from httpcli.core.url import Url
    from httpcli.run_context import RunContext


class FileExists(NamedTuple):
    """The file that had the name before: bytes, and seconds since 1970."""

    size: int
    time: float


class Target:
    """The place of one download. Every method may raise HttpcliError."""

    def __init__(self, wish: Download, url: Url, context: RunContext) -> None:
        self._wish = wish
        self._url = url
        self._means = context
        self._base = ""
        self.name = ""
        self.path = ""

    @property
    def is_named(self) -> bool:
        """Whether the user named the file, so that it is known before anything is sent."""
        return self._wish.output is not None

    def prepare(self) -> None:
        """Do what can be done before anything is sent; settle the name that was typed."""
        output = self._wish.output
        if self._wish.to_stdout:
            fd = self._means.environment.stdout.fd
            self.name, self.path = "standard output", f"/dev/fd/{fd}"
            return
        if output == "":
            raise UsageError("--output names no file", hint="--output FILE, or - for stdout")
        if output is not None:
            self._settle(output)
        folder = os.path.dirname(self.path) if output is not None else self._folder()
        typed = os.path.dirname(self.name) if output is not None else self._wish.directory
        if self._wish.create_directories:
            make_folder(folder, typed or folder)
        elif output is None or self._wish.directory:
            check_folder(folder, typed or folder)

    @property
    def folder(self) -> str:
        """The path of the folder that the file goes into."""
        return os.path.dirname(os.path.realpath(self.path))

    def _folder(self) -> str:
        return self._means.files.path(self._wish.directory or ".")

    def _settle(self, name: str) -> None:
        """Make that the name; what the user typed may have folders of its own."""
        if self._wish.directory and not name.startswith("~"):
            name = os.path.join(self._wish.directory, name)
        self.name, self.path = name, self._means.files.path(name)

    def choose(self, fields: Fields) -> None:
        """Settle the name by what the response says, where the user did not."""
        if self.is_named:
            return
        self._base = name_for(self._url, fields)
        if self._wish.resume is not Resume.NO and self._found_part():
            return
        self._settle(self._base)
        if self._wish.existing is ExistingFile.NUMBER and self._wish.resume is Resume.NO:
            self._take_number()

    def find(self) -> bool:
        """Settle the name by what an earlier run left of this URL; tell whether it left any."""
        self._base = name_for(self._url, Fields())
        return self._found_part()

    def guess(self) -> None:
        """Settle the name by the URL alone: a file that is compared with what will be answered."""
        if not self.is_named:
            self._base = name_for(self._url, Fields())
            self._settle(self._base)

    def _names(self) -> Iterator[str]:
        return (numbered(self._base, n) if n else self._base for n in count())

    def _found_part(self) -> bool:
        """Take the first name beside which there is a part of this URL's."""
        for name in self._names():
            self._settle(name)
            destination = OutputPath(self.name, self.path)
            record = read(destination.sidecar)
            if record is not None and record.url == str(self._url):
                return True
            if not os.path.lexists(self.path) and not os.path.lexists(destination.part):
                return False
        return False

    def _take_number(self) -> None:
        for name in self._names():
            self._settle(name)
            if not os.path.lexists(self.path):
                return

    def existed(self) -> FileExists | None:
        """Return the file that has the name now, None where there is none."""
        found = None if self._wish.to_stdout else size_and_time(self.path)
        return None if found is None else FileExists(*found)

    def open(self) -> PartFile:
        """Open the part file; a name of ours that another run is writing to gets a number."""
        while True:
            part = PartFile(self.name, self.path)
            try:
                part.__enter__()
            except BusyError:
                if self.is_named or self._wish.existing is not ExistingFile.NUMBER:
                    raise
                self._next()
            else:
                return part

    def _next(self) -> None:
        """Take the next free name behind the one that is taken."""
        before = self.name
        seen = False
        for name in self._names():
            self._settle(name)
            if seen and not os.path.lexists(self.path):
                return
            seen = seen or self.name == before

    def commit(self, part: PartFile, *, replaces: bool) -> None:
        """Give the file its name; one that is ours must be new, unless it ``replaces``."""
        if self.is_named or replaces or self._wish.existing is not ExistingFile.NUMBER:
            part.commit()
            return
        while True:
            try:
                part.commit(self.path, new=True)
            except FileExistsError:
                self._next()
            else:
                return
