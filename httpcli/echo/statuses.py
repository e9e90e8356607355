"""Pages that respond with a given status, and redirects."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from httpcli.echo.responses import bad_parameter, parse_whole_number, text_response

_WITHOUT_BODY = frozenset({204, 205, 304})
_HEADERS = {
    301: {"Location": "/anything"},
    302: {"Location": "/anything"},
    303: {"Location": "/anything"},
    307: {"Location": "/anything"},
    308: {"Location": "/anything"},
    401: {"WWW-Authenticate": 'Basic realm="echo"'},
    407: {"Proxy-Authenticate": 'Basic realm="echo"'},
}


async def status(request: web.Request) -> web.Response:
    """Respond with the status in the path, and the header that clients need with it."""
    number = parse_whole_number(request.match_info["status"], 200, 999, "a status")
    headers = _HEADERS.get(number)
    if number in _WITHOUT_BODY:
        return web.Response(status=number, headers=headers)
    return text_response(
        f"{number} {_phrase(number)}".rstrip() + "\n", status=number, headers=headers
    )


async def redirect(request: web.Request) -> web.Response:
    """Redirect the number of times in the path, by relative references; then to /anything."""
    count = parse_whole_number(request.match_info["count"], 1, 1000, "a number of redirects")
    location = f"/redirect/{count - 1}" if count > 1 else "/anything"
    return web.Response(status=302, headers={"Location": location})


async def redirect_to(request: web.Request) -> web.Response:
    """Redirect to the URL in the parameter ``url``, with the parameter ``status`` or 302."""
    url = request.query.get("url", "")
    if not url or not url.isprintable():
        raise bad_parameter("url=URL", url)
    number = parse_whole_number(request.query.get("status", "302"), 300, 399, "a redirect status")
    return web.Response(status=number, headers={"Location": url})


def _phrase(number: int) -> str:
    try:
        return HTTPStatus(number).phrase
    except ValueError:
        return ""
