"""A full disk, a quota or a limit of the file size: nothing useless is left behind."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from httpcli.core.download import PartialState
from httpcli.core.errors import HttpcliError
from httpcli.storage.part_file import PartFile
from httpcli.storage.resume_key import ResumeKey
from tests.support.environment import HTTPCLI
from tests.support.file_server import FileServer, FileVersion, truncate_body_at
from tests.support.http_connection import ClientConnection, ReceivedRequest
from tests.support.run import run_process

CONTENT = random.Random(1).randbytes(3_000_000)
SIZE_LIMIT = ("sh", "-c", 'ulimit -f 200 && exec "$@"', "sh", *HTTPCLI)


@pytest.fixture
def origin() -> Iterator[FileServer]:
    with FileServer(FileVersion(CONTENT)) as running:
        yield running


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte and return its directory."""
    mount_point = tmp_path / "disk"
    mount_point.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(mount_point)]
    if mount is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield mount_point
    subprocess.run(["umount", str(mount_point)], check=True)


def unknown_length(
    origin: FileServer, _request: ReceivedRequest, connection: ClientConnection
) -> None:
    """Send the file without its length, so that its size cannot be compared with the disk."""
    connection.send(origin.head("200 OK", None) + CONTENT)
    connection.close()


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name != "home")


@pytest.mark.parametrize("options", [("-d",), ()])
def test_full_disk_leaves_a_pair_that_is_resumed_once_there_is_room(
    origin: FileServer, small_disk: Path, options: tuple[str, ...]
) -> None:
    origin.add_faults(unknown_length)
    result = run_process(*options, "--retry=0", f"{origin.url}/f", "-o", "disk/f")
    assert result.status == 17
    assert "no space left" in result.err
    assert names(small_disk) == ["f.part", "f.part.json"]
    assert "to resume: --download --continue" in result.err
    subprocess.run(["mount", "-o", "remount,size=8M", str(small_disk)], check=True)
    assert run_process("-dc", f"{origin.url}/f", "-o", "disk/f").status == 0
    assert (origin.requested_ranges[-1] or "").startswith("bytes=")
    assert (small_disk / "f").read_bytes() == CONTENT
    assert names(small_disk) == ["f"]


def test_disk_without_any_room_leaves_nothing(origin: FileServer, small_disk: Path) -> None:
    with (small_disk / "other").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    origin.add_faults(unknown_length)
    result = run_process("-d", "--retry=0", f"{origin.url}/f", "-o", "disk/f")
    assert result.status == 17
    assert "--continue" not in result.err
    assert names(small_disk) == ["other"]


def test_file_that_is_known_to_be_too_large_leaves_nothing(
    origin: FileServer, small_disk: Path
) -> None:
    result = run_process("-d", f"{origin.url}/f", "-o", "disk/f")
    assert result.status == 17
    assert names(small_disk) == []


@pytest.mark.parametrize("options", [("-d",), ()])
def test_limit_of_the_file_size_leaves_a_pair_that_can_be_resumed(
    origin: FileServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run_process(*options, f"{origin.url}/f", "-o", "f", program=SIZE_LIMIT)
    assert result.status == 17
    assert names(tmp_path) == ["f.part", "f.part.json"]
    assert run_process("-dc", f"{origin.url}/f", "-o", "f").status == 0
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_full_disk_keeps_what_an_earlier_run_has_downloaded(
    origin: FileServer, small_disk: Path
) -> None:
    origin.add_faults(truncate_body_at(200_000))
    argv = (f"{origin.url}/f", "-o", "disk/f")
    subprocess.run(["mount", "-o", "remount,size=8M", str(small_disk)], check=True)
    assert run_process("-d", "--retry=0", *argv).status == 13
    subprocess.run(["mount", "-o", "remount,size=1M", str(small_disk)], check=True)
    assert run_process("-dc", "--retry=0", *argv).status == 17
    assert names(small_disk) == ["f.part", "f.part.json"]
    assert (small_disk / "f.part").stat().st_size == 200_000


# Each system call that can fail because there is no room


def _fail(name: str, error: int, monkeypatch: pytest.MonkeyPatch, at: str = "") -> None:
    real: Callable[..., object] = getattr(os, name)

    def failing(*arguments: object) -> object:
        if at in str(arguments):
            raise OSError(error, os.strerror(error))
        return real(*arguments)

    monkeypatch.setattr(os, name, failing)


STATE = PartialState("http://example.org/f", 10, '"v1"')


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_sidecar_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    part = PartFile("f", str(tmp_path / "f"), ResumeKey({"HOME": str(tmp_path / "home")}))
    with part:
        part.begin(STATE)
        part.write(b"01234")
        _fail("replace", error, monkeypatch, at=".part.json")
        assert part.close() is None
    assert names(tmp_path) == []


def test_earlier_sidecar_stays_when_a_later_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = PartFile("f", str(tmp_path / "f"), ResumeKey({"HOME": str(tmp_path / "home")}))
    with part:
        part.begin(STATE)
        part.write(b"01234")
        part.save()
        part.write(b"567")
        _fail("replace", errno.ENOSPC, monkeypatch, at=".part.json")
        kept = part.close()
    assert kept is not None
    assert names(tmp_path) == ["f.part", "f.part.json"]


@pytest.mark.parametrize("new", [True, False])
def test_rename_that_fails_leaves_the_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, new: bool
) -> None:
    part = PartFile("f", str(tmp_path / "f"), ResumeKey({"HOME": str(tmp_path / "home")}))
    with part:
        part.begin(STATE)
        part.write(b"0123456789")
        with monkeypatch.context() as patched:
            _fail("replace", errno.ENOSPC, patched, at="f.part'")
            _fail("link", errno.EPERM, patched)
            with pytest.raises(HttpcliError, match="no space left"):
                part.commit(new=new)
    assert names(tmp_path) == ["f.part", "f.part.json"]


def test_record_that_does_not_fit_is_not_appended_in_part(
    origin: FileServer, small_disk: Path
) -> None:
    """A report of lines stays one record a line."""
    log = small_disk / "log.jsonl"
    log.write_text("{}\n" * 1360)  # nearly a block of the disk
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    log_size = log.stat().st_size
    result = run_process(f"{origin.url}/f", "--report", "jsonl=disk/log.jsonl")
    assert result.status == 17
    assert log.stat().st_size == log_size
