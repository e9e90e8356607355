"""Asks the user for a password on the terminal, without echo."""

from __future__ import annotations

from getpass import GetPassWarning, getpass
from warnings import catch_warnings, simplefilter

from httpcli.model.errors import UsageError


def ask_password(user: str, host: str) -> str:
    """Return the password that the user types on the controlling terminal.

    Raises UsageError where there is no terminal to ask on.
    """
    with catch_warnings():
        # getpass would go on with a visible echo: never for a password.
        simplefilter("error", GetPassWarning)
        try:
            return getpass(f"httpcli: password for {user}@{host}: ")
        except (GetPassWarning, EOFError, OSError):
            raise UsageError(
                f"no terminal to ask for the password of {user}", hint="--auth USER:PASSWORD"
            ) from None
