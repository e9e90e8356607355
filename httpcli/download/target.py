"""Chooses where a download goes: the directory, and a name that no other file has."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from httpcli.core.download import ExistingFile, Resume
from httpcli.core.errors import UsageError
from httpcli.core.headers import Fields
from httpcli.protocol.filenames import add_number, download_name
from httpcli.storage.destination import (
    BusyError,
    OutputPath,
    check_directory,
    make_directory,
    size_and_mtime,
)
from httpcli.storage.part_file import PartFile
from httpcli.storage.sidecar import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpcli.core.download import Download
    from httpcli.core.url import Url
    from httpcli.run_context import RunContext


class FileStat(NamedTuple):
    """A file that has the name already."""

    size: int
    """Bytes."""
    time: float
    """When it was modified, in seconds since 1970."""


class DownloadTarget:
    """The path of one download. Every method may raise HttpcliError."""

    def __init__(self, settings: Download, url: Url, context: RunContext) -> None:
        self._settings = settings
        self._url = url
        self._context = context
        self._base_name = ""
        self.name = ""
        """The path as the user would type it; empty until it is chosen."""
        self.path = ""

    @property
    def is_named(self) -> bool:
        """Whether the user named the file, so that it is known before anything is sent."""
        return self._settings.output is not None

    def prepare(self) -> None:
        """Set the name that was typed, and create or check the directory."""
        output = self._settings.output
        if self._settings.writes_to_stdout:
            fd = self._context.environment.stdout.fd
            self.name, self.path = "standard output", f"/dev/fd/{fd}"
            return
        if output == "":
            raise UsageError("--output names no file", hint="--output FILE, or - for stdout")
        if output is not None:
            self._set_name(output)
        folder = os.path.dirname(self.path) if output is not None else self._chosen_directory()
        typed = os.path.dirname(self.name) if output is not None else self._settings.directory
        if self._settings.create_directories:
            make_directory(folder, typed or folder)
        elif output is None or self._settings.directory:
            check_directory(folder, typed or folder)

    @property
    def final_directory(self) -> str:
        """The path of the directory that the file goes into."""
        return os.path.dirname(os.path.realpath(self.path))

    def _chosen_directory(self) -> str:
        return self._context.files.path(self._settings.directory or ".")

    def _set_name(self, name: str) -> None:
        """Set the name; a name that the user typed may contain directories."""
        if self._settings.directory and not name.startswith("~"):
            name = os.path.join(self._settings.directory, name)
        self.name, self.path = name, self._context.files.path(name)

    def choose_name(self, fields: Fields) -> None:
        """Take the name from the response, unless the user named the file."""
        if self.is_named:
            return
        self._base_name = download_name(self._url, fields)
        if self._settings.resume is not Resume.NO and self._take_partial_name():
            return
        self._set_name(self._base_name)
        if self._settings.existing is ExistingFile.NUMBER and self._settings.resume is Resume.NO:
            self._use_free_name()

    def take_partial_name(self) -> bool:
        """Take the name of a partial file that an earlier run left; return whether it exists."""
        self._base_name = download_name(self._url, Fields())
        return self._take_partial_name()

    def name_by_url(self) -> None:
        """Take the name from the URL, to compare an existing file before anything is sent."""
        if not self.is_named:
            self._base_name = download_name(self._url, Fields())
            self._set_name(self._base_name)

    def _numbered_names(self) -> Iterator[str]:
        return (add_number(self._base_name, n) if n else self._base_name for n in count())

    def _take_partial_name(self) -> bool:
        """Take the first name that has a partial file of this URL beside it."""
        for name in self._numbered_names():
            self._set_name(name)
            destination = OutputPath(self.name, self.path)
            record = read(destination.sidecar)
            if record is not None and record.url == str(self._url):
                return True
            if not os.path.lexists(self.path) and not os.path.lexists(destination.part):
                return False
        return False

    def _use_free_name(self) -> None:
        for name in self._numbered_names():
            self._set_name(name)
            if not os.path.lexists(self.path):
                return

    def existing_file(self) -> FileStat | None:
        """Return the file that has the name now; None if there is none."""
        found = None if self._settings.writes_to_stdout else size_and_mtime(self.path)
        return None if found is None else FileStat(*found)

    def open(self) -> PartFile:
        """Open the part file; if another run is writing it, number a name we chose."""
        while True:
            part = PartFile(self.name, self.path)
            try:
                part.__enter__()
            except BusyError:
                if self.is_named or self._settings.existing is not ExistingFile.NUMBER:
                    raise
                self._use_next_name()
            else:
                return part

    def _use_next_name(self) -> None:
        """Take the next free name after the current one."""
        current = self.name
        passed = False
        for name in self._numbered_names():
            self._set_name(name)
            if passed and not os.path.lexists(self.path):
                return
            passed = passed or self.name == current

    def commit(self, part: PartFile, *, replaces: bool) -> None:
        """Give the file its final name; a name we chose must be free, unless it ``replaces``."""
        if self.is_named or replaces or self._settings.existing is not ExistingFile.NUMBER:
            part.commit()
            return
        while True:
            try:
                part.commit(self.path, new=True)
            except FileExistsError:
                self._use_next_name()
            else:
                return
