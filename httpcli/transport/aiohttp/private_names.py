"""The private names of other libraries that this package uses, and their purposes.

Not imported at run time. ``tests/transport/test_private_names.py`` checks that the list
is complete and that the installed libraries have each name, so that an upgrade of
aiohttp shows immediately which names have changed.
"""

PRIVATE_NAMES: dict[str, str] = {
    "aiohttp._websocket.reader": "the queue between a WebSocket's parser and its reader",
    "aiohttp.client_reqrep.ClientRequest._continue": (
        "a future: its result ends the wait for a 100 (Continue)"
    ),
    "aiohttp.connector.BaseConnector._create_connection": (
        "overridden: connections that transport.dial makes (Unix sockets, SOCKS, tunnels)"
    ),
    "aiohttp.base_protocol.BaseProtocol._parser": "None until a response is expected",
    "aiohttp.base_protocol.BaseProtocol._upgraded": "whether HTTP has ended here",
    "aiohttp.connector.BaseConnector._factory": "the protocol class of new connections",
    "aiohttp.connector.BaseConnector._loop": "the event loop, which that class needs",
    "aiohttp.connector.TCPConnector._create_direct_connection": (
        "overridden: notes that a proxy is connected and its tunnel is not open yet"
    ),
    "aiohttp.connector.TCPConnector._get_ssl_context": (
        "overridden: another TLS context for a proxy than for the origin"
    ),
    "aiohttp.connector.TCPConnector._start_tls_connection": (
        "overridden: raises the TLS error that Python hides in a tunnel"
    ),
    "aiohttp.streams.DataQueue._exception": "whether the response has failed",
    "aiohttp.streams.StreamReader._buffer": "how many pieces were received before an error",
    "aiohttp.streams.StreamReader._read_nowait_chunk": "reads these pieces",
    "ssl.SSLObject._sslobj": "has the certificate chain before Python 3.13",
}
"""Dotted names of attributes and modules."""
