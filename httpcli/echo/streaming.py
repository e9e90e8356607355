"""Pages that go on talking: server-sent events, and a WebSocket."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from httpcli.echo.anything import anything, request_url
from httpcli.echo.responses import parse_seconds, parse_whole_number, text_response

_LONGEST_MESSAGE = 64 * 1024 * 1024


async def sse(request: web.Request) -> web.StreamResponse:
    """Send ``count`` (10) events, ``delay`` (0) seconds apart; 204 once the last one is known.

    It goes on behind the event that ``Last-Event-ID`` names.
    """
    count = parse_whole_number(request.query.get("count", "10"), 0, 1_000_000, "count")
    wait = parse_seconds(request.query.get("delay", "0"), "delay")
    known = request.headers.get("Last-Event-ID", "0")
    last = int(known) if known.isascii() and known.isdecimal() and len(known) < 8 else 0
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
    """Send every message back, until the client closes; 426 to who asks for no WebSocket."""
    offers = request.headers.get("Sec-WebSocket-Protocol", "")
    talk = web.WebSocketResponse(
        protocols=[offer.strip() for offer in offers.split(",") if offer.strip()],
        max_msg_size=_LONGEST_MESSAGE,
    )
    if not talk.can_prepare(request):
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        return text_response("This page is a WebSocket.\n", status=426, headers=headers)
    await talk.prepare(request)
    async for message in talk:
        if message.type is web.WSMsgType.TEXT:
            await talk.send_str(message.data)
        elif message.type is web.WSMsgType.BINARY:
            await talk.send_bytes(message.data)
    return talk


# Pages that take their time: late, drop by drop, line by line.


_MOST_DROPS = 10 * 1024 * 1024


async def delay(request: web.Request) -> web.Response:
    """Answer as /anything, that many seconds later."""
    await asyncio.sleep(parse_seconds(request.match_info["seconds"], "a delay"))
    return await anything(request)


async def drip(request: web.Request) -> web.StreamResponse:
    """Send ``numbytes`` (10) stars evenly over ``duration`` (2) seconds, after ``delay`` (0)."""
    query = request.query
    count = parse_whole_number(query.get("numbytes", "10"), 1, _MOST_DROPS, "numbytes")
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
    for drop in range(count):
        if drop:
            await asyncio.sleep(duration / count)
        await response.write(b"*")
    return response


async def stream(request: web.Request) -> web.StreamResponse:
    """Send that many lines of JSON, each on its own, ``delay`` (0) seconds apart."""
    count = parse_whole_number(request.match_info["count"], 0, 1_000_000, "a count of lines")
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
