"""Pages for cookies, and pages that require Basic, Bearer or Digest authentication."""

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

_REALM = "echo"
# Constant, so that responses are reproducible; the page protects nothing.
_NONCE = "c2VydmVyIG5vbmNlIG9mIGVjaG8="
_OPAQUE = "5ccc069c403ebaf9f0171e9517f40e41"
_HASHES = {
    "MD5": "md5",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
_QOPS = {"auth": ("auth",), "auth-int": ("auth-int",), "none": ()}
_BOTH_QOPS = ("auth", "auth-int")
_SESSION_SUFFIX = "-SESS"
_PARAMETER = re.compile(r'([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))')
_ESCAPE = re.compile(r"\\(.)")


async def cookies(request: web.Request) -> web.Response:
    """Respond with the cookies received, as sent."""
    received: dict[str, object] = {}
    for line in request.headers.getall("Cookie", []):
        for pair in line.split(";"):
            name, _, value = pair.strip().partition("=")
            if name:
                received[name] = value
    return json_response({"cookies": received})


async def set_cookies(request: web.Request) -> web.Response:
    """Set a cookie for each parameter, and redirect to /cookies."""
    response = web.Response(status=302, headers={"Location": "/cookies"})
    for name, value in request.query.items():
        if not (_COOKIE_NAME.fullmatch(name) and _COOKIE_VALUE.fullmatch(value)):
            raise bad_parameter("NAME=VALUE that can be a cookie", f"{name}={value}")
        response.headers.add("Set-Cookie", f"{name}={value}; Path=/")
    return response


async def basic_auth(request: web.Request) -> web.Response:
    """Respond 200 to the user and password in the path, 401 to any other."""
    user, password = request.match_info["user"], request.match_info["password"]
    if _basic_credentials(request) == f"{user}:{password}":
        return json_response({"authenticated": True, "user": user})
    return unauthorized('Basic realm="echo", charset="UTF-8"')


async def bearer(request: web.Request) -> web.Response:
    """Respond 200 to any bearer token, 401 without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return json_response({"authenticated": True, "token": token.strip()})
    return unauthorized('Bearer realm="echo"')


def _basic_credentials(request: web.Request) -> str | None:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(encoded.strip(), validate=True).decode("utf-8")
    except ValueError:
        return None


async def digest_auth(request: web.Request) -> web.Response:
    """Respond 200 to the user and password in the path, 401 with a challenge to any other.

    The path contains ``qop``, which is auth, auth-int or none (as in RFC 2069), and
    any other word for both of them; and the algorithm, by default MD5.
    """
    path = request.match_info
    algorithm = path.get("algorithm", "MD5")
    qops = _QOPS.get(path["qop"], _BOTH_QOPS)
    hash_name = _HASHES.get(algorithm.upper().removesuffix(_SESSION_SUFFIX))
    if hash_name is None:
        raise bad_parameter(f"one of {', '.join(_HASHES)}, or with -sess behind it", algorithm)
    sent = _digest_parameters(request.headers.get("Authorization", ""))
    is_session = algorithm.upper().endswith(_SESSION_SUFFIX)
    response = await _digest_response(request, sent, hash_name, is_session=is_session)
    expected = {"realm": _REALM, "nonce": _NONCE, "opaque": _OPAQUE, "uri": request.raw_path}
    is_authenticated = (
        all(sent.get(key) == value for key, value in expected.items())
        and sent.get("username") == path["user"]
        and sent.get("algorithm", "MD5").upper() == algorithm.upper()
        and (sent.get("qop") in qops if qops else "qop" not in sent)
        and ("nc" in sent and "cnonce" in sent if qops else True)
        and compare_digest(sent.get("response", ""), response)
    )
    if is_authenticated:
        return json_response({"authenticated": True, "user": path["user"]})
    qop = f', qop="{", ".join(qops)}"' if qops else ""
    challenge = (
        f'Digest realm="{_REALM}", nonce="{_NONCE}", opaque="{_OPAQUE}", '
        f"algorithm={algorithm}{qop}"
    )
    return unauthorized(challenge)


def _digest_parameters(authorization: str) -> Mapping[str, str]:
    scheme, _, parameters = authorization.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {
        match[1].lower(): match[3] if match[2] is None else _ESCAPE.sub(r"\1", match[2])
        for match in _PARAMETER.finditer(parameters)
    }


async def _digest_response(
    request: web.Request, sent: Mapping[str, str], hash_name: str, *, is_session: bool
) -> str:
    """Return the response for the right password and the other parameters that were sent."""

    def hashed(data: bytes) -> str:
        return hashlib.new(hash_name, data, usedforsecurity=False).hexdigest()

    def hashed_text(*parts: str) -> str:
        return hashed(":".join(parts).encode("utf-8", "surrogateescape"))

    nonce, cnonce, qop = _NONCE, sent.get("cnonce", ""), sent.get("qop", "")
    key = hashed_text(request.match_info["user"], _REALM, request.match_info["password"])
    if is_session:
        key = hashed_text(key, nonce, cnonce)
    action = [request.method, request.raw_path]
    if qop == "auth-int":
        action.append(hashed(await request.read()))
    counted = [sent.get("nc", ""), cnonce, qop] if qop else []
    return hashed_text(key, nonce, *counted, hashed_text(*action))
