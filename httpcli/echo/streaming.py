"""Pages that send over time: delays, lines, server-sent events and a WebSocket."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from httpcli.core.limits import ECHO_MESSAGE_SIZE
from httpcli.echo.anything import anything, request_url
from httpcli.echo.responses import parse_seconds, parse_whole_number, text_response

_MAX_DRIP = 10 * 1024 * 1024


async def sse(request: web.Request) -> web.StreamResponse:
    """Send ``count`` (10) events, ``delay`` (0) seconds apart.

    A request with ``Last-Event-ID`` gets the events after that one, and 204 after
    the last one.
    """
    count = parse_whole_number(request.query.get("count", "10"), 0, 1_000_000, "count")
    wait = parse_seconds(request.query.get("delay", "0"), "delay")
    last_id = request.headers.get("Last-Event-ID", "0")
    is_number = last_id.isascii() and last_id.isdecimal() and len(last_id) < 8
    last = int(last_id) if is_number else 0
    if 0 < count <= last:
        return web.Response(status=204)
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    for number in range(last + 1, count + 1):
        if number > last + 1 and wait:
            await asyncio.sleep(wait)
        data = json.dumps({"id": number, "of": count})
        await response.write(f"event: tick\nid: {number}\ndata: {data}\n\n".encode("ascii"))
    return response


async def ws(request: web.Request) -> web.StreamResponse:
    """Send every message back until the client closes; 426 to any other request."""
    offers = request.headers.get("Sec-WebSocket-Protocol", "")
    websocket = web.WebSocketResponse(
        protocols=[offer.strip() for offer in offers.split(",") if offer.strip()],
        max_msg_size=ECHO_MESSAGE_SIZE,
    )
    if not websocket.can_prepare(request):
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        return text_response("This page is a WebSocket.\n", status=426, headers=headers)
    await websocket.prepare(request)
    async for message in websocket:
        if message.type is web.WSMsgType.TEXT:
            await websocket.send_str(message.data)
        elif message.type is web.WSMsgType.BINARY:
            await websocket.send_bytes(message.data)
    return websocket


async def delay(request: web.Request) -> web.Response:
    """Respond as /anything, the given number of seconds later."""
    await asyncio.sleep(parse_seconds(request.match_info["seconds"], "a delay"))
    return await anything(request)


async def drip(request: web.Request) -> web.StreamResponse:
    """Send ``numbytes`` (10) stars evenly over ``duration`` (2) seconds, after ``delay`` (0)."""
    query = request.query
    count = parse_whole_number(query.get("numbytes", "10"), 1, _MAX_DRIP, "numbytes")
    duration = parse_seconds(query.get("duration", "2"), "duration")
    wait = parse_seconds(query.get("delay", "0"), "delay")
    code = parse_whole_number(query.get("code", "200"), 200, 599, "code")
    await asyncio.sleep(wait)
    response = web.StreamResponse(status=code)
    response.content_type = "application/octet-stream"
    response.content_length = count
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    for index in range(count):
        if index:
            await asyncio.sleep(duration / count)
        await response.write(b"*")
    return response


async def stream(request: web.Request) -> web.StreamResponse:
    """Send the given number of lines of JSON one by one, ``delay`` (0) seconds apart."""
    count = parse_whole_number(request.match_info["count"], 0, 1_000_000, "a number of lines")
    wait = parse_seconds(request.query.get("delay", "0"), "delay")
    response = web.StreamResponse()
    response.content_type = "application/x-ndjson"
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    url = request_url(request)
    for number in range(count):
        if number and wait:
            await asyncio.sleep(wait)
        line = json.dumps({"id": number, "method": request.method, "url": url})
        await response.write(line.encode("ascii") + b"\n")
    return response
