"""A response to an additional connection of a download never overrules the first response."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from tests.support.file_server import (
    Fault,
    FileServer,
    FileVersion,
    SlowFirstResponse,
    requested_start,
    send_and_close,
    send_part,
)
from tests.support.http_connection import ClientConnection, ReceivedRequest, response
from tests.support.run import run_process
from tests.support.run_result import RunResult
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(17 << 20)
OTHER = random.Random(2).randbytes(17 << 20)
FILE = FileVersion(CONTENT)
TAG = f"ETag: {FILE.etag}"
PAGE = response("<p>Please log in</p>\n", "Content-Type: text/html")


def download(origin: FileServer, *options: str) -> RunResult:
    """Download the file of an origin, over at most four connections, over an old file."""
    command = ("download", "--overwrite", "--connections", "4", "--retry-delay", "0")
    return run_process(*command, *options, f"{origin.url}/f")


def reset(_origin: FileServer, _request: ReceivedRequest, connection: ClientConnection) -> None:
    connection.reset()


REPLIES: dict[str, Fault] = {
    "a page without ETag": send_and_close(PAGE),
    "a page with another ETag": send_and_close(response("<p>no</p>", 'ETag: "page"')),
    "an empty file": send_and_close(response("")),
    "another version": send_and_close(response(OTHER, 'ETag: "2"')),
    "another size": send_and_close(response(CONTENT[:-1], TAG)),
    "204": send_and_close(response(status="204 No Content")),
    "202": send_and_close(response("wait", status="202 Accepted")),
    "403": send_and_close(response("no", status="403 Forbidden")),
    "416": send_and_close(
        response("", "Content-Range: bytes */21", status="416 Range Not Satisfiable")
    ),
    "429": send_and_close(response("no", status="429 Too Many Requests")),
    "503": send_and_close(response("no", status="503 Service Unavailable")),
    "a reset": reset,
    "a part without ETag": send_part(OTHER),
    "a part with a weak ETag": send_part(OTHER, f"ETag: W/{FILE.etag}"),
    "a part with another ETag": send_part(OTHER, 'ETag: "2"'),
    "a part with two ETags": send_part(OTHER, TAG, 'ETag: "2"'),
    "a part with the same date only": send_part(OTHER, f"Last-Modified: {FILE.modified}"),
    "a part of a larger file": send_part(OTHER, TAG, size=str(len(OTHER) + 1)),
    "a part from another offset": send_part(OTHER, TAG, shift=-65536),
    "two ranges": send_part(OTHER, TAG, f"Content-Range: bytes 0-99/{len(OTHER)}"),
    "a multipart body": send_part(OTHER, TAG, "Content-Type: multipart/byteranges; boundary=x"),
}


@pytest.mark.wide
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_first_response_continues_whatever_the_second_connection_gets(
    tmp_path: Path, reply: Fault
) -> None:
    (tmp_path / "f").write_bytes(b"good")
    with SlowFirstResponse(FILE, reply) as origin:
        result = download(origin)
    assert result.status == 0
    assert "starting over" not in result.err
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_page_for_a_second_connection_does_not_replace_the_file(tmp_path: Path) -> None:
    with SlowFirstResponse(FILE, REPLIES["a page without ETag"]) as origin:
        result = download(origin)
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert len(origin.requests) == 2


def test_coded_part_is_not_written_into_the_file(tmp_path: Path) -> None:
    """A server that compresses parts changes their bytes, whatever its ETag says."""

    def coded_part(
        _origin: FileServer, request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        start = requested_start(request)
        body = gzip.compress(OTHER[start:], 0)
        head = response(
            b"",
            TAG,
            f"Content-Range: bytes {start}-{start + len(body) - 1}/*",
            "Content-Encoding: gzip",
            f"Content-Length: {len(body)}",
            status="206 Partial Content",
        )
        connection.send(head + body)

    with SlowFirstResponse(FILE, coded_part) as origin:
        result = download(origin)
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.wide
@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
@pytest.mark.parametrize("other_origin", [False, True])
def test_redirect_of_a_second_connection_to_a_login_page_is_ignored(
    tmp_path: Path, status: str, *, other_origin: bool
) -> None:
    with RawServer().answer_always(PAGE) as login:

        def redirect(
            origin: FileServer, request: ReceivedRequest, connection: ClientConnection
        ) -> None:
            if request.target == "/login":
                connection.send(PAGE)
                return
            location = f"{login.url if other_origin else origin.url}/login"
            connection.send(response("", f"Location: {location}", status=status))

        login.may_be_idle()
        with SlowFirstResponse(FILE, redirect) as origin:
            result = download(origin)
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def cut_part(origin: FileServer, request: ReceivedRequest, connection: ClientConnection) -> None:
    """Send the first 300,000 bytes of the requested part, then close the connection."""
    head, gap, body = origin.answer(request).partition(b"\r\n\r\n")
    connection.send(head + gap + body[:300_000])
    connection.close()


@pytest.mark.parametrize("page", [PAGE, response("no", status="403 Forbidden")])
def test_first_response_has_the_bytes_that_a_cut_connection_does_not_get_again(
    tmp_path: Path, page: bytes
) -> None:
    """The second connection is cut, and each later one gets a page."""
    with SlowFirstResponse(FILE, cut_part, send_and_close(page)) as origin:
        result = download(origin)
    assert result.status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_old_file_stays_if_the_download_fails_with_a_page_for_each_connection(
    tmp_path: Path,
) -> None:
    """The first response is cut, and the page is an error."""
    (tmp_path / "f").write_bytes(b"good")
    refused = send_and_close(response("no", status="403 Forbidden"))
    with FileServer(FILE) as origin:
        origin.add_faults(cut_part, *[refused] * 9)
        assert download(origin).status == 4
    assert (tmp_path / "f").read_bytes() == b"good"
