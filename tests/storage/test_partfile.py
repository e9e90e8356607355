"""A file takes its name only when it is whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
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


def _link(part: Path, victim: Path) -> None:
    part.symlink_to(victim)


def _hard_link(part: Path, victim: Path) -> None:
    part.hardlink_to(victim)


def _fifo(part: Path, _victim: Path) -> None:
    os.mkfifo(part)


@pytest.mark.parametrize("lay", [_link, _hard_link, _fifo])
def test_a_part_file_that_is_not_ours_is_left_alone(
    tmp_path: Path, lay: Callable[[Path, Path], None]
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    lay(tmp_path / "f.part", victim)
    with (
        pytest.raises(HttpcliError, match="cannot be written") as caught,
        PartFile("f", str(tmp_path / "f")),
    ):
        pass
    assert caught.value.status is ExitStatus.LOCAL
    assert victim.read_text() == "precious"
    assert not (tmp_path / "f").exists()


def test_a_loop_of_links_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    with pytest.raises(HttpcliError, match="links"), PartFile("a", str(tmp_path / "a")):
        pass
    assert (tmp_path / "a").is_symlink()
