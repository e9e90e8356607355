"""Each ``--checksum`` and each ``--hash`` that is typed takes effect, not only the last."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

BODY = b"the file" * 999
SHA256 = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
SHA512 = f"sha512:{hashlib.sha512(BODY).hexdigest()}"
MD5 = f"md5:{hashlib.md5(BODY).hexdigest()}"
WRONG_MD5 = f"md5:{'0' * 32}"
WRONG_LIST = f"{'0' * 40}  f\n"


def options(*checksums: str) -> list[str]:
    return [word for checksum in checksums for word in ("--checksum", checksum)]


@pytest.mark.parametrize("order", [(WRONG_MD5, SHA256), (SHA256, WRONG_MD5)])
def test_each_checksum_must_match(
    server: RawServer, tmp_path: Path, order: tuple[str, str]
) -> None:
    server.answer(response(BODY))
    result = run_process("-d", f"{server.url}/f", *options(*order), cwd=tmp_path)
    assert result.status == 13
    assert f"expected {'0' * 32}" in result.err
    assert not (tmp_path / "f").exists()


@pytest.mark.wide
def test_file_with_all_checksums_is_saved(server: RawServer, tmp_path: Path) -> None:
    server.answer(response(BODY))
    (tmp_path / "SHA1SUMS").write_text(f"{hashlib.sha1(BODY).hexdigest()}  f\n")
    checksums = options(MD5, SHA256, SHA512, SHA256, "SHA1SUMS")
    assert run_process("-d", f"{server.url}/f", *checksums, cwd=tmp_path).status == 0
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.wide
def test_checksum_beside_a_list_must_match(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response(BODY))
    (tmp_path / "SHA1SUMS").write_text(WRONG_LIST)
    for order in ((SHA256, "SHA1SUMS"), ("SHA1SUMS", SHA256)):
        assert run_process("-d", f"{server.url}/f", *options(*order), cwd=tmp_path).status == 13
    assert not (tmp_path / "f").exists()


@pytest.mark.wide
def test_contradictory_checksums_are_a_usage_error(server: RawServer, tmp_path: Path) -> None:
    server.may_be_idle()
    result = run_process("-d", f"{server.url}/f", *options(MD5, WRONG_MD5), cwd=tmp_path)
    assert result.status == 10
    assert "no file has both md5:" in result.err
    server.assert_not_called()


@pytest.mark.wide
@pytest.mark.parametrize("command", [["-d"], ["download"]])
def test_skipped_file_must_have_all_checksums(
    server: RawServer, tmp_path: Path, command: list[str]
) -> None:
    server.may_be_idle()
    (tmp_path / "f").write_bytes(BODY)
    argv = [*command, f"{server.url}/f", *options(WRONG_MD5, SHA256)]
    argv += ["--skip-existing", *(["-o", "f"] if command == ["-d"] else [])]
    assert run_process(*argv, cwd=tmp_path).status == 13
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.wide
def test_checksum_of_a_listed_file_is_added_to_that_of_the_command_line(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response(BODY))
    (tmp_path / "list").write_text(f"{server.url}/f\n  checksum={SHA256}\n  checksum={MD5}\n")
    command = ["download", "--input", "list", "--overwrite"]
    assert run_process(*command, "--checksum", WRONG_MD5, cwd=tmp_path).status != 0
    assert not (tmp_path / "f").exists()
    assert run_process(*command, "--checksum", SHA512, cwd=tmp_path).status == 0
    assert (tmp_path / "f").read_bytes() == BODY


@pytest.mark.wide
def test_output_to_a_pipe_must_have_all_checksums(server: RawServer) -> None:
    server.answer(response(BODY))
    result = run_process("-d", f"{server.url}/f", "-o", "-", *options(WRONG_MD5, SHA256))
    assert result.status == 13


def test_each_hash_is_printed(server: RawServer) -> None:
    server.answer(response(BODY))
    result = run_process("--hash", "sha256", "--hash=MD5", "--hash=md5", server.url)
    assert result.err == f"{SHA256}  received\n{MD5}  received\n"


@pytest.mark.wide
def test_each_hash_is_printed_of_what_is_sent_and_of_a_batch(
    server: RawServer, tmp_path: Path
) -> None:
    server.answer_always(response(BODY))
    both = ["--hash", "sha256", "--hash=md5"]
    sent = run_process(*both, server.url, "--raw", "x")
    assert sent.err.count("  sent\n") == 2
    (tmp_path / "lines").write_text(f"{server.url}\n")
    assert run_process(*both, "--batch", "lines", "-q", cwd=tmp_path).err.count("  received") == 2


@pytest.mark.wide
def test_unknown_hash_before_a_known_one_is_a_usage_error(server: RawServer) -> None:
    server.may_be_idle()
    result = run_process("--hash", "rot13", "--hash", "md5", server.url)
    assert result.status == 10
    assert "rot13" in result.err


def test_list_has_the_name_from_the_server_also_of_a_compressed_response(
    server: RawServer, tmp_path: Path
) -> None:
    (tmp_path / "SUMS").write_text(f"{hashlib.sha256(b'content').hexdigest()}  given.bin\n")
    server.answer(
        response(
            gzip.compress(b"content"),
            "Content-Encoding: gzip",
            "Content-Disposition: attachment; filename=given.bin",
        )
    )
    result = run_process("-d", "--checksum", "SUMS", "-o", "out", f"{server.url}/f")
    assert (result.status, (tmp_path / "out").read_bytes()) == (0, b"content")
