"""Reads and writes session files."""

from __future__ import annotations

from httpcli.core.session import Remembered, Session, SessionChanges
from httpcli.protocol.secret_names import is_secret
from httpcli.storage.private_files import read, unreadable, update
from httpcli.storage.session_format import changed, parse, remembered, text_of

_WHAT = "session"


def read_session(path: str, host: str) -> Remembered:
    """Return what is remembered; nothing where there is no file yet.

    Raises HttpcliError with status LOCAL where it cannot be read or is no session.
    """
    content = read(path, _WHAT)
    if content is None:
        return remembered(parse("", path), host)
    kept = remembered(parse(text_in(content.data, path), path), host)
    return kept._replace(exposed=content.exposed and _has_secrets(kept))


def save_session(session: Session, changes: SessionChanges, now: float) -> None:
    """Add what a run changed to the file, as it is by now: another run may have written it.

    Raises HttpcliError with status LOCAL.
    """

    def after(before: bytes | None) -> bytes | None:
        if before is not None and session.read_only:
            return None
        document = parse(text_in(before or b"", session.path), session.path)
        return text_of(changed(document, changes, session.host, now)).encode("ascii")

    update(session.path, _WHAT, after)


def _has_secrets(kept: Remembered) -> bool:
    fields = any(is_secret(field.name) for field in kept.fields)
    return bool(kept.cookies) or kept.auth is not None or fields


def text_in(data: bytes, path: str) -> str:
    """Return the text of a session's file. Raises HttpcliError where it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise unreadable(path, _WHAT, ValueError("it is not UTF-8 text")) from None
