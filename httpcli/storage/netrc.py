"""Looks up the login for a host in a netrc file.

A separate module, so that the standard library's ``netrc`` is imported only if a file exists.
"""

from __future__ import annotations

import os
from netrc import NetrcParseError, netrc

from httpcli.core.errors import error_reason
from httpcli.core.limits import MAX_STATE_FILE_SIZE
from httpcli.core.url import canonical_host

_DEFAULT = "default"


class NetrcError(ValueError):
    """A netrc file cannot be used; the message ends a sentence and quotes nothing of it."""


def find_login(path: str, host: str) -> tuple[str, str] | None:
    """Return the user name and password for a host; None if the file has no entry for it.

    The ``default`` entry is for every host that the file does not name. Raises NetrcError.
    """
    try:
        if os.path.getsize(path) > MAX_STATE_FILE_SIZE:
            raise NetrcError(f"cannot be read: it has more than {MAX_STATE_FILE_SIZE >> 20} MiB")
        hosts = netrc(path).hosts
    except NetrcParseError as error:
        # The library does not count the lines of comments and macros. Its message
        # contains the unexpected word, which may be a password.
        raise NetrcError(f"line {error.lineno} or later: unexpected word") from None
    except UnicodeError:
        raise NetrcError("cannot be read: not a text file") from None
    except OSError as error:
        raise NetrcError(f"cannot be read: {error_reason(error)}") from None
    wanted = canonical_host(host)
    named = (hosts[name] for name in hosts if name != _DEFAULT and canonical_host(name) == wanted)
    entry = next(named, hosts.get(_DEFAULT))
    if entry is None:
        return None
    user, account, password = entry
    user = user or account or ""
    return (user, password or "") if user or password else None
