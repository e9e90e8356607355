"""Lists, reads, removes and edits the named sessions.

To edit a session, a draft is created. It replaces the session only if it is a valid session.
No lock is held during the edit, because it may take an hour; if another run has written the
session meanwhile, the session is not overwritten.
"""

from __future__ import annotations

import os
from contextlib import suppress

from httpcli.core.errors import HttpcliError, error_reason
from httpcli.core.exit_status import ExitStatus
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.session import SessionContents
from httpcli.core.shell import quote_word
from httpcli.protocol.cookies import host_from_authority
from httpcli.storage.session_file import decode_session, parse_session, read_session
from httpcli.storage.state_files import (
    directory_lock,
    read_error,
    read_file,
    update_file,
)

_EXTENSION = ".json"
_KIND = "session"
"""What error messages call the file."""


class StoredSession(NamedTuple):
    """The file of a session."""

    host: str
    """The host it is for; empty for any host."""
    name: str
    path: str
    changed: float
    """When it was written, in seconds since 1970."""

    @property
    def full_name(self) -> str:
        """The host and the name; the path of a session for any host."""
        return f"{self.host}/{self.name}" if self.host else self.path

    @property
    def is_by_path(self) -> bool:
        """Whether the user typed its path, not a name."""
        return not self.host


class SessionDraft(NamedTuple):
    """A copy of a session that is being edited."""

    path: str
    original: bytes
    """The content of the session when it was copied."""


def list_sessions(config_directory: str) -> list[StoredSession]:
    """Return the sessions by host and name. Raises HttpcliError if they cannot be listed."""
    top = os.path.join(config_directory, "sessions")
    sessions: list[StoredSession] = []
    try:
        for directory in sorted(_list_directory(top)):
            for file in sorted(_list_directory(os.path.join(top, directory))):
                path = os.path.join(top, directory, file)
                name = file.removesuffix(_EXTENSION)
                if name and name != file:
                    with suppress(FileNotFoundError):  # a dangling link, or just removed
                        changed = os.stat(path).st_mtime
                        host = _host_from_directory(directory)
                        sessions.append(StoredSession(host, name, path, changed))
    except OSError as error:
        raise _failure(error.filename or top, "looked at", error) from None
    return sessions


def session_at_path(path: str) -> StoredSession | None:
    """Return the session at a path, which is for any host; None if there is no file."""
    try:
        changed = os.stat(path).st_mtime
    except (OSError, ValueError):
        return None
    return StoredSession("", os.path.basename(path), path, changed)


def read_contents(session: StoredSession) -> SessionContents:
    """Return the contents of a session. Raises HttpcliError if the file is not a session."""
    host = host_from_authority(session.host)
    return read_session(session.path, host, by_path=session.is_by_path)


def remove_session(session: StoredSession) -> None:
    """Remove the file of a session while no run is writing it. Raises HttpcliError."""
    try:
        # The directory is not removed: another run may be waiting for its lock.
        with directory_lock(os.path.dirname(session.path)):
            os.unlink(session.path)
    except OSError as error:
        raise _failure(session.path, "removed", error) from None


def create_draft(session: StoredSession) -> SessionDraft:
    """Copy a session to a file that only this user can read. Raises HttpcliError."""
    content = read_file(session.path, _KIND, by_path=session.is_by_path)
    data = b"" if content is None else content.data
    path = f"{session.path}.{os.urandom(3).hex()}.draft"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(data)
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            raise
    except OSError as error:
        raise read_error(path, "copy", error) from None
    return SessionDraft(path, data)


def apply_draft(session: StoredSession, draft: SessionDraft) -> bool:
    """Replace the session by its draft; return False if the draft was not changed.

    Raises HttpcliError and keeps the draft if it is not a session, or if another run has
    changed the session since it was copied.
    """
    content = read_file(draft.path, "draft", by_path=session.is_by_path)
    if content is None or content.data == draft.original:
        discard_draft(draft)
        return False
    if not content.data.strip():
        discard_draft(draft)
        raise HttpcliError(
            f"{session.full_name}: the edited file is empty; nothing was changed",
            hint=f"to delete the session: httpcli sessions rm {quote_word(session.full_name)}",
        )

    def change(before: bytes | None) -> bytes:
        if before != draft.original:
            raise HttpcliError(
                f"{session.path}: another process changed it in the meantime",
                status=ExitStatus.LOCAL,
            )
        return content.data

    try:
        parse_session(decode_session(content.data, draft.path), draft.path)
        update_file(session.path, _KIND, change, by_path=session.is_by_path)
    except HttpcliError as error:
        error.hint = f"nothing was changed; your draft is in {draft.path}"
        raise
    discard_draft(draft)
    return True


def discard_draft(draft: SessionDraft) -> None:
    """Remove the draft."""
    with suppress(OSError):
        os.unlink(draft.path)


def _list_directory(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _host_from_directory(directory: str) -> str:
    """Return the host of a session directory: its name has ``_`` instead of each colon."""
    before, separator, port = directory.rpartition("_")
    if directory.startswith("["):
        return directory.replace("_", ":")
    return f"{before}:{port}" if separator and before and port.isdigit() else directory


def _failure(path: str, what: str, error: OSError) -> HttpcliError:
    return HttpcliError(
        f"{path}: cannot be {what}: {error_reason(error)}", status=ExitStatus.LOCAL
    )
