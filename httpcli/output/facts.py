"""What is known of a connection, as lines of the meta part: loaded where it is shown."""

from __future__ import annotations

from collections.abc import Iterator

from httpcli.model.connection import Connection, time_left


def facts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Give labels and texts; the texts have the server's own words in them."""
    yield "Remote address", connection.address + (" (a proxy)" if connection.proxy else "")
    if connection.version:
        yield "TLS", f"{connection.version}, {connection.cipher}"
    if connection.until is not None:
        until = f"{connection.until:%Y-%m-%d} ({time_left(connection.left)})"
        yield "Certificate", f"{connection.name}, valid until {until}"
