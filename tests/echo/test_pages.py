"""The pages of ``echo:`` other than ``/anything`` and digest authentication."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode

import aiohttp
import pytest

from httpcli.echo.page_table import PAGES
from httpcli.echo.server import EchoServer, serve
from httpcli.protocol.codings import decoder_for
from tests.echo.conftest import Exchange

pytestmark = pytest.mark.wide


async def text_of(client: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path, allow_redirects=False) as response:
        assert response.status == status
        return await response.text()


# --- the list ---


async def test_index_lists_every_page(client: aiohttp.ClientSession) -> None:
    text = await text_of(client, "/")
    assert all(f"{page.label} " in text for page in PAGES)


async def test_unknown_page_is_404_with_the_list(client: aiohttp.ClientSession) -> None:
    text = await text_of(client, "/nothing?here", 404)
    assert text.startswith("Page not found: /nothing.")
    assert await text_of(client, "/") == text.replace(
        text.splitlines()[0], "Pages of the test server (any method):"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/status/ok", "expected a status from 200 to 999, not 'ok'"),
        ("/status/100", "expected a status from 200 to 999, not '100'"),
        ("/status/1000", "expected a status from 200 to 999, not '1000'"),
        ("/redirect/0", "expected a number of redirects from 1 to 1000, not '0'"),
        ("/redirect-to", "expected url=URL, not ''"),
        ("/redirect-to?url=a%0D%0Ab", "expected url=URL, not 'a\\r\\nb'"),
        ("/redirect-to?url=/&status=200", "expected a redirect status from 300 to 399"),
        ("/delay/soon", "expected a delay from 0 to 3600 seconds, not 'soon'"),
        ("/delay/nan", "expected a delay from 0 to 3600 seconds, not 'nan'"),
        ("/delay/-1", "expected a delay from 0 to 3600 seconds, not '-1'"),
        ("/drip?numbytes=0", "expected numbytes from 1 to"),
        ("/drip?duration=x", "expected duration from 0 to 3600 seconds"),
        ("/stream/-1", "expected a number of lines from 0 to 1000000, not '-1'"),
        ("/bytes/%D9%A3", "expected a number of bytes from 0 to"),
        ("/range/x", "expected a number of bytes from 0 to"),
        ("/cookies/set?a=b%3Bc", "expected NAME=VALUE that can be a cookie, not 'a=b;c'"),
    ],
)
async def test_invalid_parameter_is_400_and_names_the_expected_values(
    client: aiohttp.ClientSession, path: str, expected: str
) -> None:
    assert (await text_of(client, path, 400)).startswith(expected)


# --- statuses and redirects ---


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, "200 OK\n"),
        (204, ""),
        (304, ""),
        (404, "404 Not Found\n"),
        (503, "503 Service Unavailable\n"),
        (799, "799\n"),
    ],
)
async def test_status_page_returns_the_status(
    client: aiohttp.ClientSession, status: int, text: str
) -> None:
    assert await text_of(client, f"/status/{status}", status) == text


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/redirect/2", 302, "/redirect/1"),
        ("/redirect/1", 302, "/anything"),
        ("/status/307", 307, "/anything"),
        ("/redirect-to?url=http://h.test/%3Fa%3Db", 302, "http://h.test/?a=b"),
        ("/redirect-to?url=/x&status=308", 308, "/x"),
    ],
)
async def test_redirect_has_status_and_location(
    client: aiohttp.ClientSession, path: str, status: int, location: str
) -> None:
    async with client.get(path, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (status, location)


# --- timing ---


async def test_delay_responds_like_anything_after_the_delay(
    client: aiohttp.ClientSession,
) -> None:
    start = time.monotonic()
    assert json.loads(await text_of(client, "/delay/0.1"))["target"] == "/delay/0.1"
    assert time.monotonic() - start >= 0.1


async def test_stream_sends_line_by_line(client: aiohttp.ClientSession) -> None:
    async with client.get("/stream/3?delay=0.05") as response:
        assert response.headers["Transfer-Encoding"] == "chunked"
        chunks = [data async for data, _ in response.content.iter_chunks()]
    assert [json.loads(chunk)["id"] for chunk in chunks] == [0, 1, 2]
    assert all(chunk.endswith(b"\n") for chunk in chunks)


async def test_stream_sends_the_first_line_at_once(
    client: aiohttp.ClientSession,
) -> None:
    async with client.get("/stream/2?delay=3600") as response:
        line = await asyncio.wait_for(response.content.readline(), 5)
    assert json.loads(line)["id"] == 0


async def test_drip_sends_all_of_its_bytes_over_time(client: aiohttp.ClientSession) -> None:
    start = time.monotonic()
    async with client.get("/drip?duration=0.1&numbytes=5&code=206") as response:
        assert response.status == 206
        assert response.headers["Content-Length"] == "5"
        assert await response.read() == b"*****"
    assert time.monotonic() - start >= 0.07


@pytest.mark.parametrize("path", ["/stream/3", "/drip", "/bytes/100", "/range/100"])
async def test_head_response_of_a_streamed_page_has_no_body(exchange: Exchange, path: str) -> None:
    request = f"HEAD {path} HTTP/1.1\r\nHost: echo\r\nConnection: close\r\n\r\n"
    head, _, body = (await exchange(request.encode())).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body == b""


async def test_stream_over_http_1_0_ends_by_closing_the_connection(exchange: Exchange) -> None:
    response = await exchange(b"GET /stream/2 HTTP/1.0\r\nHost: echo\r\n\r\n")
    lines = response.partition(b"\r\n\r\n")[2].splitlines()
    assert [json.loads(line)["id"] for line in lines] == [0, 1]


# --- content ---


@pytest.mark.parametrize("count", [0, 1, 65521, 200_000])
async def test_bytes_page_returns_the_requested_count_reproducibly(
    client: aiohttp.ClientSession, count: int
) -> None:
    async with client.get(f"/bytes/{count}") as response:
        first = await response.read()
    async with client.get(f"/bytes/{count}") as response:
        assert await response.read() == first
    assert len(first) == count


@pytest.mark.parametrize(
    ("ranges", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=70000-", 206, 70_000, 100_000),
        ("bytes=-5", 206, 99_995, 100_000),
        ("bytes=99990-200000", 206, 99_990, 100_000),
        ("bytes=-200000", 206, 0, 100_000),
        ("bytes=5-4", 200, 0, 100_000),
        ("bytes=0-1,5-6", 200, 0, 100_000),
        ("lines=0-1", 200, 0, 100_000),
        ("bytes=-", 200, 0, 100_000),
    ],
)
async def test_range_request_returns_part_of_the_body(
    client: aiohttp.ClientSession, ranges: str, status: int, start: int, end: int
) -> None:
    async with client.get("/range/100000") as response:
        whole = await response.read()
    async with client.get("/range/100000", headers={"Range": ranges}) as response:
        assert response.status == status
        assert await response.read() == whole[start:end]
        if status == 206:
            assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/100000"


@pytest.mark.parametrize("ranges", ["bytes=10-", "bytes=10-11", "bytes=-0"])
async def test_range_beyond_the_end_is_416(client: aiohttp.ClientSession, ranges: str) -> None:
    async with client.get("/range/10", headers={"Range": ranges}) as response:
        assert (response.status, response.headers["Content-Range"]) == (416, "bytes */10")


@pytest.mark.parametrize(("validator", "status"), [('"range-10"', 206), ('"old"', 200)])
async def test_if_range_with_an_old_validator_gets_the_whole_body(
    client: aiohttp.ClientSession, validator: str, status: int
) -> None:
    headers = {"Range": "bytes=0-1", "If-Range": validator}
    async with client.get("/range/10", headers=headers) as response:
        assert response.status == status
        assert response.headers["ETag"] == '"range-10"'


@pytest.mark.parametrize(
    ("path", "coding"),
    [("/gzip", "gzip"), ("/deflate", "deflate"), ("/brotli", "br"), ("/zstd", "zstd")],
)
async def test_encoded_page_is_anything_in_that_coding(
    client: aiohttp.ClientSession, path: str, coding: str
) -> None:
    async with client.get(path) as response:
        assert response.headers["Content-Encoding"] == coding
        coded = await response.read()
    decoder = decoder_for(coding)
    assert decoder is not None
    echoed = json.loads(b"".join(decoder.feed(coded)))
    decoder.flush()
    assert echoed["target"] == path


@pytest.mark.parametrize(
    ("path", "content_type", "word"),
    [
        ("/json", "application/json", '"title"'),
        ("/html", "text/html; charset=utf-8", "<h1>"),
        ("/xml", "application/xml", "<?xml"),
    ],
)
async def test_document_page_returns_its_document(
    client: aiohttp.ClientSession, path: str, content_type: str, word: str
) -> None:
    async with client.get(path) as response:
        assert response.headers["Content-Type"] == content_type
        assert word in await response.text(encoding="utf-8")


# --- identity ---


async def test_cookies_page_returns_the_cookies_received(client: aiohttp.ClientSession) -> None:
    headers = {"Cookie": 'a=1; b="x,y"; c=d=e'}
    async with client.get("/cookies", headers=headers) as response:
        assert await response.json() == {"cookies": {"a": "1", "b": '"x,y"', "c": "d=e"}}


async def test_cookies_set_sets_cookies_and_redirects(client: aiohttp.ClientSession) -> None:
    async with client.get("/cookies/set?a=1&b=x y", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/cookies")
        assert response.headers.getall("Set-Cookie") == ["a=1; Path=/", "b=x y; Path=/"]


def basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (basic("z\u00f6:p:w"), 200),
        (basic("z\u00f6:p"), 401),
        ("Basic ???", 401),
        ("Bearer x", 401),
        ("", 401),
    ],
)
async def test_basic_auth_accepts_only_the_right_credentials(
    client: aiohttp.ClientSession, authorization: str, status: int
) -> None:
    headers = {"Authorization": authorization}
    async with client.get("/basic-auth/z\u00f6/p:w", headers=headers) as response:
        assert response.status == status
        assert (await response.json())["authenticated"] is (status == 200)
        assert ("WWW-Authenticate" in response.headers) is (status == 401)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer t0ken", 200), ("bearer t0ken", 200), ("Bearer ", 401), ("Basic x", 401)],
)
async def test_bearer_accepts_any_token(
    client: aiohttp.ClientSession, authorization: str, status: int
) -> None:
    async with client.get("/bearer", headers={"Authorization": authorization}) as response:
        assert response.status == status
        if status == 200:
            assert (await response.json())["token"] == "t0ken"


# --- the server itself ---


async def test_server_listens_on_loopback_only(echo: EchoServer) -> None:
    assert echo.host == "127.0.0.1"
    assert echo.port > 0


@pytest.mark.parametrize("path", ["/json", "/drip?duration=3600"])
async def test_close_does_not_wait_for_idle_or_busy_connections(path: str) -> None:
    server = await serve()
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: echo\r\n\r\nGET".encode())
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.wait_for(server.close(), 5)
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    with pytest.raises(OSError, match="onnect"):
        await asyncio.open_connection(server.host, server.port)
