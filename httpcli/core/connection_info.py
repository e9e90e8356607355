"""What is known of the connection that a response came over."""

from datetime import datetime, timedelta
from typing import NamedTuple


class Connection(NamedTuple):
    """The other end of a connection. What is of TLS is empty in plain http.

    ``address`` is ``host:port``, as numbers, ``local`` ours; ``proxy``: it is a
    proxy's. ``name`` and ``until`` are the certificate's own words; ``left`` is how long it is
    valid yet, negative when it is not any more.
    """

    address: str
    proxy: bool = False
    version: str = ""
    cipher: str = ""
    name: str = ""
    until: datetime | None = None
    left: timedelta = timedelta(0)
    local: str = ""
