"""The limits of what a server can make the program keep in memory, as data.

Each has a meaning, a unit, a default, and the source of the default. docs/limits.md has the
same numbers for users; a test compares them. A limit that an option changes names the option.
"""

from typing import Final

MAX_HEADER_SIZE: Final = 256 * 1024
"""Bytes of a response head: status line and all headers, including the interim responses (1xx)
before it (``--max-header-size``). curl allows 300 KiB, Chromium 256 KiB. The trailers of a body
may be as long."""
MAX_HEADERS: Final = 10_000
"""Headers of a response (``--max-headers``)."""
MAX_INTERIM_RESPONSES: Final = 50
"""Interim responses (1xx) before a response. RFC 9110, 15.2 has no limit; Go's client allows 5,
and a server sends one or two."""
MAX_CHUNK_LINE: Final = 16 * 1024
"""Bytes of the line with the size of a chunk, with its extensions; as in Chromium."""
MAX_CODINGS: Final = 5
"""Content codings of a body that are decoded, one around the other; as in curl. Each multiplies
the work that a server can cause."""

MAX_REDIRECTS: Final = 30
"""Redirects that are followed (``--max-redirects``)."""

MAX_JSON_SIZE: Final = 64 * 1024 * 1024
"""Decoded bytes of a body that is parsed as a whole, for ``--select`` and ``--expect``
(``--max-json-size``)."""
MAX_JSON_VALUES: Final = 2_000_000
"""Values in such a JSON document: strings, numbers, constants, arrays and objects
(``--max-json-values``). Each may take 300 bytes of memory for one byte of text."""

MAX_EVENT_SIZE: Final = 8 * 1024 * 1024
"""Bytes of a server-sent event: all its lines, also comments, and an incomplete line
(``--max-event-size``)."""
MAX_EVENT_ID_SIZE: Final = 8 * 1024
"""Bytes of the id of an event; a longer one is ignored. It is sent back in a header, which most
servers limit to this size."""
MIN_RECONNECT_PAUSE: Final = 100
"""Milliseconds before reconnecting to an event stream, if the server asks for less."""
MAX_RECONNECT_PAUSE: Final = 3_600_000
"""Milliseconds before reconnecting to an event stream, if the server asks for more."""

MAX_MESSAGE_SIZE: Final = 16 * 1024 * 1024
"""Bytes of a WebSocket message (``--ws-max-size``)."""

MAX_COOKIES: Final = 180
"""Cookies that a host can set, including those for its parent domains; as in Chromium."""
MAX_STORED_COOKIES: Final = 3300
"""Cookies in a jar above which servers cannot add any; as in Chromium."""
MAX_COOKIE_SIZE: Final = 4096
"""Bytes of the name and value of a cookie (RFC 6265bis, 5.6)."""
MAX_COOKIE_ATTRIBUTE_SIZE: Final = 1024
"""Bytes of the value of an attribute of a cookie (RFC 6265bis, 5.6)."""
MAX_COOKIE_HEADER_SIZE: Final = 8 * 1024
"""Bytes of a Cookie header, as stored cookies are added to it; many servers refuse longer ones."""

MAX_STATE_FILE_SIZE: Final = 16 * 1024 * 1024
"""Bytes of a session file, a cookie jar or a netrc file, which are read as a whole."""
MAX_MESSAGE_LENGTH: Final = 8 * 1024
"""Characters of an error, warning or note: it may quote a header."""

ECHO_HEADER_SIZE: Final = 1024 * 1024
"""Bytes of a request head that ``echo:`` accepts; a longer one gets 431."""
ECHO_HEADERS: Final = 10_000
"""Headers of such a request."""
ECHO_HEAD_SECONDS: Final = 60.0
"""Seconds in which a client must send the head."""
ECHO_CONNECTIONS: Final = 1000
"""Connections at a time; further ones are closed."""
ECHO_BODY_SIZE: Final = 8 * 1024 * 1024
"""Bytes of a body that is hashed for digest authentication (auth-int); a longer one gets 413."""
ECHO_MESSAGE_SIZE: Final = 16 * 1024 * 1024
"""Bytes of a WebSocket message; as the default of ``--ws-max-size``."""


def size_text(size: int) -> str:
    """Return a limit in bytes as it is printed.

    >>> size_text(8 << 20), size_text(1000)
    ('8 MiB', '1,000 bytes')
    """
    if size and size % (1 << 20) == 0:
        return f"{size >> 20} MiB"
    if size and size % (1 << 10) == 0:
        return f"{size >> 10} KiB"
    return f"{size:,} bytes"
