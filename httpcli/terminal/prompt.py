"""Asks the user for a password on the terminal, without echo."""

from __future__ import annotations

from getpass import GetPassWarning, getpass
from warnings import catch_warnings, simplefilter

from httpcli.model.errors import UsageError
from httpcli.model.shown import visible

_HINT = "--auth USER:PASSWORD"


def ask_password(user: str, host: str) -> str:
    """Return the password that the user types on the controlling terminal.

    Raises UsageError where there is no terminal to ask on, or no answer.
    """
    with catch_warnings():
        # getpass would go on with a visible echo: never for a password.
        simplefilter("error", GetPassWarning)
        try:
            return getpass(f"httpcli: password for {visible(user)}@{host}: ")
        except EOFError:
            raise UsageError(f"no password was typed for {user}", hint=_HINT) from None
        except UnicodeDecodeError:
            raise UsageError("the password that was typed is not UTF-8", hint=_HINT) from None
        except (GetPassWarning, OSError):
            raise UsageError(
                f"no terminal to ask for the password of {user}", hint=_HINT
            ) from None
