"""Pages that want to know who asks: cookies and credentials."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Mapping
from hmac import compare_digest

from aiohttp import web

from httpcli.core.headers import TOKEN
from httpcli.echo.responses import bad_parameter, json_response, unauthorized

_COOKIE_NAME = re.compile(TOKEN)
_COOKIE_VALUE = re.compile(r"[^\x00-\x1f\x7f;]*")


async def cookies(request: web.Request) -> web.Response:
    """Answer with the cookies received, as sent."""
    found: dict[str, object] = {}
    for line in request.headers.getall("Cookie", []):
        for pair in line.split(";"):
            name, _, value = pair.strip().partition("=")
            if name:
                found[name] = value
    return json_response({"cookies": found})


async def set_cookies(request: web.Request) -> web.Response:
    """Set a cookie for each parameter, and redirect to /cookies."""
    response = web.Response(status=302, headers={"Location": "/cookies"})
    for name, value in request.query.items():
        if not (_COOKIE_NAME.fullmatch(name) and _COOKIE_VALUE.fullmatch(value)):
            raise bad_parameter("NAME=VALUE that can be a cookie", f"{name}={value}")
        response.headers.add("Set-Cookie", f"{name}={value}; Path=/")
    return response


async def basic_auth(request: web.Request) -> web.Response:
    """Answer 200 to the user and password in the path, 401 to all others."""
    user, password = request.match_info["user"], request.match_info["password"]
    if _basic_credentials(request) == f"{user}:{password}":
        return json_response({"authenticated": True, "user": user})
    return unauthorized('Basic realm="echo", charset="UTF-8"')


async def bearer(request: web.Request) -> web.Response:
    """Answer 200 to any bearer token, 401 without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return json_response({"authenticated": True, "token": token.strip()})
    return unauthorized('Bearer realm="echo"')


def _basic_credentials(request: web.Request) -> str | None:
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(coded.strip(), validate=True).decode("utf-8")
    except ValueError:
        return None


# A page that knows one user by digest (RFC 7616), with the quality and algorithm in its path.


_REALM = "echo"
# The same every time, as all that echo: says: this is for trying, it guards nothing.
_NONCE = "c2VydmVyIG5vbmNlIG9mIGVjaG8="
_OPAQUE = "5ccc069c403ebaf9f0171e9517f40e41"
_HASHES = {
    "MD5": "md5",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
_QOPS = {"auth": ("auth",), "auth-int": ("auth-int",), "none": ()}
_EITHER = ("auth", "auth-int")
_SESSION = "-SESS"
_PARAMETER = re.compile(r'([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))')
_ESCAPED = re.compile(r"\\(.)")


async def digest_auth(request: web.Request) -> web.Response:
    """Answer 200 to the user and password in the path, 401 with a challenge to all others.

    ``qop``: auth, auth-int, none (as RFC 2069), anything else for both.
    """
    path = request.match_info
    algorithm = path.get("algorithm", "MD5")
    qops = _QOPS.get(path["qop"], _EITHER)
    name = _HASHES.get(algorithm.upper().removesuffix(_SESSION))
    if name is None:
        raise bad_parameter(f"one of {', '.join(_HASHES)}, or with -sess behind it", algorithm)
    answer = _parameters(request.headers.get("Authorization", ""))
    wanted = await _response(request, answer, name, session=algorithm.upper().endswith(_SESSION))
    asked = {"realm": _REALM, "nonce": _NONCE, "opaque": _OPAQUE, "uri": request.raw_path}
    right = (
        all(answer.get(key) == value for key, value in asked.items())
        and answer.get("username") == path["user"]
        and answer.get("algorithm", "MD5").upper() == algorithm.upper()
        and (answer.get("qop") in qops if qops else "qop" not in answer)
        and ("nc" in answer and "cnonce" in answer if qops else True)
        and compare_digest(answer.get("response", ""), wanted)
    )
    if right:
        return json_response({"authenticated": True, "user": path["user"]})
    qop = f', qop="{", ".join(qops)}"' if qops else ""
    challenge = (
        f'Digest realm="{_REALM}", nonce="{_NONCE}", opaque="{_OPAQUE}", '
        f"algorithm={algorithm}{qop}"
    )
    return unauthorized(challenge)


def _parameters(authorization: str) -> Mapping[str, str]:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {
        match[1].lower(): match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        for match in _PARAMETER.finditer(rest)
    }


async def _response(
    request: web.Request, answer: Mapping[str, str], name: str, *, session: bool
) -> str:
    """Return the response that the right password gives, for the rest of the answer."""

    def hashed(data: bytes) -> str:
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()

    def hashed_text(*words: str) -> str:
        return hashed(":".join(words).encode("utf-8", "surrogateescape"))

    nonce, cnonce, qop = _NONCE, answer.get("cnonce", ""), answer.get("qop", "")
    key = hashed_text(request.match_info["user"], _REALM, request.match_info["password"])
    if session:
        key = hashed_text(key, nonce, cnonce)
    action = [request.method, request.raw_path]
    if qop == "auth-int":
        action.append(hashed(await request.read()))
    counted = [answer.get("nc", ""), cnonce, qop] if qop else []
    return hashed_text(key, nonce, *counted, hashed_text(*action))
