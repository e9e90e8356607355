"""Lets the user change a file in their editor."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping

from httpcli.model.errors import HttpcliError, UsageError
from httpcli.model.exits import ExitStatus

_USUAL = "vi"


def edit(path: str, env: Mapping[str, str]) -> None:
    """Open a file in ``$VISUAL`` or ``$EDITOR``, and return when that has ended.

    Raises UsageError where there is no such program, HttpcliError where it fails.
    """
    command = env.get("VISUAL") or env.get("EDITOR") or _USUAL
    try:
        words = shlex.split(command) or [_USUAL]
        editor = subprocess.Popen([*words, path], env=dict(env))  # noqa: S603 - the user's own
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"the editor {command} cannot be run: {reason.lower()}", hint="$VISUAL or $EDITOR"
        ) from None
    while True:
        try:
            status = editor.wait()
            break
        except KeyboardInterrupt:  # it is the editor's, which sits at the same terminal
            continue
    if status:
        raise HttpcliError(
            f"the editor {command} failed (status {status}): nothing was changed",
            status=ExitStatus.FAILED,
        )
