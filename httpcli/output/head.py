"""What is known of a connection, as lines of the meta part: loaded where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from httpcli.core.connection_info import Connection
from httpcli.core.escaping import REDACTED, escape_controls
from httpcli.core.events import RequestStarted, ResponseStarted
from httpcli.core.headers import Field, Fields
from httpcli.core.plan import Display, RedactionLevel
from httpcli.output.theme import paint, palette
from httpcli.protocol.secrets import holds_a_url, is_secret, url_without_secrets, without_secrets

if TYPE_CHECKING:
    from httpcli.core.connection_info import Connection


def connection_facts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Give labels and texts; the texts have the server's own words in them."""
    yield (
        "Remote address",
        connection.remote_address + (" (a proxy)" if connection.is_proxy else ""),
    )
    if connection.tls_version:
        yield "TLS", f"{connection.tls_version}, {connection.cipher}"
    if connection.certificate_expires is not None:
        remaining = time_left(connection.certificate_time_left)
        until = f"{connection.certificate_expires:%Y-%m-%d} ({remaining})"
        yield "Certificate", f"{connection.certificate_name}, valid until {until}"


def time_left(left: timedelta) -> str:
    """Say how long something is still valid; negative: for how long it has not been.

    >>> time_left(timedelta(days=1, hours=3)), time_left(-timedelta(days=2, hours=3))
    ('1 day left', 'expired 2 days ago')
    """
    days = abs(left) // timedelta(days=1)
    count = f"{days} day{'' if days == 1 else 's'}" if days else "less than a day"
    return f"{count} left" if left >= timedelta(0) else f"expired {count} ago"


# The heads of messages and what is known beside them, as bytes.
#
# Uncoloured and unguarded they are what was on the wire, line by line: order, case and
# duplicates stay, unless they are to be sorted. Coloured lines end in a bare newline, for
# pagers.


_SPEEDS = ((0.45, "fast"), (1.0, "fair"), (2.5, "slow"))
"""Seconds that an exchange takes at most, to be called so: HTTPie's limits."""


class HeadWriter:
    """Writes heads as one ``Display`` wants them."""

    def __init__(self, display: Display) -> None:
        self._line_end = "\n" if display.colours else "\r\n"
        self._colour = palette(display.style, display.colours, light=display.light_background)
        self._clean: Callable[[str], str] = escape_controls if display.guard_terminal else str
        self._hide = display.redaction
        self._sorted = (
            display.format
            and display.format_options is not None
            and display.format_options.headers_sort
        )

    def request(self, head: RequestStarted) -> bytes:
        """Return the request line and fields, with the empty line after them."""
        method = self._paint("method", head.method)
        hidden = self._hide is RedactionLevel.SECRETS
        target = self._paint("target", without_secrets(head.target) if hidden else head.target)
        return self._head(f"{method} {target} {self._protocol(head.version)}", head.fields)

    def response(self, head: ResponseStarted) -> bytes:
        """Return the status line and fields, with the empty line after them."""
        line = f"{self._protocol(head.version)} {self._paint('number', str(head.status))}"
        if head.reason:
            line += f" {self._paint('reason', head.reason)}"
        return self._head(line, head.fields)

    def meta(self, elapsed: float, connection: Connection | None = None) -> bytes:
        """Return what is known beside the message; ``elapsed`` in seconds.

        How long it took comes first, as it is HTTPie's only line.
        """
        name = self._paint("meta name", "Elapsed time")
        speed = next((name for limit, name in _SPEEDS if elapsed <= limit), "slowest")
        seconds = self._paint(speed, f"{elapsed:.9f}")
        lines = [f"{name}: {seconds}{self._paint('meta unit', 's')}"]
        if connection is not None:
            lines += [
                f"{self._paint('meta name', label)}: {escape_controls(text)}"
                for label, text in connection_facts(connection)
            ]
        return ("\n".join(lines) + "\n\n").encode("utf-8", "backslashreplace")

    def _head(self, line: str, fields: Fields) -> bytes:
        shown = sorted(fields, key=_name) if self._sorted else fields
        text = self._line_end.join([line, *map(self._field, shown)])
        return f"{text}\r\n\r\n".encode("utf-8", "surrogateescape")

    def _field(self, field: Field) -> str:
        value = REDACTED if self._is_hidden(field) else field.value
        if self._hide is RedactionLevel.SECRETS and holds_a_url(field.name):
            value = url_without_secrets(value)
        return f"{self._paint('field name', field.name)}: {self._paint('field value', value)}"

    def _is_hidden(self, field: Field) -> bool:
        if self._hide is RedactionLevel.SECRETS and is_secret(field.name):
            return True
        return field.secret and self._hide is not RedactionLevel.NOTHING

    def _protocol(self, version: str) -> str:
        return f"{self._paint('protocol', 'HTTP')}/{self._paint('number', version)}"

    def _paint(self, name: str, text: str) -> str:
        return paint(self._clean(text), self._colour[name])


def _name(field: Field) -> str:
    """Return what fields are sorted by: names mean the same in any case (RFC 9110, 5.1)."""
    return field.name.lower()
