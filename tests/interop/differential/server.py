"""The server that both programs talk to: it takes all, and answers as the target says."""

from __future__ import annotations

from urllib.parse import parse_qsl

from tests.support.servers import RawServer
from tests.support.wire import Connection, Received, response

_CHALLENGE = (
    'WWW-Authenticate: Digest realm="a realm, b", nonce="abc==", opaque="x", '
    'qop="auth,auth-int", algorithm='
)


class Recorder(RawServer):
    """Answers 200 but where the target says otherwise.

    ``/digest`` without an answer to its challenge is 401, ``/digest/SHA-256``
    by that algorithm. In a query, ``set=COOKIE`` sets one and ``to=LOCATION``
    makes it a redirect.
    """

    def __init__(self) -> None:
        super().__init__()
        self.always(self._answer)

    def _answer(self, connection: Connection) -> None:
        """Answer the request that has just come."""
        connection.send(_answer_to(self.requests[-1]))


def _answer_to(request: Received) -> bytes:
    path, _, query = request.target.partition("?")
    _, first, *rest = f"{path}/".split("/")
    if first == "digest" and not (request.field("Authorization") or "").startswith("Digest "):
        return response("", _CHALLENGE + (rest[0] or "MD5"), status="401 Unauthorized")
    pairs = parse_qsl(query)
    cookies = [f"Set-Cookie: {value}" for name, value in pairs if name == "set"]
    places = [f"Location: {value}" for name, value in pairs if name == "to"]
    fields = ["Content-Type: text/plain", *cookies, *places]
    return response("ok\n", *fields, status="302 Found" if places else "200 OK")
