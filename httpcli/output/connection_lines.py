"""What is known of a connection, as lines of the meta part: loaded where it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from httpcli.core.connection_info import Connection


def facts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Give labels and texts; the texts have the server's own words in them."""
    yield "Remote address", connection.address + (" (a proxy)" if connection.proxy else "")
    if connection.version:
        yield "TLS", f"{connection.version}, {connection.cipher}"
    if connection.until is not None:
        until = f"{connection.until:%Y-%m-%d} ({time_left(connection.left)})"
        yield "Certificate", f"{connection.name}, valid until {until}"


def time_left(left: timedelta) -> str:
    """Say how long something is still valid; negative: for how long it has not been.

    >>> time_left(timedelta(days=1, hours=3)), time_left(-timedelta(days=2, hours=3))
    ('1 day left', 'expired 2 days ago')
    """
    days = abs(left) // timedelta(days=1)
    count = f"{days} day{'' if days == 1 else 's'}" if days else "less than a day"
    return f"{count} left" if left >= timedelta(0) else f"expired {count} ago"
