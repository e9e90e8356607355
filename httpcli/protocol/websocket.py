"""The opening handshake of a WebSocket, and its close codes (RFC 6455, 4 and 7.4)."""

from __future__ import annotations

import re
from binascii import b2a_base64
from hashlib import sha1
from typing import TYPE_CHECKING

from httpcli.core.errors import HttpcliError
from httpcli.core.exit_status import ExitStatus, exit_status_for
from httpcli.core.headers import TOKEN, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from httpcli.core.events import ResponseStarted
    from httpcli.core.websocket import WebSocket, WebSocketClosed

NO_CODE = 1005
"""The code of a close frame without a code (RFC 6455, 7.1.5)."""

_ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_COMPRESSION = "permessage-deflate"
_RESERVED_CODES = frozenset({1004, NO_CODE, 1006})
_NORMAL_CODES = frozenset({1000, 1001, NO_CODE})
_MEANINGS = {
    1002: "protocol error",
    1003: "unsupported data",
    1007: "invalid data",
    1008: "policy violation",
    1009: "message too big",
    1010: "extension missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
}


class HandshakeError(ValueError):
    """The response to a handshake is invalid."""


def make_key(entropy: bytes) -> str:
    """Return the Sec-WebSocket-Key for 16 random bytes (RFC 6455, 4.1)."""
    return b2a_base64(entropy, newline=False).decode("ascii")


def accept_value(key: str) -> str:
    """Return the Sec-WebSocket-Accept that belongs to a key (RFC 6455, 4.2.2)."""
    digest = sha1(key.encode("ascii") + _ACCEPT_GUID, usedforsecurity=False).digest()
    return b2a_base64(digest, newline=False).decode("ascii")


def is_subprotocol(name: str) -> bool:
    """Return whether a name is valid as a subprotocol."""
    return re.fullmatch(TOKEN, name) is not None


def handshake_fields(websocket: WebSocket) -> list[Field]:
    """Return the headers of a handshake request."""
    fields = [
        Field("Upgrade", "websocket"),
        Field("Connection", "Upgrade"),
        Field("Sec-WebSocket-Key", websocket.key),
        Field("Sec-WebSocket-Version", "13"),
    ]
    if websocket.subprotocols:
        fields.append(Field("Sec-WebSocket-Protocol", ", ".join(websocket.subprotocols)))
    if websocket.compress:
        fields.append(Field("Sec-WebSocket-Extensions", f"{_COMPRESSION}; client_max_window_bits"))
    return fields


def check_handshake(response: ResponseStarted, websocket: WebSocket) -> tuple[str, str]:
    """Return the subprotocol and the extensions of a 101 response, each empty if missing.

    Raises HandshakeError if the response does not match the request (RFC 6455, 4.1).
    """
    fields = response.fields
    if "websocket" not in _list_items(fields.all_values("Upgrade")):
        raise HandshakeError("the Upgrade header is not websocket")
    if "upgrade" not in _list_items(fields.all_values("Connection")):
        raise HandshakeError("the Connection header is not Upgrade")
    if (fields.first("Sec-WebSocket-Accept") or "").strip() != accept_value(websocket.key):
        raise HandshakeError("Sec-WebSocket-Accept does not match the key")
    subprotocol = (fields.first("Sec-WebSocket-Protocol") or "").strip()
    if subprotocol and subprotocol not in websocket.subprotocols:
        raise HandshakeError(f"the subprotocol {subprotocol} was not offered")
    extensions = ", ".join(fields.all_values("Sec-WebSocket-Extensions")).strip()
    names = [item.partition(";")[0].strip() for item in extensions.split(",")]
    if extensions and (not websocket.compress or names != [_COMPRESSION]):
        raise HandshakeError(f"the extension {extensions} was not offered")
    return subprotocol, extensions


def handshake_error(response: ResponseStarted) -> HttpcliError:
    """Return the error for a response other than 101 to a handshake."""
    status = response.status
    kind = exit_status_for(status, following=True) or ExitStatus.FAILED
    hint = "to follow the redirect: --follow" if response.fields.has("Location") else ""
    text = f"HTTP {status} {response.reason}".rstrip()
    return HttpcliError(
        f"{response.url.authority}: not a WebSocket: {text}", hint=hint, status=kind
    )


def is_valid_close_code(code: int) -> bool:
    """Return whether a close code may be sent (RFC 6455, 7.4)."""
    return 3000 <= code <= 4999 or (1000 <= code <= 1014 and code not in _RESERVED_CODES)


def close_error(closed: WebSocketClosed) -> str:
    """Return why the server closed the WebSocket; empty for a normal close."""
    if closed.code in _NORMAL_CODES:
        return ""
    meaning = _MEANINGS.get(closed.code, "")
    text = f"{closed.code} {meaning}".rstrip()
    return f"{text}: {closed.reason}" if closed.reason else text


def _list_items(values: Sequence[str]) -> list[str]:
    return [word.strip().lower() for value in values for word in value.split(",")]
