"""``/anything`` returns the request that it received."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import aiohttp
import pytest

from tests.echo.conftest import Exchange

KEYS = [
    "method",
    "url",
    "target",
    "args",
    "headers",
    "form",
    "files",
    "data",
    "json",
    "origin",
]


async def received(client: aiohttp.ClientSession, method: str = "POST", **options: Any) -> Any:
    async with client.request(method, "/anything", **options) as response:
        assert response.status == 200
        return await response.json()


async def test_request_is_returned_unchanged(exchange: Exchange) -> None:
    response = await exchange(
        b"PURGE /anything/a%2Fb/../c?x=1&y=%C3%A9&x=&z HTTP/1.1\r\n"
        b"Host: echo\r\nx-One: 1\r\nX-two: 2\r\nX-ONE: caf\xc3\xa9\r\nX-Raw: \xe9\r\n"
        b"Connection: close\r\n\r\n"
    )
    echoed = json.loads(response.partition(b"\r\n\r\n")[2])
    assert list(echoed) == KEYS
    assert echoed == {
        "method": "PURGE",
        "url": "http://echo/anything/a%2Fb/../c?x=1&y=%C3%A9&x=&z",
        "target": "/anything/a%2Fb/../c?x=1&y=%C3%A9&x=&z",
        "args": {"x": ["1", ""], "y": "\u00e9", "z": ""},
        "headers": {
            "Host": "echo",
            "x-One": ["1", "caf\u00e9"],
            "X-two": "2",
            "X-Raw": "\udce9",
            "Connection": "close",
        },
        "form": {},
        "files": {},
        "data": "",
        "json": None,
        "origin": "127.0.0.1",
    }


async def test_response_is_reproducible(exchange: Exchange) -> None:
    request = b"GET /json HTTP/1.1\r\nHost: echo\r\nConnection: close\r\n\r\n"
    head = (await exchange(request)).partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    assert names == [b"Content-Type", b"Content-Length", b"Connection"]
    assert await exchange(request) == await exchange(request)


async def test_absolute_target_is_the_url(exchange: Exchange) -> None:
    response = await exchange(
        b"GET http://other.test/anything HTTP/1.1\r\nHost: echo\r\nConnection: close\r\n\r\n"
    )
    echoed = json.loads(response.partition(b"\r\n\r\n")[2])
    assert echoed["url"] == echoed["target"] == "http://other.test/anything"


async def test_http_1_0_request_without_host_is_answered(exchange: Exchange) -> None:
    response = await exchange(b"GET /anything HTTP/1.0\r\n\r\n")
    assert json.loads(response.partition(b"\r\n\r\n")[2])["url"] == "http://echo/anything"


async def test_head_response_has_no_body(client: aiohttp.ClientSession) -> None:
    async with client.head("/anything") as response:
        assert response.status == 200
        assert await response.read() == b""


@pytest.mark.parametrize(
    ("body", "data", "parsed"),
    [
        (b"", "", None),
        (b"plain", "plain", None),
        (b'{"b": [1, 2.5], "a": "\xc3\xa9"}', '{"b": [1, 2.5], "a": "\u00e9"}', "same"),
        (b"[1e400]", "[1e400]", [math.inf]),
        (b"NaN", "NaN", None),
        (b"[" * 100_000, "[" * 100_000, None),
        (b"\xff\x00", "data:application/octet-stream;base64,/wA=", None),
    ],
)
async def test_body_is_returned_as_data_and_as_json_if_valid(
    client: aiohttp.ClientSession, body: bytes, data: str, parsed: object
) -> None:
    echoed = await received(client, data=body)
    assert echoed["data"] == data
    assert echoed["json"] == (json.loads(data) if parsed == "same" else parsed)
    assert echoed["form"] == echoed["files"] == {}


async def test_form_is_parsed(client: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    echoed = await received(client, data=b"a=1&b=x+y&a=%C3%A9&c", headers=headers)
    assert echoed["form"] == {"a": ["1", "\u00e9"], "b": "x y", "c": ""}
    assert echoed["data"] == ""
    assert echoed["json"] is None


async def test_multipart_form_is_parsed(client: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("a", "1")
    form.add_field("a", "2")
    form.add_field("f", b"text\r\n", filename="f.txt")
    form.add_field("g", b"\xff", filename="g.bin")
    echoed = await received(client, data=form)
    assert echoed["form"] == {"a": ["1", "2"]}
    assert echoed["files"] == {
        "f": "text\r\n",
        "g": "data:application/octet-stream;base64,/w==",
    }
    assert echoed["data"] == ""


def part(disposition: str, content: str = "x") -> str:
    return f"--y\r\nContent-Disposition: form-data{disposition}\r\n\r\n{content}\r\n"


@pytest.mark.parametrize(
    ("body", "form", "files"),
    [
        ("--y--\r\n", {}, {}),
        ("preamble\r\n" + part('; name="a"') + "--y--epilogue", {"a": "x"}, {}),
        (part("; name=a") + "--y--", {"a": "x"}, {}),
        (part('; name="a"', "") + "--y--", {"a": ""}, {}),
        (part('; name="a"', "1\r\n\r\n--z\r\n") + "--y--", {"a": "1\r\n\r\n--z\r\n"}, {}),
        (part('; name="\\"\u00e9\\\\"') + "--y--", {'"\u00e9\\': "x"}, {}),
        (part('; filename="f"; name="a"') + "--y--", {}, {"a": "x"}),
        (part('; name="a"; filename=""') + "--y--", {}, {"a": "x"}),
        (part("; name=a; filename*=UTF-8''f") + "--y--", {}, {"a": "x"}),
        (part("") + "--y--", {"": "x"}, {}),
    ],
)
async def test_unusual_multipart_form_is_parsed(
    client: aiohttp.ClientSession, body: str, form: dict[str, str], files: dict[str, str]
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=y"}
    echoed = await received(client, data=body.encode(), headers=headers)
    assert (echoed["form"], echoed["files"], echoed["data"]) == (form, files, "")


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ("", part('; name="a"') + "--y--"),
        ("; boundary=z", part('; name="a"') + "--y--"),
        ("; boundary=y", part('; name="a"')),
        ("; boundary=y", ""),
        ("; boundary=y", "--y\r\nContent-Disposition: form-data; name=a\r\n--y--"),
        ("; boundary=y", "--yy\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--y--"),
        ("; boundary=y", "--y\r\nContent-Type: text/plain\r\n\r\nx\r\n--y--"),
    ],
)
async def test_invalid_multipart_form_is_returned_as_data(
    client: aiohttp.ClientSession, parameters: str, body: str
) -> None:
    headers = {"Content-Type": f"multipart/form-data{parameters}"}
    echoed = await received(client, data=body.encode(), headers=headers)
    assert (echoed["form"], echoed["files"], echoed["data"]) == ({}, {}, body)


async def test_encoded_body_is_not_decoded(client: aiohttp.ClientSession) -> None:
    echoed = await received(client, data=b"not gzip", headers={"Content-Encoding": "gzip"})
    assert echoed["data"] == "not gzip"


async def test_chunked_body_is_joined(client: aiohttp.ClientSession) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one ", b"two"):
            yield piece

    echoed = await received(client, data=pieces())
    assert echoed["data"] == "one two"
    assert echoed["headers"]["Transfer-Encoding"] == "chunked"


async def test_body_of_a_mebibyte_is_returned(client: aiohttp.ClientSession) -> None:
    echoed = await received(client, data=aiohttp.BytesPayload(b"x" * 1024 * 1024))
    assert echoed["data"] == "x" * 1024 * 1024


async def test_longer_body_is_summarised_by_length_and_hash(client: aiohttp.ClientSession) -> None:
    piece = bytes(range(256)) * 256
    count = 48

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield piece

    echoed = await received(client, data=pieces())
    digest = sha256(piece * count).hexdigest()
    assert echoed["data"] == {"length": len(piece) * count, "sha256": digest}
    assert echoed["json"] is None


async def test_long_headers_and_targets_are_accepted(client: aiohttp.ClientSession) -> None:
    headers = {f"X-{number}": "y" for number in range(500)} | {"X-Long": "z" * 200_000}
    params = {"q": "w" * 100_000}
    echoed = await received(client, "GET", headers=headers, params=params)
    assert echoed["headers"]["X-Long"] == "z" * 200_000
    assert echoed["headers"]["X-499"] == "y"
    assert echoed["args"] == params


async def test_json_numbers_are_returned_unchanged(client: aiohttp.ClientSession) -> None:
    async with client.post("/anything", data=b' {"n": 1.10, "n": 1e400}\n') as response:
        assert '"json": {"n": 1.10, "n": 1e400},' in await response.text()
