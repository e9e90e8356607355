"""A copy of a session that somebody changes: it takes the session's place only if it is one.

No lock is held meanwhile, since a person may take an hour; whoever wrote the
session in between is not overwritten.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import NamedTuple

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus
from httpcli.storage.named_sessions import StoredSession
from httpcli.storage.private_files import Content, read, unreadable, update
from httpcli.storage.session_file import text_in
from httpcli.storage.session_format import parse

_WHAT = "session"


class Draft(NamedTuple):
    """The copy's path, and what it was made of."""

    path: str
    made_of: bytes


def draft_of(session: StoredSession) -> Draft:
    """Copy a session, for its owner alone. Raises HttpcliError."""
    content = read(session.path, _WHAT) or Content(b"", exposed=False)
    path = f"{session.path}.{os.urandom(3).hex()}.draft"
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(fd, "wb") as file:
            file.write(content.data)
    except OSError as error:
        raise unreadable(path, "copy", error) from None
    return Draft(path, content.data)


def adopt(session: StoredSession, draft: Draft) -> bool:
    """Put the draft in the session's place; tell whether it was changed at all.

    Raises HttpcliError, and leaves the draft there, where it is no session, or
    where the session is no more what the draft was made of.
    """
    content = read(draft.path, "draft")
    if content is None or content.data == draft.made_of:
        drop(draft)
        return False
    if not content.data.strip():
        drop(draft)
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
        parse(text_in(content.data, draft.path), draft.path)
        update(session.path, _WHAT, after)
    except HttpcliError as error:
        error.hint = f"nothing was changed; what you wrote stands in {draft.path}"
        raise
    drop(draft)
    return True


def drop(draft: Draft) -> None:
    """Remove the copy."""
    with suppress(OSError):
        os.unlink(draft.path)
