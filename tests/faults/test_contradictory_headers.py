"""Headers that must have one value, and are sent with two: none of the values is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer


@pytest.mark.parametrize("options", [("--follow",), ("--download",)])
def test_redirect_to_two_places_is_not_followed(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    locations = [f"Location: {server.url}/a", f"Location: {server.url}/b"]
    server.answer(response("", *locations, status="302 Found"))
    result = run_process(*options, f"{server.url}/f")
    assert result.status == 13
    assert "two different Location headers" in result.err
    assert len(server.requests) == 1
    assert not (tmp_path / "f").exists()


def test_redirect_with_the_same_location_twice_is_followed(server: RawServer) -> None:
    location = f"Location: {server.url}/a"
    server.answer(response("", location, location, status="302 Found"))
    assert run_process("--follow", f"{server.url}/f").status == 0
    assert server.requests[1].target == "/a"


def test_file_with_two_suggested_names_is_named_by_the_url(
    server: RawServer, tmp_path: Path
) -> None:
    names = [f"Content-Disposition: attachment; filename={name}" for name in ("a", "b")]
    server.answer(response("content", *names))
    assert run_process("-d", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_bytes() == b"content"


@pytest.mark.parametrize(
    "reply",
    [
        response(status="204 No Content"),
        response("wait", status="202 Accepted"),
        response("abc", "Content-Range: bytes 0-2/9", status="206 Partial Content"),
        response("abc", status="206 Partial Content"),
    ],
    ids=["204", "202", "a first part", "a part of unknown place"],
)
def test_source_without_the_complete_file_is_not_uploaded(server: RawServer, reply: bytes) -> None:
    with RawServer().answer_always(reply) as source:
        result = run_process("PUT", f"{server.url}/f", "-T", f"{source.url}/f")
    assert result.status == 13
    assert "the source sent no complete file" in result.err
    server.may_be_idle()
    assert not [request for request in server.requests if request.complete]


def test_source_that_sends_the_whole_file_as_a_part_is_uploaded(server: RawServer) -> None:
    whole = response("abc", "Content-Range: bytes 0-2/3", status="206 Partial Content")
    with RawServer().answer_always(whole) as source:
        assert run_process("PUT", f"{server.url}/f", "-T", f"{source.url}/f").status == 0
    assert server.request.body == b"abc"
