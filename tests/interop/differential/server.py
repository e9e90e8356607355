"""The server for both programs: it accepts every request; the target selects the response."""

from __future__ import annotations

from urllib.parse import parse_qsl

from tests.support.http_connection import ClientConnection, ReceivedRequest, response
from tests.support.servers import RawServer

_CHALLENGE = (
    'WWW-Authenticate: Digest realm="a realm, b", nonce="abc==", opaque="x", '
    'qop="auth,auth-int", algorithm='
)


class Recorder(RawServer):
    """Responds with 200 unless the target says otherwise.

    ``/digest`` without digest credentials is 401 (``/digest/SHA-256``: with that
    algorithm). In the query, ``set=COOKIE`` sets a cookie and ``to=LOCATION`` makes
    the response a redirect.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answer_always(self._respond)

    def _respond(self, connection: ClientConnection) -> None:
        """Respond to the latest request."""
        connection.send(_response_to(self.requests[-1]))


def _response_to(request: ReceivedRequest) -> bytes:
    path, _, query = request.target.partition("?")
    _, first, *rest = f"{path}/".split("/")
    if first == "digest" and not (request.header("Authorization") or "").startswith("Digest "):
        return response("", _CHALLENGE + (rest[0] or "MD5"), status="401 Unauthorized")
    pairs = parse_qsl(query)
    cookies = [f"Set-Cookie: {value}" for name, value in pairs if name == "set"]
    locations = [f"Location: {value}" for name, value in pairs if name == "to"]
    fields = ["Content-Type: text/plain", *cookies, *locations]
    return response("ok\n", *fields, status="302 Found" if locations else "200 OK")
