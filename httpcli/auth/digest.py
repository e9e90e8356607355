"""Challenges of a server (RFC 9110, 11.6.1): read leniently, several in one field, or one in each.

A comma stands between challenges and between the parameters of one, so a
word begins a challenge unless an equals sign follows it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from httpcli.core.body import BytesBody
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import TOKEN, Field
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Origin, Url

if TYPE_CHECKING:
    from httpcli.core.interfaces import AuthFlow, Entropy


_PARAMETER = re.compile(rf'({TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^\s,]*))', re.DOTALL)
_SCHEME = re.compile(rf"({TOKEN})([ \t]*)")
_TOKEN68 = re.compile(r"([A-Za-z0-9._~+/-]+=*)[ \t]*(?:,|\Z)")
_SKIPPED = re.compile(r"[ \t,]+|.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Challenge(NamedTuple):
    """One challenge: the scheme and its parameters' names in lower case, or ``token68``."""

    scheme: str
    parameters: Mapping[str, str] = {}
    token68: str = ""


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """Read the values of all WWW-Authenticate fields; what cannot be read is passed over.

    Of a parameter given twice the first counts.
    """
    return [challenge for value in values for challenge in _of_field(value)]


def _of_field(value: str) -> list[Challenge]:
    found: list[Challenge] = []
    parameters: dict[str, str] = {}
    at = 0
    while at < len(value):
        if match := _PARAMETER.match(value, at):
            name, quoted, plain = match.groups()
            text = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            parameters.setdefault(name.lower(), text)
        elif match := _SCHEME.match(value, at):
            scheme, blank = match[1].lower(), match[2]
            token68 = _TOKEN68.match(value, match.end()) if blank else None
            alone = token68 is not None or value[match.end() : match.end() + 1] in ("", ",")
            if not alone or not found:
                parameters = {}
            # A lone word among parameters is a scheme without any, or a list that
            # lost its quotes (qop=auth,auth-int): those that follow are not its own.
            found.append(Challenge(scheme, {} if alone and found else parameters))
            if token68 is not None:
                found[-1] = found[-1]._replace(token68=token68[1])
                match = token68
        else:
            match = _SKIPPED.match(value, at)
        at = len(value) if match is None else match.end()
    return found


# What a Digest challenge demands, and the Authorization that answers it (RFC 7616, 3.4).
#
# A challenge without qop is one of RFC 2069 and is answered as that says.


_HASHES = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
"""RFC 7616's, and the two besides that servers ask for; by hashlib's names."""
_SESSION = "-SESS"
_PLAIN = frozenset("!#$&+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
"""What stands for itself in an extended value (RFC 8187, 3.2.1)."""

_Hash = Callable[[bytes], str]


class DigestChallenge(NamedTuple):
    """A Digest challenge that we can answer.

    ``algorithm`` is as the server wrote it, empty where it did not; ``opaque``
    is None where there is none; ``qops`` is empty for RFC 2069. ``domain``:
    the URIs that the nonce is good for (empty: all of the origin).
    """

    realm: str
    nonce: str
    algorithm: str = ""
    opaque: str | None = None
    qops: frozenset[str] = frozenset()
    domain: tuple[str, ...] = ()
    stale: bool = False
    userhash: bool = False
    normalised: bool = False

    @property
    def session(self) -> bool:
        """Whether the first answer's cnonce goes into the key of all."""
        return self.algorithm.upper().endswith(_SESSION)

    def covers(self, url: Url) -> bool:
        """Tell whether a URL of the challenge's origin is in its protection space."""
        own = f"{url.scheme}://{url.authority}"
        spaces = [uri if "://" in uri else own + uri for uri in self.domain]
        return not spaces or any(str(url).startswith(space) for space in spaces)


def parse_digest_challenge(challenge: Challenge) -> DigestChallenge:
    """Read a Digest challenge. Raises HttpcliError where nobody here can answer it."""
    parameters = challenge.parameters
    if not parameters.get("nonce"):
        raise HttpcliError("the server's digest challenge has no nonce")
    algorithm = parameters.get("algorithm", "")
    _hash(algorithm)
    return DigestChallenge(
        realm=parameters.get("realm", ""),
        nonce=parameters["nonce"],
        algorithm=algorithm,
        opaque=parameters.get("opaque"),
        qops=frozenset(parameters.get("qop", "").lower().replace(",", " ").split()),
        domain=tuple(parameters.get("domain", "").split()),
        stale=parameters.get("stale", "").lower() == "true",
        userhash=parameters.get("userhash", "").lower() == "true",
        normalised=parameters.get("charset", "").lower() == "utf-8",
    )


def choose_qop(demand: DigestChallenge, request: Request) -> str:
    """Return the qop to answer with, empty for RFC 2069.

    Raises HttpcliError where the server wants one that is not to be had: the
    hash of content that is read while it is sent, or one that nobody knows.
    """
    if not demand.qops or "auth" in demand.qops:
        return "auth" if demand.qops else ""
    if "auth-int" not in demand.qops:
        wanted = " ".join(sorted(demand.qops))
        raise HttpcliError(f"the server wants digest with qop={wanted}, which nobody here knows")
    if request.body is not None and not isinstance(request.body, BytesBody):
        raise HttpcliError(
            "the server wants digest with qop=auth-int only: the hash of the content, "
            "and this content is read while it is sent",
            hint="give it as --raw or as items",
        )
    return "auth-int"


def authorization_value(
    demand: DigestChallenge, request: Request, credentials: Credentials, cnonce: str, count: int
) -> str:
    """Return the value of the Authorization field.

    ``count``: how many answers with this nonce there are, this one too.
    Raises HttpcliError as ``choose_qop`` does.
    """
    qop = choose_qop(demand, request)
    hashed = _hash(demand.algorithm)
    user, password = credentials.user, credentials.password or ""
    if demand.normalised:
        user, password = normalize("NFC", user), normalize("NFC", password)
    target = request.url.target
    key = hashed(_bytes(f"{user}:{demand.realm}:{password}"))
    if demand.session:
        key = hashed(_bytes(f"{key}:{demand.nonce}:{cnonce}"))
    action = f"{request.method}:{target}"
    if qop == "auth-int":
        content = request.body.data if isinstance(request.body, BytesBody) else b""
        action = f"{action}:{hashed(content)}"
    counted = f"{count:08x}:{cnonce}:{qop}:" if qop else ""
    response = hashed(_bytes(f"{key}:{demand.nonce}:{counted}{hashed(_bytes(action))}"))
    parts = [
        _user(hashed(_bytes(f"{user}:{demand.realm}")) if demand.userhash else user),
        f"realm={_quoted(demand.realm)}",
        f"nonce={_quoted(demand.nonce)}",
        f"uri={_quoted(target)}",
        f'response="{response}"',
    ]
    if demand.algorithm:
        parts.append(f"algorithm={demand.algorithm}")
    if demand.opaque is not None:
        parts.append(f"opaque={_quoted(demand.opaque)}")
    if qop:
        parts.append(f"qop={qop}, nc={count:08x}")
    if qop or demand.session:
        parts.append(f'cnonce="{cnonce}"')
    if demand.userhash:
        parts.append("userhash=true")
    return f"Digest {', '.join(parts)}"


def _hash(algorithm: str) -> _Hash:
    name = _HASHES.get(algorithm.upper().removesuffix(_SESSION) or "MD5")
    try:
        hashlib.new(name or "", usedforsecurity=False)
    except ValueError:
        raise HttpcliError(
            f"the server wants digest with algorithm={algorithm}, which is not known here"
        ) from None
    return lambda data: hashlib.new(name or "", data, usedforsecurity=False).hexdigest()


def _user(name: str) -> str:
    """Return the parameter that says who it is; a quoted string has no control characters."""
    if all(character >= " " and character != "\x7f" for character in name):
        return f"username={_quoted(name)}"
    coded = (chr(byte) if chr(byte) in _PLAIN else f"%{byte:02X}" for byte in _bytes(name))
    return f"username*=UTF-8''{''.join(coded)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# The Digest scheme (RFC 7616): the answer to a server's challenge; no password is sent.


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
        authorization = Field("Authorization", value, self._credentials.secret)
        return request._replace(fields=request.fields.plus([authorization]))


class _Session:
    """A nonce in use: one cnonce, and a count of the answers."""

    def __init__(self, demand: DigestChallenge, cnonce: str) -> None:
        self.demand = demand
        self._cnonce = cnonce
        self._count = 0

    def answer(self, request: Request, credentials: Credentials) -> str:
        """Return the next answer."""
        self._count += 1
        return authorization_value(self.demand, request, credentials, self._cnonce, self._count)


def _demanded(request: Request, response: ResponseStarted) -> DigestChallenge | None:
    """Return what the first challenge demands that can be answered; None where none is Digest.

    The server's order is its preference (RFC 7616, 3.7). Raises HttpcliError
    where there are some, and none can be answered.
    """
    if response.status != 401:
        return None
    fault: HttpcliError | None = None
    for challenge in parse_challenges(response.fields.all_values("WWW-Authenticate")):
        if challenge.scheme != "digest":
            continue
        try:
            demand = parse_digest_challenge(challenge)
            choose_qop(demand, request)
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
