"""Lets the user change a file in their editor."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Mapping

from httpcli.core.errors import HttpcliError, UsageError, refusal_of
from httpcli.core.exit_status import ExitStatus

_USUAL = "vi"


def edit(path: str, env: Mapping[str, str]) -> None:
    """Open a file in ``$VISUAL`` or ``$EDITOR``, and return when that has ended.

    Raises UsageError where there is no such program, HttpcliError where it fails.
    """
    command = env.get("VISUAL") or env.get("EDITOR") or _USUAL
    # Ctrl-C is the editor's, which sits at the same terminal, from its first moment on. A
    # handler, not SIG_IGN, which a child would inherit.
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        words = shlex.split(command) or [_USUAL]
        status = subprocess.run([*words, path], env=dict(env), check=False).returncode  # noqa: S603 - the user's own
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the editor {command} cannot be run: {refusal_of(error)}", hint="$VISUAL or $EDITOR"
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)
    if status:
        raise HttpcliError(
            f"the editor {command} failed (status {status}): nothing was changed",
            status=ExitStatus.FAILED,
        )
