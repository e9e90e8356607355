"""A host name in any script becomes ASCII (IDNA 2008 with UTS 46); the only door to idna.

It stands alone because the tables of idna cost more than the rest of this
room: it is loaded, by a registry row, only when a host is not ASCII.
"""

from __future__ import annotations

import idna


def to_ascii(host: str) -> str:
    """Return the host with its labels in Punycode. Raises ValueError where it is not a name."""
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise ValueError(str(error)) from error
