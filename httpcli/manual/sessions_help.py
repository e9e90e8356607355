"""The help of ``httpcli sessions``, from its tables."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.manual.help import chapter, row
from httpcli.options.sessions_command import ACTIONS, OF_SESSIONS


def sessions_help() -> str:
    """Return usage, actions and options."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f"usage: httpcli sessions {'|'.join(ACTIONS)} [NAME|PATH] [OPTIONS]"
    yield ""
    yield "Actions:"
    for action, (argument, meaning) in ACTIONS.items():
        yield from row(f"{action} {argument}".rstrip(), meaning)
    yield ""
    yield from chapter(OF_SESSIONS)
    yield ""
    yield "NAME is HOST/NAME where several hosts have a session of that name."
    yield "A host that is called so is typed http://sessions, or GET sessions."
