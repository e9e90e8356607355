"""What a Digest challenge demands, and the Authorization that answers it (RFC 7616, 3.4).

A challenge without qop is one of RFC 2069 and is answered as that says.
"""

import hashlib
from collections.abc import Callable
from typing import NamedTuple
from unicodedata import normalize

from httpcli.auth.challenges import Challenge
from httpcli.core.body import Bytes
from httpcli.core.errors import HttpcliError
from httpcli.core.plan import Credentials
from httpcli.core.request import Request
from httpcli.core.url import Url

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


class Demand(NamedTuple):
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


def demand_of(challenge: Challenge) -> Demand:
    """Read a Digest challenge. Raises HttpcliError where nobody here can answer it."""
    parameters = challenge.parameters
    if not parameters.get("nonce"):
        raise HttpcliError("the server's digest challenge has no nonce")
    algorithm = parameters.get("algorithm", "")
    _hash(algorithm)
    return Demand(
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


def quality(demand: Demand, request: Request) -> str:
    """Return the qop to answer with, empty for RFC 2069.

    Raises HttpcliError where the server wants one that is not to be had: the
    hash of content that is read while it is sent, or one that nobody knows.
    """
    if not demand.qops or "auth" in demand.qops:
        return "auth" if demand.qops else ""
    if "auth-int" not in demand.qops:
        wanted = " ".join(sorted(demand.qops))
        raise HttpcliError(f"the server wants digest with qop={wanted}, which nobody here knows")
    if request.body is not None and not isinstance(request.body, Bytes):
        raise HttpcliError(
            "the server wants digest with qop=auth-int only: the hash of the content, "
            "and this content is read while it is sent",
            hint="give it as --raw or as items",
        )
    return "auth-int"


def answer(
    demand: Demand, request: Request, credentials: Credentials, cnonce: str, count: int
) -> str:
    """Return the value of the Authorization field.

    ``count``: how many answers with this nonce there are, this one too.
    Raises HttpcliError as ``quality`` does.
    """
    qop = quality(demand, request)
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
        content = request.body.data if isinstance(request.body, Bytes) else b""
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
