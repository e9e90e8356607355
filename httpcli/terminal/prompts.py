"""Prompts for passwords on the terminal, and runs the user's editor."""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import GetPassWarning, getpass
from warnings import catch_warnings, simplefilter

from httpcli.core.errors import HttpcliError, UsageError, error_reason
from httpcli.core.escaping import escape_controls
from httpcli.core.exit_status import ExitStatus


def ask_password(user: str, host: str, option: str = "--auth") -> str:
    """Prompt for a password on the controlling terminal, without echo.

    The hint names ``option``, which takes the password. Raises UsageError without a
    terminal or an input.
    """
    hint = f"{option} USER:PASSWORD"
    return _ask(f"password for {user}@{host}", f"the password of {user}", hint)


def ask_passphrase(path: str) -> str:
    """Prompt for the passphrase of a key, as ``ask_password`` does. Raises UsageError."""
    hint = "use --cert-key-pass=PASSPHRASE, @env:NAME or @file:PATH"
    return _ask(f"passphrase for {path}", f"the passphrase of {path}", hint)


def _ask(question: str, what: str, instead: str) -> str:
    with catch_warnings():
        # Without a terminal getpass would read the password with echo.
        simplefilter("error", GetPassWarning)
        try:
            return getpass(f"httpcli: {escape_controls(question)}: ")
        except EOFError:
            raise UsageError(f"{what} was not entered", hint=instead) from None
        except UnicodeDecodeError:
            raise UsageError(f"{what} is not UTF-8", hint=instead) from None
        except (GetPassWarning, OSError):
            raise UsageError(f"cannot prompt for {what}: no terminal", hint=instead) from None


_DEFAULT_EDITOR = "vi"


def open_editor(path: str, env: Mapping[str, str]) -> None:
    """Open a file in ``$VISUAL`` or ``$EDITOR`` and wait for the editor to end.

    Raises UsageError if it cannot be run, HttpcliError if it fails.
    """
    command = env.get("VISUAL") or env.get("EDITOR") or _DEFAULT_EDITOR
    try:
        words = shlex.split(command) or [_DEFAULT_EDITOR]
        with leave_ctrl_c_to_child():
            status = subprocess.run([*words, path], env=dict(env), check=False).returncode  # noqa: S603 - the user's own
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the editor {command} cannot be run: {error_reason(error)}",
            hint="set $VISUAL or $EDITOR",
        ) from None
    if status:
        raise HttpcliError(
            f"the editor {command} failed (status {status}); nothing was changed",
            status=ExitStatus.FAILED,
        )


@contextmanager
def leave_ctrl_c_to_child() -> Iterator[None]:
    """Ignore Ctrl-C while another program uses the terminal: it is for that program.

    With a handler, because the other program would inherit SIG_IGN.
    """
    previous = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
