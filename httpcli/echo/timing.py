"""Pages that take their time: late, drop by drop, line by line."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from httpcli.echo.anything import anything, url_of
from httpcli.echo.responses import seconds, whole_number

_MOST_DROPS = 10 * 1024 * 1024


async def delay(request: web.Request) -> web.Response:
    """Answer as /anything, that many seconds later."""
    await asyncio.sleep(seconds(request.match_info["seconds"], "a delay"))
    return await anything(request)


async def drip(request: web.Request) -> web.StreamResponse:
    """Send ``numbytes`` (10) stars evenly over ``duration`` (2) seconds, after ``delay`` (0)."""
    query = request.query
    count = whole_number(query.get("numbytes", "10"), 1, _MOST_DROPS, "numbytes")
    duration = seconds(query.get("duration", "2"), "duration")
    wait = seconds(query.get("delay", "0"), "delay")
    code = whole_number(query.get("code", "200"), 200, 599, "code")
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
    count = whole_number(request.match_info["count"], 0, 1_000_000, "a count of lines")
    wait = seconds(request.query.get("delay", "0"), "delay")
    response = web.StreamResponse()
    response.content_type = "application/x-ndjson"
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    url = url_of(request)
    for number in range(count):
        if number and wait:
            await asyncio.sleep(wait)
        line = json.dumps({"id": number, "method": request.method, "url": url})
        await response.write(line.encode("ascii") + b"\n")
    return response
