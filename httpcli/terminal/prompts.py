"""Asks the user for a secret on the terminal, without echo."""

from __future__ import annotations

from getpass import GetPassWarning, getpass
from warnings import catch_warnings, simplefilter

from httpcli.core.errors import UsageError
from httpcli.core.escaping import visible


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
            return getpass(f"httpcli: {visible(question)}: ")
        except EOFError:
            raise UsageError(f"{what} was not typed", hint=instead) from None
        except UnicodeDecodeError:
            raise UsageError(f"{what} that was typed is not UTF-8", hint=instead) from None
        except (GetPassWarning, OSError):
            raise UsageError(f"no terminal to ask for {what}", hint=instead) from None
