"""Download checksums: given on the command line, in a list, or by the server."""

from __future__ import annotations

import hashlib
import os
import threading
from base64 import b64encode
from pathlib import Path

import pytest

from tests.support.file_server import FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import response
from tests.support.run import run
from tests.support.servers import RawServer

BODY = bytes(range(256)) * 400
SHA256 = hashlib.sha256(BODY).hexdigest()
WRONG = hashlib.sha256(b"").hexdigest()


def file_names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "sha3-512", "blake2s"])
def test_file_with_a_matching_checksum_is_saved(
    server: RawServer, tmp_path: Path, algorithm: str
) -> None:
    server.answer(response(BODY))
    digits = hashlib.new(algorithm.replace("-", "_"), BODY).hexdigest()
    assert run("-d", f"{server.url}/f", "--checksum", f"{algorithm}:{digits}").status == 0
    assert (tmp_path / "f").read_bytes() == BODY


def test_file_with_a_wrong_checksum_is_not_saved(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    (tmp_path / "f").write_text("good")
    result = run("-d", f"{server.url}/f", "-o", "f", "--checksum", f"sha256:{WRONG}")
    assert result.status == 13
    assert SHA256 in result.err
    assert WRONG in result.err
    assert file_names(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "good"


def test_checksum_list_is_fetched_and_searched(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(f"{WRONG}  g\n{SHA256} *f\n"))
    server.answer(response(BODY))
    result = run("-d", f"{server.url}/f", "-o", "mine", "--checksum", f"{server.url}/SHA256SUMS")
    assert result.status == 0
    assert [each.target for each in server.requests] == ["/SHA256SUMS", "/f"]
    assert file_names(tmp_path) == ["mine"]


def test_checksum_file_is_read(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    (tmp_path / "f.sha256").write_text(f"{SHA256}\n")
    assert run("-d", f"{server.url}/f", "--checksum", "f.sha256").status == 0


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (response(f"{SHA256}  other\n"), 13, "no checksum for f"),
        (response("gone", status="404 Not Found"), 4, "404 Not Found"),
    ],
)
def test_unusable_checksum_list_saves_nothing(
    server: RawServer, tmp_path: Path, answer: bytes, status: int, message: str
) -> None:
    server.answer(answer)
    server.answer(response(BODY))
    result = run("-d", f"{server.url}/f", "--checksum", f"{server.url}/SUMS")
    assert result.status == status
    assert message in result.err
    assert file_names(tmp_path) == []


def test_checksum_list_on_another_origin_gets_no_credentials(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(response(BODY))
    other_server.answer(response(f"{SHA256}  f\n"))
    credentials = ("-a", "me:secret", "Cookie:a=b", "X-Token:t")
    sums = f"{other_server.url}/SUMS"
    assert run("-d", f"{server.url}/f", "--checksum", sums, *credentials).status == 0
    sent = {name.lower() for name, _ in other_server.request.headers}
    assert sent.isdisjoint({"authorization", "cookie", "x-token"})
    assert server.request.header("Authorization") is not None


@pytest.mark.parametrize("header", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize(("content", "status"), [(BODY, 0), (b"other", 13)])
def test_digest_headers_are_checked_automatically(
    server: RawServer, tmp_path: Path, header: str, content: bytes, status: int
) -> None:
    digest = b64encode(hashlib.sha256(content).digest()).decode()
    server.answer(response(BODY, f"{header}: sha-256=:{digest}:"))
    result = run("-d", f"{server.url}/f")
    assert result.status == status
    assert file_names(tmp_path) == ([] if status else ["f"])
    assert (header in result.err) == bool(status)


@pytest.mark.parametrize("tampered", [False, True])
def test_resumed_file_is_verified_as_a_whole(tmp_path: Path, *, tampered: bool) -> None:
    with FileServer(FileVersion(BODY)) as origin:
        origin.add_faults(truncate_body_at(60_000))
        options = ("-d", "--retry=0", f"{origin.url}/f", "--checksum", f"sha256:{SHA256}")
        assert run(*options).status == 13
        if tampered:
            with (tmp_path / "f.part").open("r+b") as part:
                part.write(b"other")
        result = run(*options, "--continue")
        assert result.status == 0
        assert ("starting over" in result.err) == tampered
        assert origin.requested_ranges == [None, "bytes=60000-", *([None] if tampered else [])]
    assert (tmp_path / "f").read_bytes() == BODY
    assert file_names(tmp_path) == ["f"]


def test_output_to_stdout_is_verified(server: RawServer) -> None:
    server.answer_always(response(BODY))
    right = run("-d", f"{server.url}/f", "-o", "-", "--checksum", f"sha256:{SHA256}")
    wrong = run("-d", f"{server.url}/f", "-o", "-", "--checksum", f"sha256:{WRONG}")
    assert (right.status, right.out) == (0, BODY)
    assert wrong.status == 13


def test_partial_file_from_another_program_is_resumed_with_a_checksum(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f.part").write_bytes(BODY[:1000])
    span = f"Content-Range: bytes 1000-{len(BODY) - 1}/{len(BODY)}"
    server.answer_always(response(BODY[1000:], span, status="206 Partial Content"))
    command = ("-d", "-c", f"{server.url}/f", "-o", "f")
    assert run(*command, "--checksum", f"sha256:{SHA256}").status == 0
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sha256:abc", "sha256 needs 64 digits"),
        ("no-such-file", "no-such-file: cannot be read"),
        ("", "--checksum is empty"),
    ],
)
def test_invalid_checksum_is_reported_before_any_request(
    server: RawServer, text: str, message: str
) -> None:
    server.may_be_idle()
    result = run("-d", f"{server.url}/f", "--checksum", text)
    assert result.status == 10
    assert message in result.err
    assert server.requests == []


def test_output_to_a_fifo_is_verified(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    os.mkfifo(tmp_path / "fifo")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "fifo").read_bytes()))
    reader.start()
    result = run("-d", f"{server.url}/f", "-o", "fifo", "--checksum", f"sha256:{WRONG}")
    reader.join()
    assert (result.status, read) == (13, [BODY])
