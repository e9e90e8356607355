"""The private names of other libraries that this package uses, and their purposes.

Not imported at run time. ``tests/transport/test_private_names.py`` checks that the list
is complete and that the installed libraries have each name, so that an upgrade of
aiohttp shows immediately which names have changed.
"""

PRIVATE_NAMES: dict[str, str] = {
    "aiohttp._websocket.reader": "the queue between a WebSocket's parser and its reader",
    "aiohttp.base_protocol.BaseProtocol._buffer_paused": (
        "whether reading is paused for the bytes before a WebSocket's parser is set"
    ),
    "aiohttp.base_protocol.BaseProtocol._pause_transport_reading": "pauses reading",
    "aiohttp.base_protocol.BaseProtocol._reading_paused": (
        "set and read: whether reading is paused for a slow reader of the content"
    ),
    "aiohttp.base_protocol.BaseProtocol._resume_transport_reading": "resumes reading",
    "aiohttp.base_protocol.BaseProtocol._upgraded": "set after a 101, for aiohttp's WebSocket",
    "aiohttp.client_proto.ResponseHandler._drop_timeout": "stops the timer of --timeout",
    "aiohttp.client_proto.ResponseHandler._payload": (
        "set to the stream of the content: should_close reads it"
    ),
    "aiohttp.client_proto.ResponseHandler._read_bufsize": (
        "set: how much is read before a WebSocket's parser is set"
    ),
    "aiohttp.client_proto.ResponseHandler._read_timeout": "set: the seconds of --timeout",
    "aiohttp.client_proto.ResponseHandler._reschedule_timeout": "starts that timer again",
    "aiohttp.client_proto.ResponseHandler._should_close": (
        "set: keeps a connection out of the pool"
    ),
    "aiohttp.client_proto.ResponseHandler._skip_payload": "set as aiohttp does",
    "aiohttp.client_proto.ResponseHandler._tail": "the bytes of a server that speaks first",
    "aiohttp.client_proto.ResponseHandler._timeout_ceil_threshold": "set as aiohttp does",
    "aiohttp.client_reqrep.ClientRequest._continue": (
        "a future: its result ends the wait for a 100 (Continue)"
    ),
    "aiohttp.connector.BaseConnector._create_connection": (
        "overridden: connections that transport.dial makes (Unix sockets, SOCKS, tunnels)"
    ),
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
    "aiohttp.connector.TCPConnector._wrap_create_connection": (
        "overridden: no limit of asyncio for a TLS handshake"
    ),
    "aiohttp.streams.StreamReader._buffer": "how many pieces were received before an error",
    "aiohttp.streams.StreamReader._read_nowait_chunk": "reads these pieces",
    "ssl.SSLObject._sslobj": "has the certificate chain before Python 3.13",
}
"""Dotted names of attributes and modules."""
