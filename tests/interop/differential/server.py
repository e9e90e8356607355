"""The server that both programs talk to: it takes all, but wants to be asked twice at /digest."""

from __future__ import annotations

from tests.support.servers import RawServer
from tests.support.wire import Received, response

_CHALLENGE = response(
    "",
    'WWW-Authenticate: Digest realm="a realm, b", nonce="abc==", opaque="x", '
    'qop="auth,auth-int", algorithm={}',
    status="401 Unauthorized",
).decode()


class Recorder(RawServer):
    """Answers 200, and 401 with a digest challenge to who asks for /digest without an answer.

    ``/digest/SHA-256`` is by that algorithm, ``/digest`` by MD5.
    """

    def record(self, request: Received) -> None:
        """Keep a request, and settle its answer."""
        super().record(request)
        _, first, *rest = f"{request.target.partition('?')[0]}/".split("/")
        answered = (request.field("Authorization") or "").startswith("Digest ")
        if first == "digest" and not answered:
            self.answer(_CHALLENGE.format(rest[0] or "MD5").encode())
