"""Who a netrc file says that we are to a host; read by the standard library."""

from __future__ import annotations

from netrc import NetrcParseError, netrc

from httpcli.core.errors import error_reason

_DEFAULT = "default"


class NetrcError(ValueError):
    """Why a netrc file is of no use, as the end of a sentence; it shows nothing of the file."""


def find_login(path: str, host: str) -> tuple[str, str] | None:
    """Return the user and password for a host, in lower case; None where there are none.

    The file's ``default`` entry is for every host that it does not name.
    Raises NetrcError.
    """
    try:
        hosts = netrc(path).hosts
    except NetrcParseError as error:
        # The library does not count the lines of comments and macros. Its message
        # has the word that it fell over, and that may be a password.
        raise NetrcError(
            f"line {error.lineno} or after it: a word that has no meaning there"
        ) from None
    except UnicodeError:
        raise NetrcError("cannot be read: it is not text") from None
    except OSError as error:
        raise NetrcError(f"cannot be read: {error_reason(error)}") from None
    named = (hosts[name] for name in hosts if name != _DEFAULT and name.lower() == host)
    entry = next(named, hosts.get(_DEFAULT))
    if entry is None:
        return None
    user, account, password = entry
    user = user or account or ""
    return (user, password or "") if user or password else None
