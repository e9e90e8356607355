"""The Digest scheme (RFC 7616): credentials are sent as the response to a server's challenge.

Challenges are parsed leniently: several in one WWW-Authenticate header, or one in
each of several headers. A challenge without qop is answered by the rules of
RFC 2069.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from unicodedata import normalize

from httpcli.core.body import BytesBody
from httpcli.core.errors import HttpcliError
from httpcli.core.events import ResponseStarted
from httpcli.core.headers import CONTROLS, TOKEN, Field
from httpcli.core.named_tuple import NamedTuple
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Origin, Url

if TYPE_CHECKING:
    from httpcli.core.interfaces import AuthFlow, Entropy

_PARAMETER = re.compile(rf'({TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^\s,]*))', re.DOTALL)
_SCHEME = re.compile(rf"({TOKEN})([ \t]*)")
_TOKEN68 = re.compile(r"([A-Za-z0-9._~+/-]+=*)[ \t]*(?:,|\Z)")
_SKIPPED = re.compile(r"[ \t,]+|.", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)

_HASHES = {
    "MD5": "md5",
    "SHA": "sha1",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
"""The names of hashlib: the algorithms of RFC 7616, and two more that servers use."""
_SESSION_SUFFIX = "-SESS"
_UNESCAPED = frozenset(
    "!#$&+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
"""Characters that an extended value contains literally (RFC 8187, 3.2.1)."""
_CNONCE_BYTES = 16

_Hash = Callable[[bytes], str]
"""Return the hash of data in hexadecimal digits."""


class Digest:
    """Authenticates requests; keeps the last challenge of each origin.

    A request in the protection space of a known challenge is sent with credentials
    at once.
    """

    def __init__(self, credentials: Credentials, entropy: Entropy) -> None:
        self._credentials = credentials
        self._entropy = entropy
        self._sessions: dict[Origin, _NonceSession] = {}

    def __call__(self, request: Request) -> AuthFlow:
        """Send the request, and again with credentials if the server sends a challenge.

        Rejected credentials are not sent again, except once if only the nonce was
        stale. Raises HttpcliError for an unsupported challenge, and for a body that
        cannot be sent again.
        """
        request = request._replace(fields=request.fields.without("Authorization"))
        session = self._sessions.get(request.url.origin)
        if session is not None and session.challenge.covers(request.url):
            response = yield self._authorized(request, session)
        else:
            response = yield request
        for is_retry in (False, True):
            challenge = _select_challenge(request, response)
            if challenge is None or (is_retry and not challenge.stale):
                return
            _check_replayable(request)
            session = _NonceSession(challenge, self._entropy(_CNONCE_BYTES).hex())
            self._sessions[request.url.origin] = session
            response = yield self._authorized(request, session)

    def _authorized(self, request: Request, session: _NonceSession) -> Request:
        value = session.authorization(request, self._credentials)
        authorization = Field("Authorization", value, self._credentials.secret)
        return request._replace(fields=request.fields.plus([authorization]))


class _NonceSession:
    """The use of one nonce, with one cnonce and a count of its requests."""

    def __init__(self, challenge: DigestChallenge, cnonce: str) -> None:
        self.challenge = challenge
        self._cnonce = cnonce
        self._count = 0

    def authorization(self, request: Request, credentials: Credentials) -> str:
        """Return the Authorization header of the next request."""
        self._count += 1
        return authorization_value(self.challenge, request, credentials, self._cnonce, self._count)


def _select_challenge(request: Request, response: ResponseStarted) -> DigestChallenge | None:
    """Return the first supported Digest challenge; None without a Digest challenge.

    The server's order is its preference (RFC 7616, 3.7). Raises HttpcliError if
    no Digest challenge is supported.
    """
    if response.status != 401:
        return None
    first_error: HttpcliError | None = None
    for challenge in parse_challenges(response.fields.all_values("WWW-Authenticate")):
        if challenge.scheme != "digest":
            continue
        try:
            digest_challenge = parse_digest_challenge(challenge)
            choose_qop(digest_challenge, request)
        except HttpcliError as error:
            first_error = first_error or error
        else:
            return digest_challenge
    if first_error is not None:
        raise first_error
    return None


def _check_replayable(request: Request) -> None:
    if request.body is not None and not request.body.replayable:
        raise HttpcliError(
            (
                "digest authentication must send the request body again, but this body can "
                "be read only once"
            ),
            hint="to keep a copy: --spool; or send the body from a file: @FILE",
        )


class Challenge(NamedTuple):
    """One challenge of a WWW-Authenticate header, of any scheme (RFC 9110, 11.6.1)."""

    scheme: str
    """The scheme, in lower case."""
    parameters: Mapping[str, str] = {}
    """Values by name, in lower case; of a repeated parameter, the first value."""
    token68: str = ""
    """The value that some schemes send in place of parameters."""


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """Parse the values of all WWW-Authenticate headers; invalid text is skipped."""
    return [challenge for value in values for challenge in _parse_header(value)]


def _parse_header(value: str) -> list[Challenge]:
    # Commas separate challenges, and also the parameters of one: a name without an
    # equals sign begins a challenge.
    challenges: list[Challenge] = []
    parameters: dict[str, str] = {}
    at = 0
    while at < len(value):
        if match := _PARAMETER.match(value, at):
            name, quoted, plain = match.groups()
            text = plain if quoted is None else _ESCAPE.sub(r"\1", quoted)
            parameters.setdefault(name.lower(), text)
        elif match := _SCHEME.match(value, at):
            scheme, space = match[1].lower(), match[2]
            token68 = _TOKEN68.match(value, match.end()) if space else None
            is_alone = token68 is not None or value[match.end() : match.end() + 1] in ("", ",")
            if not is_alone or not challenges:
                parameters = {}
            # A lone name between parameters is a scheme without any, or part of a list
            # without quotes (qop=auth,auth-int): parameters that follow belong to the
            # challenge before it.
            challenges.append(Challenge(scheme, {} if is_alone and challenges else parameters))
            if token68 is not None:
                challenges[-1] = challenges[-1]._replace(token68=token68[1])
                match = token68
        else:
            match = _SKIPPED.match(value, at)
        at = len(value) if match is None else match.end()
    return challenges


class DigestChallenge(NamedTuple):
    """A Digest challenge whose algorithm is supported."""

    realm: str
    nonce: str
    algorithm: str = ""
    """As the server wrote it; empty if the challenge has no such parameter."""
    opaque: str | None = None
    """None if the challenge has no such parameter."""
    qops: frozenset[str] = frozenset()
    """The qualities of protection to choose from; empty for RFC 2069."""
    domain: tuple[str, ...] = ()
    """The URIs for which the nonce is valid; empty for the whole origin."""
    stale: bool = False
    """Whether the credentials may be right and only the nonce was too old."""
    userhash: bool = False
    """Whether the user name is to be hashed."""
    normalize: bool = False
    """Whether user name and password are to be normalized (``charset=UTF-8``)."""

    @property
    def is_session(self) -> bool:
        """Whether the key contains the cnonce of the first response (``-sess``)."""
        return self.algorithm.upper().endswith(_SESSION_SUFFIX)

    def covers(self, url: Url) -> bool:
        """Return whether a URL of the same origin is in the protection space."""
        origin = f"{url.scheme}://{url.authority}"
        spaces = [uri if "://" in uri else origin + uri for uri in self.domain]
        return not spaces or any(str(url).startswith(space) for space in spaces)


def parse_digest_challenge(challenge: Challenge) -> DigestChallenge:
    """Read the parameters of a Digest challenge. Raises HttpcliError if it is unsupported."""
    parameters = challenge.parameters
    if not parameters.get("nonce"):
        raise HttpcliError("invalid digest challenge from the server: missing nonce")
    if any(re.search(CONTROLS, parameters.get(name, "")) for name in ("realm", "nonce", "opaque")):
        raise HttpcliError("the server's digest challenge has a control character")
    algorithm = parameters.get("algorithm", "")
    _find_hash(algorithm)
    return DigestChallenge(
        realm=parameters.get("realm", ""),
        nonce=parameters["nonce"],
        algorithm=algorithm,
        opaque=parameters.get("opaque"),
        qops=frozenset(parameters.get("qop", "").lower().replace(",", " ").split()),
        domain=tuple(parameters.get("domain", "").split()),
        stale=parameters.get("stale", "").lower() == "true",
        userhash=parameters.get("userhash", "").lower() == "true",
        normalize=parameters.get("charset", "").lower() == "utf-8",
    )


def choose_qop(challenge: DigestChallenge, request: Request) -> str:
    """Return the quality of protection to use; empty for RFC 2069.

    Raises HttpcliError if the server wants only unsupported ones. ``auth-int``
    needs the hash of the body, which is unknown for a body that is streamed.
    """
    if not challenge.qops or "auth" in challenge.qops:
        return "auth" if challenge.qops else ""
    if "auth-int" not in challenge.qops:
        wanted = " ".join(sorted(challenge.qops))
        raise HttpcliError(f"digest: qop={wanted} is not supported")
    if request.body is not None and not isinstance(request.body, BytesBody):
        raise HttpcliError(
            (
                "digest: the server requires qop=auth-int, which needs the whole body before "
                "it is sent"
            ),
            hint="send the body with --raw or as items",
        )
    return "auth-int"


def authorization_value(
    challenge: DigestChallenge,
    request: Request,
    credentials: Credentials,
    cnonce: str,
    count: int,
) -> str:
    """Return the value of the Authorization header (RFC 7616, 3.4).

    ``count``: the number of requests with this nonce, including this one. Raises
    HttpcliError as ``choose_qop`` does.
    """
    qop = choose_qop(challenge, request)
    hashed = _find_hash(challenge.algorithm)
    user, password = credentials.user, credentials.password or ""
    if challenge.normalize:
        user, password = normalize("NFC", user), normalize("NFC", password)
    target = request.url.target
    key = hashed(_encode(f"{user}:{challenge.realm}:{password}"))
    if challenge.is_session:
        key = hashed(_encode(f"{key}:{challenge.nonce}:{cnonce}"))
    action = f"{request.method}:{target}"
    if qop == "auth-int":
        content = request.body.data if isinstance(request.body, BytesBody) else b""
        action = f"{action}:{hashed(content)}"
    counted = f"{count:08x}:{cnonce}:{qop}:" if qop else ""
    response = hashed(_encode(f"{key}:{challenge.nonce}:{counted}{hashed(_encode(action))}"))
    parameters = [
        _user_parameter(
            hashed(_encode(f"{user}:{challenge.realm}")) if challenge.userhash else user
        ),
        f"realm={_quote(challenge.realm)}",
        f"nonce={_quote(challenge.nonce)}",
        f"uri={_quote(target)}",
        f'response="{response}"',
    ]
    if challenge.algorithm:
        parameters.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque is not None:
        parameters.append(f"opaque={_quote(challenge.opaque)}")
    if qop:
        parameters.append(f"qop={qop}, nc={count:08x}")
    if qop or challenge.is_session:
        parameters.append(f'cnonce="{cnonce}"')
    if challenge.userhash:
        parameters.append("userhash=true")
    return f"Digest {', '.join(parameters)}"


def _find_hash(algorithm: str) -> _Hash:
    """Return the hash function of an algorithm. Raises HttpcliError if it is unsupported."""
    name = _HASHES.get(algorithm.upper().removesuffix(_SESSION_SUFFIX) or "MD5", "")
    try:
        hashlib.new(name, usedforsecurity=False)
    except ValueError:
        raise HttpcliError(f"digest: algorithm={algorithm} is not supported") from None
    return lambda data: hashlib.new(name, data, usedforsecurity=False).hexdigest()


def _user_parameter(user: str) -> str:
    if all(character >= " " and character != "\x7f" for character in user):
        return f"username={_quote(user)}"
    # A quoted string cannot contain control characters.
    encoded = "".join(
        chr(byte) if chr(byte) in _UNESCAPED else f"%{byte:02X}" for byte in _encode(user)
    )
    return f"username*=UTF-8''{encoded}"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
