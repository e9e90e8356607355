"""Asks the user for a secret on the terminal, without echo."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Mapping
from getpass import GetPassWarning, getpass
from warnings import catch_warnings, simplefilter

from httpcli.core.errors import HttpcliError, UsageError, error_reason
from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus


def ask_password(user: str, host: str, option: str = "--auth") -> str:
    """Return the password that the user types on the controlling terminal.

    ``option`` would have said it. Raises UsageError where there is no terminal
    to ask on, or no answer.
    """
    hint = f"{option} USER:PASSWORD"
    return _ask(f"password for {user}@{host}", f"the password of {user}", hint)


def ask_passphrase(path: str) -> str:
    """Return the passphrase of a key that the user types. Raises UsageError."""
    hint = "--cert-key-pass=PASSPHRASE, @env:NAME or @file:PATH"
    return _ask(f"passphrase for {path}", f"the passphrase of {path}", hint)


def _ask(question: str, what: str, instead: str) -> str:
    with catch_warnings():
        # getpass would go on with a visible echo: never for a password.
        simplefilter("error", GetPassWarning)
        try:
            return getpass(f"httpcli: {escape_controls(question)}: ")
        except EOFError:
            raise UsageError(f"{what} was not typed", hint=instead) from None
        except UnicodeDecodeError:
            raise UsageError(f"{what} that was typed is not UTF-8", hint=instead) from None
        except (GetPassWarning, OSError):
            raise UsageError(f"no terminal to ask for {what}", hint=instead) from None


# Lets the user change a file in their editor.


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
            f"the editor {command} cannot be run: {error_reason(error)}", hint="$VISUAL or $EDITOR"
        ) from None
    finally:
        signal.signal(signal.SIGINT, before)
    if status:
        raise HttpcliError(
            f"the editor {command} failed (status {status}): nothing was changed",
            status=ExitStatus.FAILED,
        )
