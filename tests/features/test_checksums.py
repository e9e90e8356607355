"""What proves a file: typed, listed, promised by the server."""

from __future__ import annotations

import hashlib
import os
import threading
from base64 import b64encode
from pathlib import Path

import pytest

from tests.support.origin import Origin, Version, cut_at
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.wire import response

BODY = bytes(range(256)) * 400
SHA256 = hashlib.sha256(BODY).hexdigest()
WRONG = hashlib.sha256(b"").hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "sha3-512", "blake2s"])
def test_a_file_with_the_checksum_is_saved(
    server: RawServer, tmp_path: Path, algorithm: str
) -> None:
    server.answer(response(BODY))
    digits = hashlib.new(algorithm.replace("-", "_"), BODY).hexdigest()
    assert run("-d", f"{server.url}/f", "--checksum", f"{algorithm}:{digits}").status == 0
    assert (tmp_path / "f").read_bytes() == BODY


def test_a_file_with_another_one_never_takes_its_name(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    (tmp_path / "f").write_text("good")
    result = run("-d", f"{server.url}/f", "-o", "f", "--checksum", f"sha256:{WRONG}")
    assert result.status == 13
    assert SHA256 in result.err
    assert WRONG in result.err
    assert names(tmp_path) == ["f"]
    assert (tmp_path / "f").read_text() == "good"


def test_a_list_is_fetched_and_looked_up(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(f"{WRONG}  g\n{SHA256} *f\n"))
    server.answer(response(BODY))
    result = run("-d", f"{server.url}/f", "-o", "mine", "--checksum", f"{server.url}/SHA256SUMS")
    assert result.status == 0
    assert [each.target for each in server.requests] == ["/SHA256SUMS", "/f"]
    assert names(tmp_path) == ["mine"]


def test_a_sidecar_file_is_read(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    (tmp_path / "f.sha256").write_text(f"{SHA256}\n")
    assert run("-d", f"{server.url}/f", "--checksum", "f.sha256").status == 0


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (response(f"{SHA256}  other\n"), 13, "has no checksum of f"),
        (response("gone", status="404 Not Found"), 4, "404 Not Found"),
    ],
)
def test_a_list_that_is_of_no_use_saves_nothing(
    server: RawServer, tmp_path: Path, answer: bytes, status: int, said: str
) -> None:
    server.answer(answer)
    server.answer(response(BODY))
    result = run("-d", f"{server.url}/f", "--checksum", f"{server.url}/SUMS")
    assert result.status == status
    assert said in result.err
    assert names(tmp_path) == []


def test_the_list_of_another_origin_gets_nothing_of_the_users(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(response(BODY))
    other_server.answer(response(f"{SHA256}  f\n"))
    mine = ("-a", "me:secret", "Cookie:a=b", "X-Token:t")
    sums = f"{other_server.url}/SUMS"
    assert run("-d", f"{server.url}/f", "--checksum", sums, *mine).status == 0
    sent = {name.lower() for name, _ in other_server.request.fields}
    assert sent.isdisjoint({"authorization", "cookie", "x-token"})
    assert server.request.field("Authorization") is not None


@pytest.mark.parametrize("field", ["Repr-Digest", "Content-Digest"])
@pytest.mark.parametrize(("content", "status"), [(BODY, 0), (b"other", 13)])
def test_what_the_server_promises_is_checked_unasked(
    server: RawServer, tmp_path: Path, field: str, content: bytes, status: int
) -> None:
    digest = b64encode(hashlib.sha256(content).digest()).decode()
    server.answer(response(BODY, f"{field}: sha-256=:{digest}:"))
    result = run("-d", f"{server.url}/f")
    assert result.status == status
    assert names(tmp_path) == ([] if status else ["f"])
    assert (field in result.err) == bool(status)


@pytest.mark.parametrize("tampered", [False, True])
def test_what_an_earlier_run_left_is_proved_with_the_rest(
    tmp_path: Path, *, tampered: bool
) -> None:
    with Origin(Version(BODY)) as origin:
        origin.but(cut_at(60_000))
        words = ("-d", "--retry=0", f"{origin.url}/f", "--checksum", f"sha256:{SHA256}")
        assert run(*words).status == 13
        if tampered:
            with (tmp_path / "f.part").open("r+b") as part:
                part.write(b"other")
        assert run(*words, "--continue").status == (13 if tampered else 0)
        assert origin.asked == [None, "bytes=60000-"]
    assert names(tmp_path) == ([] if tampered else ["f"])


def test_what_goes_to_a_pipe_is_proved_too(server: RawServer) -> None:
    server.always(response(BODY))
    right = run("-d", f"{server.url}/f", "-o", "-", "--checksum", f"sha256:{SHA256}")
    wrong = run("-d", f"{server.url}/f", "-o", "-", "--checksum", f"sha256:{WRONG}")
    assert (right.status, right.out) == (0, BODY)
    assert wrong.status == 13


def test_a_part_of_another_program_is_gone_on_with_where_a_checksum_proves_it(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "f.part").write_bytes(BODY[:1000])
    span = f"Content-Range: bytes 1000-{len(BODY) - 1}/{len(BODY)}"
    server.always(response(BODY[1000:], span, status="206 Partial Content"))
    command = ("-d", "-c", f"{server.url}/f", "-o", "f")
    assert run(*command, "--checksum", f"sha256:{SHA256}").status == 0
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sha256:abc", "sha256 has 64 digits"),
        ("no-such-file", "no-such-file: cannot be read"),
        ("", "--checksum is empty"),
    ],
)
def test_what_is_no_checksum_is_said_before_anything_is_sent(
    server: RawServer, text: str, said: str
) -> None:
    server.may_be_idle()
    result = run("-d", f"{server.url}/f", "--checksum", text)
    assert result.status == 10
    assert said in result.err
    assert server.requests == []


def test_a_fifo_is_proved_as_it_is_written(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    os.mkfifo(tmp_path / "fifo")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "fifo").read_bytes()))
    reader.start()
    result = run("-d", f"{server.url}/f", "-o", "fifo", "--checksum", f"sha256:{WRONG}")
    reader.join()
    assert (result.status, read) == (13, [BODY])
