"""Recognizes the protocol of a server whose first bytes are not HTTP/1.

Loaded only for the error message.
"""

from __future__ import annotations

from httpcli.core.named_tuple import NamedTuple


class OtherProtocol(NamedTuple):
    """A protocol that is not HTTP/1."""

    name: str
    """The end of a sentence about the port: ``this port speaks ...``."""
    hint: str
    """What to type instead; ``{host}``, ``{port}`` and ``{authority}`` are replaced."""


_TLS = OtherProtocol("TLS", "try https://{authority}")
_HTTP2 = OtherProtocol(
    "HTTP/2 only",
    "curl --http2-prior-knowledge http://{authority} reads it; httpcli speaks HTTP/1",
)
_SSH = OtherProtocol("SSH", "ssh -p {port} {host}")
_CHECK_PORT = "is {port} the right port?"
_MAIL = OtherProtocol("SMTP or FTP", "it greets like a mail or file server; " + _CHECK_PORT)
_IMAP = OtherProtocol("IMAP", "it greets like a mailbox server; " + _CHECK_PORT)
_POP3 = OtherProtocol("POP3", "it greets like a mailbox server; " + _CHECK_PORT)
_MYSQL = OtherProtocol("MySQL", "mysql -h {host} -P {port}")
_POSTGRES = OtherProtocol("PostgreSQL", "psql -h {host} -p {port}")
_REDIS = OtherProtocol("Redis", "redis-cli -h {host} -p {port}")
_VNC = OtherProtocol("VNC", _CHECK_PORT)
_RTSP = OtherProtocol("RTSP", "a media player opens rtsp://{authority}")
_ICY = OtherProtocol("ICY (SHOUTcast)", "a media player opens it")
_SOCKS = OtherProtocol("SOCKS", "--proxy=socks5h://{authority} uses it as a proxy")
_TELNET = OtherProtocol("Telnet", "telnet {host} {port}")
_AMQP = OtherProtocol("AMQP", _CHECK_PORT)
_MEMCACHED = OtherProtocol("memcached", _CHECK_PORT)
_HTTP09 = OtherProtocol(
    "HTTP/0.9", "it sends content without a status line; curl --http0.9 reads it"
)

_BEGINNINGS = (
    (b"\x15\x03", _TLS),
    (b"\x16\x03", _TLS),
    (b"PRI * HTTP/2", _HTTP2),
    (b"SSH-", _SSH),
    (b"220", _MAIL),
    (b"421", _MAIL),
    (b"554", _MAIL),
    (b"* OK", _IMAP),
    (b"* BYE", _IMAP),
    (b"* PREAUTH", _IMAP),
    (b"+OK", _POP3),
    (b"-ERR wrong", _REDIS),
    (b"-ERR unknown", _REDIS),
    (b"-NOAUTH", _REDIS),
    (b"-DENIED", _REDIS),
    (b"-ERR", _POP3),
    (b"RFB ", _VNC),
    (b"RTSP/", _RTSP),
    (b"ICY ", _ICY),
    (b"\x05", _SOCKS),
    (b"\xff\xfb", _TELNET),
    (b"\xff\xfd", _TELNET),
    (b"AMQP", _AMQP),
    (b"ERROR\r\n", _MEMCACHED),
    (b"<", _HTTP09),
    (b"{", _HTTP09),
)
_SETTINGS, _GOAWAY = 4, 7
"""Types of the HTTP/2 frames that a server sends first (RFC 9113, 6)."""


def recognize(received: bytes) -> OtherProtocol | None:
    """Return the protocol that begins with these bytes; None for an unknown one."""
    if is_http2_frame(received):
        return _HTTP2
    # Length (3 bytes), number 0, then the protocol's version 10, or an error packet.
    if len(received) > 4 and received[3] == 0 and received[4] in (10, 255) and received[0]:
        return _MYSQL
    for beginning, protocol in _BEGINNINGS:
        if received.startswith(beginning):
            return protocol
    if received[:1] in (b"E", b"N") and b"SFATAL" in received:
        return _POSTGRES
    return None


def is_http2_frame(received: bytes) -> bool:
    """Return whether the bytes begin an HTTP/2 frame of the connection (RFC 9113, 4.1)."""
    if len(received) < 5 or received[0]:
        return False
    stream = received[5:9]
    return received[3] in (_SETTINGS, _GOAWAY) and not any(stream)
