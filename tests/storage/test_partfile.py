"""A file takes its name only when it is whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from httpcli.model.errors import HttpcliError
from httpcli.model.exits import ExitStatus
from httpcli.storage.partfile import PartFile


def test_the_name_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "f"
    with PartFile("f", str(target)) as part:
        part.write(b"abc")
        assert not target.exists()
        part.commit()
    assert target.read_bytes() == b"abc"
    assert not (tmp_path / "f.part").exists()


def test_leaving_without_a_commit_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "f"
    target.write_bytes(b"good")
    with PartFile("f", str(target)) as part:
        part.write(b"bad")
    assert target.read_bytes() == b"good"
    assert not (tmp_path / "f.part").exists()


def test_what_a_killed_run_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "f.part").write_bytes(b"left over, and longer")
    with PartFile("f", str(tmp_path / "f")) as part:
        part.write(b"new")
        part.commit()
    assert (tmp_path / "f").read_bytes() == b"new"


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    with PartFile("f", str(tmp_path / "f")) as first:
        with pytest.raises(HttpcliError, match="another run"), PartFile("f", str(tmp_path / "f")):
            pass
        first.write(b"first")
        first.commit()
    assert (tmp_path / "f").read_bytes() == b"first"


def test_a_new_file_has_the_users_mask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with PartFile("f", str(tmp_path / "f")) as part:
            part.commit()
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o640


def test_a_dangling_link_gets_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with PartFile("link", str(tmp_path / "link")) as part:
        part.write(b"x")
        part.commit()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_a_fifo_is_written_directly(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    with PartFile("fifo", str(fifo)) as part:
        part.write(b"through")
        part.commit()
    reader.join()
    assert got == [b"through"]


@pytest.mark.parametrize("name", ["missing/f", "."])
def test_what_cannot_be_written_is_said_with_its_name(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(HttpcliError, match="cannot be written") as caught,
        PartFile(name, str(tmp_path / name)),
    ):
        pass
    assert caught.value.status is ExitStatus.LOCAL
