"""Pages that want to know who asks: cookies and credentials."""

from __future__ import annotations

import re
from base64 import b64decode

from aiohttp import web

from httpcli.core.headers import TOKEN
from httpcli.echo.responses import as_json, expected, unauthorized

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
    return as_json({"cookies": found})


async def set_cookies(request: web.Request) -> web.Response:
    """Set a cookie for each parameter, and redirect to /cookies."""
    response = web.Response(status=302, headers={"Location": "/cookies"})
    for name, value in request.query.items():
        if not (_COOKIE_NAME.fullmatch(name) and _COOKIE_VALUE.fullmatch(value)):
            raise expected("NAME=VALUE that can be a cookie", f"{name}={value}")
        response.headers.add("Set-Cookie", f"{name}={value}; Path=/")
    return response


async def basic_auth(request: web.Request) -> web.Response:
    """Answer 200 to the user and password in the path, 401 to all others."""
    user, password = request.match_info["user"], request.match_info["password"]
    if _basic_credentials(request) == f"{user}:{password}":
        return as_json({"authenticated": True, "user": user})
    return unauthorized('Basic realm="echo", charset="UTF-8"')


async def bearer(request: web.Request) -> web.Response:
    """Answer 200 to any bearer token, 401 without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return as_json({"authenticated": True, "token": token.strip()})
    return unauthorized('Bearer realm="echo"')


def _basic_credentials(request: web.Request) -> str | None:
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(coded.strip(), validate=True).decode("utf-8")
    except ValueError:
        return None
