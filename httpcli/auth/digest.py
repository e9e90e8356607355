"""The Digest scheme (RFC 7616): the answer to a server's challenge; no password is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpcli.auth.challenges import parse
from httpcli.auth.digest_answer import Demand, answer, demand_of, quality
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import Field
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Origin

if TYPE_CHECKING:
    from httpcli.core.interfaces import AuthFlow, Entropy

_CNONCE_BYTES = 16


class Digest:
    """Answers challenges, and remembers the last one of each origin.

    A request to where the server asked before carries its answer at once.
    """

    def __init__(self, credentials: Credentials, entropy: Entropy) -> None:
        self._credentials = credentials
        self._entropy = entropy
        self._sessions: dict[Origin, _Session] = {}

    def __call__(self, request: Request) -> AuthFlow:
        """Send the request, and again with an answer where the server asks for one.

        An answer that is refused is wrong and not given again, unless only its
        nonce was stale: that once. Raises HttpcliError for a challenge that
        cannot be answered, or a body that is gone.
        """
        request = request._replace(fields=request.fields.without("Authorization"))
        session = self._sessions.get(request.url.origin)
        if session is not None and session.demand.covers(request.url):
            response = yield self._answered(request, session)
        else:
            response = yield request
        for again in (False, True):
            demand = _demanded(request, response)
            if demand is None or (again and not demand.stale):
                return
            _check_replayable(request)
            session = _Session(demand, self._entropy(_CNONCE_BYTES).hex())
            self._sessions[request.url.origin] = session
            response = yield self._answered(request, session)

    def _answered(self, request: Request, session: _Session) -> Request:
        value = session.answer(request, self._credentials)
        authorization = Field("Authorization", value, self._credentials.hidden)
        return request._replace(fields=request.fields.plus([authorization]))


class _Session:
    """A nonce in use: one cnonce, and a count of the answers."""

    def __init__(self, demand: Demand, cnonce: str) -> None:
        self.demand = demand
        self._cnonce = cnonce
        self._count = 0

    def answer(self, request: Request, credentials: Credentials) -> str:
        """Return the next answer."""
        self._count += 1
        return answer(self.demand, request, credentials, self._cnonce, self._count)


def _demanded(request: Request, response: ResponseStarted) -> Demand | None:
    """Return what the first challenge demands that can be answered; None where none is Digest.

    The server's order is its preference (RFC 7616, 3.7). Raises HttpcliError
    where there are some, and none can be answered.
    """
    if response.status != 401:
        return None
    fault: HttpcliError | None = None
    for challenge in parse(response.fields.every("WWW-Authenticate")):
        if challenge.scheme != "digest":
            continue
        try:
            demand = demand_of(challenge)
            quality(demand, request)
        except HttpcliError as error:
            fault = fault or error
        else:
            return demand
    if fault is not None:
        raise fault
    return None


def _check_replayable(request: Request) -> None:
    if request.body is not None and not request.body.replayable:
        raise HttpcliError(
            "the server asks for the body again, with an answer to its digest challenge, "
            "and this one can be read only once",
            hint="--spool keeps a copy, or send it from a file: @FILE",
        )
