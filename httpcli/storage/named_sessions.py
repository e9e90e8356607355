"""The sessions that have a name: which there are, what they hold, and to be rid of one."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import NamedTuple

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.core.session import SessionContents
from httpcli.protocol.cookies import host_of
from httpcli.storage.private_files import (
    FileContent,
    directory_lock,
    read_error,
    read_file,
    update_file,
)
from httpcli.storage.session_file import decode_session, parse_session, read_session

_ENDING = ".json"


class StoredSession(NamedTuple):
    """A session's file. ``host`` is empty for one of any host; ``changed``: seconds since 1970."""

    host: str
    name: str
    path: str
    changed: float

    @property
    def full_name(self) -> str:
        """What tells it from those of other hosts; one for any host is called by its path."""
        return f"{self.host}/{self.name}" if self.host else self.path


def list_sessions(config_folder: str) -> list[StoredSession]:
    """Return the sessions, by host and name. Raises HttpcliError where one cannot look."""
    top = os.path.join(config_folder, "sessions")
    found: list[StoredSession] = []
    try:
        for folder in sorted(_entries(top)):
            for file in sorted(_entries(os.path.join(top, folder))):
                path = os.path.join(top, folder, file)
                name = file.removesuffix(_ENDING)
                if name and name != file:
                    with suppress(FileNotFoundError):  # a link to nowhere, or just removed
                        changed = os.stat(path).st_mtime
                        found.append(StoredSession(_host(folder), name, path, changed))
    except OSError as error:
        raise _failed(error.filename or top, "looked at", error) from None
    return found


def session_at_path(path: str) -> StoredSession | None:
    """Return the session of a path, which is for any host; None where there is no file."""
    try:
        changed = os.stat(path).st_mtime
    except (OSError, ValueError):
        return None
    return StoredSession("", os.path.basename(path), path, changed)


def read_contents(session: StoredSession) -> SessionContents:
    """Return what a session holds. Raises HttpcliError for a file that is none."""
    return read_session(session.path, host_of(session.host))


def remove_session(session: StoredSession) -> None:
    """Remove a session's file, when no run is about to write it. Raises HttpcliError."""
    try:
        # The folder stays: another run may be waiting for its lock.
        with directory_lock(os.path.dirname(session.path)):
            os.unlink(session.path)
    except OSError as error:
        raise _failed(session.path, "removed", error) from None


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _host(folder: str) -> str:
    """Return the host whose sessions a folder has: there ``_`` stands for every colon."""
    before, separator, port = folder.rpartition("_")
    if folder.startswith("["):
        return folder.replace("_", ":")
    return f"{before}:{port}" if separator and before and port.isdigit() else folder


def _failed(path: str, what: str, error: OSError) -> HttpcliError:
    return HttpcliError(
        f"{path}: cannot be {what}: {error_reason(error)}", status=ExitStatus.LOCAL
    )


# A copy of a session that somebody changes: it takes the session's place only if it is one.
#
# No lock is held meanwhile, since a person may take an hour; whoever wrote the session in
# between is not overwritten.


_WHAT = "session"


class SessionDraft(NamedTuple):
    """The copy's path, and what it was made of."""

    path: str
    made_of: bytes


def create_draft(session: StoredSession) -> SessionDraft:
    """Copy a session, for its owner alone. Raises HttpcliError."""
    content = read_file(session.path, _WHAT) or FileContent(b"", exposed=False)
    path = f"{session.path}.{os.urandom(3).hex()}.draft"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(fd, "wb") as file:
            file.write(content.data)
    except OSError as error:
        raise read_error(path, "copy", error) from None
    return SessionDraft(path, content.data)


def apply_draft(session: StoredSession, draft: SessionDraft) -> bool:
    """Put the draft in the session's place; tell whether it was changed at all.

    Raises HttpcliError, and leaves the draft there, where it is no session, or
    where the session is no more what the draft was made of.
    """
    content = read_file(draft.path, "draft")
    if content is None or content.data == draft.made_of:
        discard_draft(draft)
        return False
    if not content.data.strip():
        discard_draft(draft)
        raise HttpcliError(
            f"{session.full_name}: the draft is empty: nothing was changed",
            hint=f"httpcli sessions rm {session.full_name}",
        )

    def after(before: bytes | None) -> bytes:
        if before != draft.made_of:
            raise HttpcliError(
                f"{session.path}: another run has changed it in the meantime",
                status=ExitStatus.LOCAL,
            )
        return content.data

    try:
        parse_session(decode_session(content.data, draft.path), draft.path)
        update_file(session.path, _WHAT, after)
    except HttpcliError as error:
        error.hint = f"nothing was changed; what you wrote stands in {draft.path}"
        raise
    discard_draft(draft)
    return True


def discard_draft(draft: SessionDraft) -> None:
    """Remove the copy."""
    with suppress(OSError):
        os.unlink(draft.path)
