"""Two URLs with one file name, and responses without content, cost no file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.http_connection import ClientConnection, response
from tests.support.run import run_process
from tests.support.servers import LoopbackServer, RawServer


class TwoFiles(LoopbackServer):
    """Sends each path as its content, so that all files have the same length."""

    def serve(self, connection: ClientConnection) -> None:
        while connection.open and (request := connection.receive()) is not None:
            self.record(request)
            if request.header("If-Modified-Since"):
                connection.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")
            else:
                connection.send(response(request.target))


def urls(origin: TwoFiles) -> tuple[str, str]:
    return f"{origin.url}/a/f", f"{origin.url}/b/f"


@pytest.mark.parametrize("jobs", ["--jobs=1", "--jobs=4"])
@pytest.mark.parametrize("options", [(), ("-c",), ("--continue=trust",)])
def test_second_file_gets_a_number(tmp_path: Path, options: tuple[str, ...], jobs: str) -> None:
    with TwoFiles() as origin:
        result = run_process("download", jobs, *options, *urls(origin))
    assert result.status == 0
    contents = {(tmp_path / name).read_text() for name in ("f", "f-1")}
    assert contents == {"/a/f", "/b/f"}


def test_next_run_keeps_both_files(tmp_path: Path) -> None:
    with TwoFiles() as origin:
        for _ in range(2):
            assert run_process("download", "-c", "--jobs=1", *urls(origin)).status == 0
    assert (tmp_path / "f").read_text() == "/a/f"
    assert (tmp_path / "f-1").read_text() == "/b/f"
    assert not (tmp_path / "f-2").exists()


@pytest.mark.parametrize("option", ["--overwrite", "--skip-existing", "--newer"])
def test_second_file_without_a_number_is_an_error(tmp_path: Path, option: str) -> None:
    with TwoFiles() as origin:
        result = run_process("download", "--jobs=1", option, *urls(origin))
    assert result.status == 17
    assert "another URL of this run has this name" in result.err
    assert (tmp_path / "f").read_text() == "/a/f"


def test_listed_name_does_not_replace_a_file_of_this_run(tmp_path: Path) -> None:
    with TwoFiles() as origin:
        first, second = urls(origin)
        (tmp_path / "list").write_text(f"{first}\n{second}\n out=./f\n")
        assert run_process("download", "--jobs=1", "--input=list").status == 17
    assert (tmp_path / "f").read_text() == "/a/f"


@pytest.mark.parametrize("option", ["-c", "--overwrite", "--skip-existing", "--newer"])
def test_same_url_twice_is_one_file(tmp_path: Path, option: str) -> None:
    with TwoFiles() as origin:
        url = f"{origin.url}/a/f"
        assert run_process("download", "--jobs=1", option, url, url).status == 0
    assert (tmp_path / "f").read_text() == "/a/f"
    assert not (tmp_path / "f-1").exists()


@pytest.mark.parametrize("exists", [True, False])
def test_not_modified_writes_no_file(server: RawServer, tmp_path: Path, *, exists: bool) -> None:
    if exists:
        (tmp_path / "f").write_text("good")
    server.answer(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    result = run_process(server.url, 'If-None-Match: "1"', "-of")
    assert result.status == 0
    assert "f is not written: HTTP 304 Not Modified" in result.err
    names = [path.name for path in tmp_path.iterdir() if path.name != "home"]
    assert names == (["f"] if exists else [])
    assert not exists or (tmp_path / "f").read_text() == "good"
