"""URLs whose authority is a Unix socket: ``http+unix://%2Frun%2Fapp.sock/target``."""

from __future__ import annotations

import re

from httpcli.core.errors import Fault, UsageError
from httpcli.core.url_syntax import unquoted
from httpcli.syntax.urls import Target, parse_target

_URL = r"(https?|wss?)\+unix://([^/?#]*)(.*)"


def parse_unix_target(text: str, *, path_as_is: bool, encoded: bool) -> Target:
    """Return what the URL means: a socket, asked as ``localhost``. Raises UsageError.

    The path of the socket is percent-encoded; ``@name`` is an abstract one.
    """
    match = re.fullmatch(_URL, text, re.IGNORECASE | re.DOTALL)
    if match is None or not match[2]:
        raise UsageError(
            "there is no socket in the URL",
            hint="the socket's path is quoted: http+unix://%2Frun%2Fapp.sock/",
            fault=Fault(text, 0, len(text)),
        )
    url = f"{match[1]}://localhost{match[3]}"
    target = parse_target(url, path_as_is=path_as_is, encoded=encoded)
    return target._replace(unix_socket=unquoted(match[2]))
