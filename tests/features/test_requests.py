"""Requests as the server receives them, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from httpcli import __version__
from tests.support.run import run
from tests.support.servers import RawServer

HEAD = f"User-Agent: httpcli/{__version__}\r\n"


def test_plain_get_has_these_exact_bytes(server: RawServer) -> None:
    run(server.url + "/x?a=1")
    assert server.request.raw.decode() == (
        "GET /x?a=1 HTTP/1.1\r\n"
        f"Host: {server.address}\r\n"
        f"{HEAD}"
        "Accept: */*\r\n"
        "Accept-Encoding: gzip, deflate, br, zstd\r\n"
        "\r\n"
    )


def test_json_post_has_these_exact_bytes(server: RawServer) -> None:
    run(server.url, "a=1", "n:=1.10", "X-b:2", "x-B:3")
    assert server.request.raw.decode() == (
        "POST / HTTP/1.1\r\n"
        f"Host: {server.address}\r\n"
        f"{HEAD}"
        "Accept: application/json, */*;q=0.5\r\n"
        "Accept-Encoding: gzip, deflate, br, zstd\r\n"
        "Content-Type: application/json\r\n"
        "X-b: 2\r\n"
        "x-B: 3\r\n"
        "Content-Length: 21\r\n"
        "\r\n"
        '{"a": "1", "n": 1.10}'
    )


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("/a/../b/./c", "/b/c"),
        ("/%7e%41?q=%20", "/%7e%41?q=%20"),
        ("/a b?c d", "/a%20b?c%20d"),
        ("/é", "/%C3%A9"),
        ("/x#part", "/x"),
        ("", "/"),
        ("?a=1", "/?a=1"),
        ("/x?", "/x?"),
    ],
)
def test_percent_escapes_are_kept_and_other_characters_quoted(
    server: RawServer, typed: str, target: str
) -> None:
    run(server.url + typed)
    assert server.request.target == target


def test_path_as_is_keeps_dot_segments(server: RawServer) -> None:
    run("--path-as-is", server.url + "/a/../../etc?x")
    assert server.request.target == "/a/../../etc?x"


def test_url_encoded_sends_the_target_as_typed(server: RawServer) -> None:
    run("--url-encoded", server.url + "/a/./%zz?q={x}|'")
    assert server.request.target == "/a/./%zz?q={x}|'"


def test_custom_method_is_sent_as_typed(server: RawServer) -> None:
    run("-X", "m-Search", server.url)
    assert server.request.method == "m-Search"


def test_port_shorthand_means_localhost(server: RawServer) -> None:
    port = server.address.rpartition(":")[2]
    run(f":{port}/x", "Host:")
    assert server.request.target == "/x"
    assert server.request.header("Host") is None


def test_chunked_header_replaces_content_length(server: RawServer) -> None:
    run(server.url, "Transfer-Encoding: chunked", "a=1")
    received = server.request
    assert received.header_values("Transfer-Encoding") == ["chunked"]
    assert received.header_values("Content-Length") == []
    assert received.json == {"a": "1"}


def test_file_is_sent_with_its_length_and_type(server: RawServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 3000
    (tmp_path / "image.png").write_bytes(content)
    run(server.url, "@image.png")
    received = server.request
    assert received.body == content
    assert received.header("Content-Length") == str(len(content))
    assert received.header("Content-Type") == "image/png"


def test_cookie_header_is_sent_verbatim(server: RawServer) -> None:
    run(server.url, 'Cookie: raw=a b; j={"x":1,2}')
    assert server.request.header("Cookie") == 'raw=a b; j={"x":1,2}'


def test_large_response_headers_are_accepted(server: RawServer) -> None:
    fields = [f"X-{n}: {n}" for n in range(5000)]
    head = "\r\n".join(["HTTP/1.1 200 OK", *fields, "X-Long: " + "v" * 150_000])
    server.answer_always((head + "\r\nContent-Length: 2\r\n\r\nok").encode())
    result = run("-p", "h", server.url)
    assert result.status == 0
    assert len(result.out) > 200_000
    assert run("-p", "h", "--max-header-size=100k", server.url).status == 13


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_wrong_content_length_is_not_sent(server: RawServer, method: str) -> None:
    run(method, server.url, "Content-Length:3")
    assert server.request.header("Content-Length") == ("0" if method == "POST" else None)
