"""A resumed download joins only bytes that the server proves to be of one version of the file."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path

import pytest

from tests.support.file_server import (
    DATE,
    Fault,
    FileServer,
    FileVersion,
    send_and_close,
    send_part,
    truncate_body_at,
)
from tests.support.http_connection import ClientConnection, ReceivedRequest, response
from tests.support.run import run_process
from tests.support.run_result import RunResult
from tests.support.servers import RawServer

CONTENT = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(300_000)
CUT = 100_000
TAGGED = FileVersion(CONTENT)
DATED = FileVersion(CONTENT, etag="")
WEAK = FileVersion(CONTENT, etag='W/"v1"')
TAG = f"ETag: {TAGGED.etag}"
MODIFIED = f"Last-Modified: {TAGGED.modified}"
LATER = "Last-Modified: Mon, 02 Mar 2026 11:00:00 GMT"
SPAN = f"Content-Range: bytes {CUT}-{len(OTHER) - 1}/{len(OTHER)}"


def download(origin: FileServer, *options: str) -> RunResult:
    return run_process("-d", "--retry-delay=0", *options, f"{origin.url}/f", "-o", "f")


def checksum_of(content: bytes) -> str:
    return f"--checksum=sha256:{hashlib.sha256(content).hexdigest()}"


def is_only_file(folder: Path, content: bytes) -> bool:
    """Return whether the file is complete, and nothing else is left."""
    names = [each.name for each in folder.iterdir() if each.name != "home"]
    return names == ["f"] and (folder / "f").read_bytes() == content


CODED = send_part(OTHER, TAG, "Content-Encoding: gzip")

UNPROVEN: dict[str, tuple[FileVersion, Fault]] = {
    "no validator": (TAGGED, send_part(OTHER)),
    "a weak ETag": (TAGGED, send_part(OTHER, 'ETag: W/"v1"')),
    "a weak ETag in lower case": (TAGGED, send_part(OTHER, 'ETag: w/"v1"')),
    "an ETag without quotes": (TAGGED, send_part(OTHER, "ETag: v1")),
    "the date without the ETag": (TAGGED, send_part(OTHER, MODIFIED)),
    "another ETag": (TAGGED, send_part(OTHER, 'ETag: "v2"')),
    "two ETags": (TAGGED, send_part(OTHER, TAG, 'ETag: "v2"')),
    "two ETags, the right one last": (TAGGED, send_part(OTHER, 'ETag: "v2"', TAG)),
    "two ETags in one header": (TAGGED, send_part(OTHER, 'ETag: "v1", "v2"')),
    "two dates": (TAGGED, send_part(OTHER, TAG, MODIFIED, LATER)),
    "two ranges, the right one first": (
        TAGGED,
        send_part(OTHER, TAG, "Content-Range: bytes 0-299999/300000"),
    ),
    "two ranges, the right one last": (
        TAGGED,
        send_and_close(
            response(
                OTHER[CUT:],
                "Content-Range: bytes 0-199999/300000",
                SPAN,
                TAG,
                status="206 Partial Content",
            )
        ),
    ),
    "two sizes": (TAGGED, send_part(OTHER, TAG, "Content-Range: bytes 100000-299999/300001")),
    "another size": (TAGGED, send_part(OTHER, TAG, size="300001")),
    "bytes behind the end": (TAGGED, send_part(OTHER + OTHER, TAG, size="*")),
    "a content coding": (TAGGED, CODED),
    "a multipart body": (
        TAGGED,
        send_part(OTHER, TAG, "Content-Type: multipart/byteranges; boundary=x"),
    ),
    "the status of a whole file": (TAGGED, send_and_close(response(OTHER[CUT:], SPAN, TAG))),
    "no date": (DATED, send_part(OTHER)),
    "another date": (DATED, send_part(OTHER, LATER)),
    "a new ETag instead of the date": (DATED, send_part(OTHER, 'ETag: "v2"')),
    "a weak ETag instead of the date": (WEAK, send_part(OTHER, 'ETag: W/"v1"')),
    "another weak ETag and the date": (WEAK, send_part(OTHER, 'ETag: W/"v2"', MODIFIED)),
}


@pytest.mark.parametrize(("version", "part"), UNPROVEN.values(), ids=UNPROVEN)
def test_part_that_may_be_of_another_version_is_not_joined(
    tmp_path: Path, version: FileVersion, part: Fault
) -> None:
    with FileServer(version) as origin:
        origin.add_faults(truncate_body_at(CUT), part)
        result = download(origin)
    assert result.status == 0
    assert "starting over" in result.err
    assert is_only_file(tmp_path, CONTENT)
    assert origin.requested_ranges == [None, f"bytes={CUT}-", None]


@pytest.mark.wide
@pytest.mark.parametrize(("version", "part"), UNPROVEN.values(), ids=UNPROVEN)
def test_next_run_does_not_join_such_a_part(
    tmp_path: Path, version: FileVersion, part: Fault
) -> None:
    with FileServer(version) as origin:
        origin.add_faults(truncate_body_at(CUT), part)
        assert download(origin, "--retry=0").status == 13
        result = download(origin, "--retry=0", "--continue")
    assert result.status == 0
    assert "starting over" in result.err
    assert is_only_file(tmp_path, CONTENT)


@pytest.mark.parametrize(
    ("version", "headers"),
    [
        (TAGGED, (TAG,)),
        (TAGGED, (TAG, TAG)),
        (TAGGED, (TAG, LATER)),
        (TAGGED, (TAG, SPAN)),
        (TAGGED, (TAG, "Content-Encoding: identity")),
        (DATED, (MODIFIED,)),
        (DATED, ('ETag: "new"', MODIFIED)),
        (WEAK, ('ETag: W/"v1"', MODIFIED)),
        (FileVersion(CONTENT, etag='"é"'), ('ETag: "é"',)),
    ],
)
def test_part_with_the_validator_of_the_file_is_joined(
    tmp_path: Path, version: FileVersion, headers: tuple[str, ...]
) -> None:
    with FileServer(version) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(CONTENT, *headers))
        assert download(origin).status == 0
    assert is_only_file(tmp_path, CONTENT)
    assert len(origin.requests) == 2


@pytest.mark.parametrize(
    "version",
    [
        FileVersion(CONTENT, etag="", modified=DATE),
        FileVersion(CONTENT, etag='"a"b"', modified=""),
        FileVersion(CONTENT, etag='w/"v1"', modified=""),
        FileVersion(CONTENT, etag="v1", modified=""),
        FileVersion(CONTENT, etag='"v1"\r\nETag: "v2"', modified=""),
    ],
    ids=["date as old as the response", "quote", "weak", "no quotes", "two ETags"],
)
def test_bytes_without_a_strong_validator_are_not_resumed(
    tmp_path: Path, version: FileVersion
) -> None:
    with FileServer(version) as origin:
        origin.add_faults(truncate_body_at(CUT))
        assert download(origin).status == 0
    assert is_only_file(tmp_path, CONTENT)
    assert origin.requested_ranges == [None, None]


# What proves a part instead of a validator


def test_checksum_proves_a_part_without_validator(tmp_path: Path) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(CONTENT))
        assert download(origin, checksum_of(CONTENT)).status == 0
    assert is_only_file(tmp_path, CONTENT)
    assert origin.requested_ranges == [None, f"bytes={CUT}-"]


def test_wrong_checksum_of_a_joined_file_starts_over_once(tmp_path: Path) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(OTHER))
        result = download(origin, checksum_of(CONTENT))
    assert result.status == 0
    assert "starting over, because the file was joined from several parts" in result.err
    assert is_only_file(tmp_path, CONTENT)
    assert origin.requested_ranges == [None, f"bytes={CUT}-", None]


def test_checksum_that_stays_wrong_ends_the_download(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"good")
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT))
        assert download(origin, checksum_of(OTHER)).status == 13
    assert is_only_file(tmp_path, b"good")
    assert origin.requested_ranges == [None, f"bytes={CUT}-", None]


def test_checksum_of_one_response_is_not_tried_again(tmp_path: Path) -> None:
    with FileServer(TAGGED) as origin:
        assert download(origin, checksum_of(OTHER)).status == 13
    assert len(origin.requests) == 1
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize("option", [checksum_of(CONTENT), "--continue=trust"])
def test_contradiction_is_not_joined_even_with_a_proof(tmp_path: Path, option: str) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(OTHER, TAG, 'ETag: "v2"'))
        result = download(origin, option)
    assert result.status == 0
    assert "two different ETag headers" in result.err
    assert is_only_file(tmp_path, CONTENT)


def test_trust_joins_a_part_without_validator(tmp_path: Path) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(CONTENT))
        assert download(origin, "--retry=0").status == 13
        assert download(origin, "--continue=trust").status == 0
    assert is_only_file(tmp_path, CONTENT)
    assert len(origin.requests) == 2


def test_trust_is_not_extended_to_bytes_of_the_same_run(tmp_path: Path) -> None:
    """The bytes from an earlier run are trusted; those of this run have an ETag."""
    (tmp_path / "f.part").write_bytes(CONTENT[:1000])
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(OTHER))
        result = download(origin, "--continue=trust")
    assert result.status == 0
    assert "without the file's ETag" in result.err
    assert is_only_file(tmp_path, CONTENT)


def test_bytes_that_only_a_checksum_can_prove_never_get_a_validator(tmp_path: Path) -> None:
    """The first bytes are of an old version; a run with a checksum adds bytes of the new one."""
    (tmp_path / "f.part").write_bytes(OTHER[:CUT])
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(1000))
        assert download(origin, "--continue", "--retry=0", checksum_of(CONTENT)).status == 13
        assert origin.requested_ranges == [f"bytes={CUT}-"]
        assert download(origin, "--continue").status == 0
    assert is_only_file(tmp_path, CONTENT)


# 416, and answers that never complete the file


def test_416_does_not_complete_a_file_of_unknown_size(tmp_path: Path) -> None:
    """The first response has no length, and is cut; the 416 has no validator."""

    def cut_chunks(
        origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        head = origin.head("200 OK", None, "Transfer-Encoding: chunked")
        connection.send(head + b"%x\r\n" % CUT + CONTENT[:CUT] + b"\r\n")
        connection.close()

    too_far = response("", f"Content-Range: bytes */{CUT}", status="416 Range Not Satisfiable")
    with FileServer(TAGGED) as origin:
        origin.add_faults(cut_chunks, send_and_close(too_far))
        result = download(origin)
    assert result.status == 0
    assert is_only_file(tmp_path, CONTENT)


@pytest.mark.parametrize(
    "spans",
    [("bytes */100000", "bytes */300000"), ("bytes */300000",), ("bytes */*",), ("bytes */5",)],
)
def test_416_with_another_size_starts_over(tmp_path: Path, spans: tuple[str, ...]) -> None:
    headers = [f"Content-Range: {span}" for span in spans]
    with FileServer(TAGGED) as origin:
        origin.add_faults(
            truncate_body_at(CUT),
            send_and_close(response("", *headers, status="416 Range Not Satisfiable")),
        )
        assert download(origin).status == 0
    assert is_only_file(tmp_path, CONTENT)


@pytest.mark.parametrize(
    "headers",
    [("Content-Range: bytes 0-99/*",), ("Content-Range: bytes 0-99/300000",)],
)
def test_server_that_always_sends_the_same_part_ends_the_download(
    tmp_path: Path, headers: tuple[str, ...]
) -> None:
    part = response(CONTENT[:100], *headers, status="206 Partial Content")

    class SamePart(FileServer):
        def answer(self, _request: ReceivedRequest) -> bytes:
            return part

    with SamePart(TAGGED) as origin:
        result = download(origin)
    assert result.status == 13
    assert "no response that completes the file" in result.err
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    "etag", ['"v1"', '"{}"'], ids=["no ETag in parts", "a new ETag each time"]
)
def test_server_that_never_proves_a_part_ends_the_download(tmp_path: Path, etag: str) -> None:
    """It answers the request for the file with its first part, and then with others."""

    class FirstPartOnly(FileServer):
        def answer(self, request: ReceivedRequest) -> bytes:
            is_first = request.header("Range") is None
            headers = [f"ETag: {etag.format(len(self.requests))}"]
            if is_first:
                return response(
                    CONTENT[:100],
                    "Content-Range: bytes 0-99/300000",
                    *headers,
                    status="206 Partial Content",
                )
            span = "Content-Range: bytes 100-199/300000"
            headers = headers if "{" in etag else []
            return response(CONTENT[100:200], span, *headers, status="206 Partial Content")

    with FirstPartOnly(TAGGED) as origin:
        result = download(origin)
    assert result.status == 13
    assert len(origin.requests) < 30
    assert not (tmp_path / "f").exists()


def test_server_that_cuts_each_response_and_proves_no_part_ends_the_download(
    tmp_path: Path,
) -> None:
    class CutsAll(FileServer):
        def serve(self, connection: ClientConnection) -> None:
            while connection.open and (request := connection.receive()) is not None:
                self.record(request)
                if request.header("Range") is None:
                    truncate_body_at(CUT)(self, request, connection)
                else:
                    send_part(OTHER)(self, request, connection)

    with CutsAll(TAGGED) as origin:
        result = download(origin)
    assert result.status == 13
    assert len(origin.requests) < 20
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", ("Accept-Ranges: none",)),
        ("GET", ('ETag: W/"v1"',)),
        ("GET", ()),
        ("POST", ()),
        ("POST", (TAG,)),
    ],
)
def test_first_part_is_never_the_file(
    server: RawServer, tmp_path: Path, method: str, headers: tuple[str, ...]
) -> None:
    span = "Content-Range: bytes 0-99/300000"
    server.answer_always(response(CONTENT[:100], span, *headers, status="206 Partial Content"))
    result = run_process("-d", method, f"{server.url}/f", "-o", "f")
    assert result.status == 13
    assert not (tmp_path / "f").exists()


# Requests of which nothing is resumed


def test_part_of_a_typed_range_is_not_resumed_as_the_file(tmp_path: Path) -> None:
    """The sidecar of bytes 50,000 to 299,999 must not describe bytes 0 to 249,999."""
    body = CONTENT[50_000:]
    span = f"Content-Range: bytes 50000-{len(CONTENT) - 1}/*"
    head = response(b"", TAG, span, f"Content-Length: {len(body)}", status="206 Partial Content")
    with FileServer(TAGGED) as origin:
        origin.add_faults(send_and_close(head + body[:CUT]), send_part(CONTENT, TAG, size="*"))
        run_process("-d", "--retry=0", f"{origin.url}/f", "Range:bytes=50000-", "-o", "f")
        assert download(origin, "--continue").status == 0
    assert is_only_file(tmp_path, CONTENT)


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Range: bytes 10-19/300000", "Content-Range: bytes 0-9/300000"),
        ("Content-Range: bytes 0-9/300000",),
        ("Content-Range: bytes 10-19/300000", "Content-Type: multipart/byteranges; boundary=x"),
    ],
)
def test_other_range_than_the_typed_one_is_not_saved(
    tmp_path: Path, headers: tuple[str, ...]
) -> None:
    part = response(CONTENT[:10], *headers, status="206 Partial Content")
    with FileServer(TAGGED) as origin:
        origin.add_faults(send_and_close(part))
        result = run_process("-d", f"{origin.url}/f", "Range:bytes=10-19", "-o", "f")
    assert result.status == 13
    assert not (tmp_path / "f").exists()


def test_typed_range_is_saved(
    tmp_path: Path,
) -> None:
    with FileServer(TAGGED) as origin:
        result = run_process("-d", f"{origin.url}/f", "Range:bytes=10-19", "-o", "f")
    assert result.status == 0
    assert is_only_file(tmp_path, CONTENT[10:20])


def test_response_to_a_post_is_not_resumed_by_a_get(tmp_path: Path) -> None:
    with FileServer(FileVersion(OTHER, '"v1"')) as origin:
        origin.add_faults(truncate_body_at(CUT))
        run_process("-d", "--retry=0", "POST", f"{origin.url}/f", "-o", "f", "--raw", "a=1")
        origin.version = TAGGED
        assert download(origin, "--continue").status == 0
    assert is_only_file(tmp_path, CONTENT)


def test_response_to_a_post_is_not_resumed_by_another_post(tmp_path: Path) -> None:
    with FileServer(FileVersion(OTHER, '"v1"')) as origin:
        origin.add_faults(truncate_body_at(CUT))
        post = ("-dc", "--retry=0", "POST", f"{origin.url}/f", "-o", "f", "--raw")
        run_process(*post, "a=1")
        origin.version = TAGGED
        assert run_process(*post, "a=2").status == 0
    assert is_only_file(tmp_path, CONTENT)


def test_raw_gzip_body_is_not_continued_with_decoded_bytes(tmp_path: Path) -> None:
    """``--raw-body`` kept the coded bytes; a later run without it would decode the rest."""
    coded = gzip.compress(CONTENT)
    version = FileVersion(coded)

    class Coded(FileServer):
        def head(self, status: str, length: int | None, *headers: str) -> bytes:
            return super().head(status, length, "Content-Encoding: gzip", *headers)

    with Coded(version) as origin:
        origin.add_faults(truncate_body_at(CUT))
        run_process("-d", "--raw-body", "--retry=0", f"{origin.url}/f", "-o", "f")
        assert download(origin, "--continue").status == 0
    assert is_only_file(tmp_path, CONTENT)


# Other ways to a partial file


def test_file_of_output_without_download_is_resumed_by_the_same_rule(tmp_path: Path) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(OTHER))
        assert run_process(f"{origin.url}/f", "-o", "f").status == 13
        assert json.loads((tmp_path / "f.part.json").read_text())["etag"] == TAGGED.etag
        result = download(origin, "--continue")
    assert result.status == 0
    assert "starting over" in result.err
    assert is_only_file(tmp_path, CONTENT)


@pytest.mark.parametrize("part", [send_part(OTHER), send_part(OTHER, TAG, 'ETag: "v2"')])
def test_standard_output_is_never_joined_from_two_versions(part: Fault) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), part)
        result = run_process("-d", "--retry-delay=0", f"{origin.url}/f", "-o", "-")
    assert (result.status, result.out) == (13, CONTENT[:CUT])


def test_url_that_now_redirects_elsewhere_starts_over(tmp_path: Path) -> None:
    def redirect(
        origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
    ) -> None:
        connection.send(response("", f"Location: {origin.url}/new", status="302 Found"))

    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), redirect, send_part(OTHER))
        result = download(origin)
    assert result.status == 0
    assert "starting over" in result.err
    assert is_only_file(tmp_path, CONTENT)


def test_each_file_of_a_list_is_resumed_by_the_same_rule(tmp_path: Path) -> None:
    with FileServer(TAGGED) as origin:
        origin.add_faults(truncate_body_at(CUT), send_part(OTHER))
        options = ("--retry-delay=0", "--jobs=1", "--connections=1")
        result = run_process("download", *options, f"{origin.url}/a", f"{origin.url}/b")
    assert result.status == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == CONTENT
