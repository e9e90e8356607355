"""Chooses the directory and the name of a downloaded file."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

from httpcli.core.download import ExistingFile, Resume
from httpcli.core.errors import HttpcliError, UsageError
from httpcli.core.exit_status import ExitStatus
from httpcli.core.headers import Fields
from httpcli.core.named_tuple import NamedTuple
from httpcli.protocol.filenames import add_number, download_name
from httpcli.storage.output_path import (
    BusyError,
    OutputPath,
    check_directory,
    make_directory,
    size_and_mtime,
    special_file_kind,
)
from httpcli.storage.part_file import PartFile
from httpcli.storage.resume_key import ResumeKey
from httpcli.storage.sidecar import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpcli.core.download import Download
    from httpcli.core.url import Url
    from httpcli.run_context import RunContext


class FileStat(NamedTuple):
    """The existing file at the path of a download."""

    size: int
    """Bytes."""
    time: float
    """When it was modified, in seconds since 1970."""


class DownloadTarget:
    """The final path of one download. Every method may raise HttpcliError."""

    def __init__(
        self,
        settings: Download,
        url: Url,
        context: RunContext,
        finished: dict[str, str] | None = None,
    ) -> None:
        """``finished``: the URLs of the files of this run by path; this file is added."""
        self._settings = settings
        self._finished = {} if finished is None else finished
        self._url = url
        self._context = context
        self._key = ResumeKey(context.environment.env)
        self._base_name = ""
        """The name without a number, from the response or the URL."""
        self.name = ""
        """The path as the user would type it; empty until it is chosen."""
        self.path = ""
        """The absolute path of ``name``."""

    @property
    def is_named(self) -> bool:
        """Whether the user named the file, so that it is known before anything is sent."""
        return self._settings.output is not None

    @property
    def has_name_from_server(self) -> bool:
        """Whether a header of the response chose the name, and not the user or the URL."""
        if self.is_named or not self._base_name:
            return False
        return self._base_name != download_name(self._url, Fields())

    def prepare(self) -> None:
        """Set the name if the user named the file, and create or check the directory."""
        output = self._settings.output
        if self._settings.writes_to_stdout:
            fd = self._context.environment.stdout.fd
            self.name, self.path = "standard output", f"/dev/fd/{fd}"
            return
        if output == "":
            raise UsageError(
                "--output: missing file name",
                hint="use --output FILE, or --output - for standard output",
            )
        if output is not None:
            self._set_name(output)
        if output is not None:
            directory = os.path.dirname(self.path)
        else:
            directory = self._context.files.path(self._settings.directory or ".")
        typed = os.path.dirname(self.name) if output is not None else self._settings.directory
        if self._settings.create_directories:
            make_directory(directory, typed or directory)
        elif output is None or self._settings.directory:
            check_directory(directory, typed or directory)

    @property
    def final_directory(self) -> str:
        """The directory of the file, without symbolic links."""
        return os.path.dirname(os.path.realpath(self.path))

    def _set_name(self, name: str) -> None:
        """Set the name and the path, in ``--output-dir`` unless the name starts with ``~``."""
        if self._settings.directory and not name.startswith("~"):
            name = os.path.join(self._settings.directory, name)
        self.restore_name(name)

    def choose_name(self, fields: Fields) -> None:
        """Set the name from the response, unless the user named the file."""
        if self.is_named:
            return
        self._base_name = download_name(self._url, fields)
        if self._settings.resume is not Resume.NO and self._set_partial_name():
            return
        self._set_name(self._base_name)
        if self._settings.existing is not ExistingFile.NUMBER:
            self.check_other_files()
        elif self._settings.resume is Resume.NO:
            self._use_free_name()
        else:
            self._use_name_of_no_other_file()

    def take_partial_name(self) -> bool:
        """Set the name of the partial file of this URL; return whether it exists.

        If not, the name is that of the URL.
        """
        self._base_name = download_name(self._url, Fields())
        is_partial = self._set_partial_name()
        if not is_partial:
            self._set_name(self._base_name)
        return is_partial

    def name_by_url(self) -> None:
        """Set the name from the URL, to check for an existing file before the first request."""
        if not self.is_named:
            self._base_name = download_name(self._url, Fields())
            self._set_name(self._base_name)

    def restore_name(self, name: str) -> None:
        """Set a name that this target had before."""
        self.name, self.path = name, self._context.files.path(name)

    def _numbered_names(self) -> Iterator[str]:
        return (add_number(self._base_name, n) if n else self._base_name for n in count())

    def _set_partial_name(self) -> bool:
        """Set the first name that has a partial file of this URL, or else that is free."""
        names = self._numbered_names()
        while True:
            self._set_name(next(names))
            destination = OutputPath(self.name, self.path)
            saved = read(destination.sidecar)
            if saved is not None and saved.state.url == str(self._url):
                return True
            if not os.path.lexists(self.path) and not os.path.lexists(destination.part):
                return False

    def _use_free_name(self) -> None:
        for name in self._numbered_names():
            self._set_name(name)
            if not os.path.lexists(self.path):
                return

    def _use_name_of_no_other_file(self) -> None:
        """Set the first name, of a file that may exist, that no other URL of this run has."""
        for name in self._numbered_names():
            self._set_name(name)
            if not self._is_other_file:
                return

    @property
    def _is_other_file(self) -> bool:
        """Whether the path is that of another URL's finished file."""
        url = str(self._url)  # the same URL may be twice in a list
        return self._finished.get(os.path.realpath(self.path), url) != url

    def check_other_files(self) -> None:
        """Raise HttpcliError if another URL of this run has this file: it would be lost."""
        if self._is_other_file:
            raise HttpcliError(
                f"{self.name}: cannot be written: another URL of this run has this name",
                hint="out=NAME below a URL in a list (--input) sets another name",
                status=ExitStatus.LOCAL,
            )

    def finish(self) -> None:
        """Keep other URLs of this run off this file: it is saved, or was there already."""
        self._finished[os.path.realpath(self.path)] = str(self._url)

    def existing_file(self) -> FileStat | None:
        """Return the size and time of the existing file; None if it does not exist."""
        found = None if self._settings.writes_to_stdout else size_and_mtime(self.path)
        return None if found is None else FileStat(*found)

    def open(self) -> PartFile:
        """Open the part file; if another run writes it, set the next name or raise BusyError.

        A file that the user did not name is never a link, FIFO or device: a server could choose
        where it leads, or that nothing ever reads it.
        """
        while True:
            kind = "" if self.is_named else special_file_kind(self.path)
            if kind and self._settings.existing is not ExistingFile.NUMBER:
                raise HttpcliError(
                    f"{self.name}: cannot be written: it is {kind}, and the name was not typed",
                    hint=f"-o {self.name} names it",
                    status=ExitStatus.LOCAL,
                )
            if kind:
                self._use_free_name()
            if self.is_named or self._settings.existing is not ExistingFile.NUMBER:
                self.check_other_files()
            part = PartFile(self.name, self.path, self._key)
            try:
                part.__enter__()
            except BusyError:
                if self.is_named or self._settings.existing is not ExistingFile.NUMBER:
                    raise
                self._use_next_name()
            else:
                return part

    def _use_next_name(self) -> None:
        """Set the next free name after the current one."""
        current = self.name
        is_past_current = False
        for name in self._numbered_names():
            self._set_name(name)
            if is_past_current and not os.path.lexists(self.path):
                return
            is_past_current = is_past_current or self.name == current

    def commit(self, part: PartFile, *, replaces: bool) -> None:
        """Rename the part file to its final name.

        Never replace a file that the user did not name, unless ``replaces``, ``--overwrite`` or
        ``--newer``.
        """
        may_replace = self._settings.existing in (ExistingFile.REPLACE, ExistingFile.NEWER)
        if self.is_named or replaces or may_replace:
            part.commit()
            return
        while True:
            try:
                part.commit(self.path, new=True)
            except FileExistsError:
                self._use_next_name()
            else:
                return
