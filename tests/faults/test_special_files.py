"""A name that the user did not type never leads to a FIFO, device, link or directory."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.servers import RawServer

NAMED_F = 'Content-Disposition: attachment; filename="f"'


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)


def _link(path: Path) -> None:
    (path.parent / "victim").write_text("precious")
    path.symlink_to("victim")


def _dangling_link(path: Path) -> None:
    path.symlink_to("created-by-link")


def _device_link(path: Path) -> None:
    path.symlink_to("/dev/null")


def _directory(path: Path) -> None:
    path.mkdir()


SPECIAL = (_fifo, _socket, _link, _dangling_link, _device_link, _directory)


@pytest.mark.parametrize("create", SPECIAL)
@pytest.mark.parametrize(
    "options", [("-d", "--overwrite"), ("-d", "--newer"), ("download", "--overwrite")]
)
def test_special_file_is_refused(
    server: RawServer, tmp_path: Path, create: Callable[[Path], None], options: tuple[str, ...]
) -> None:
    server.may_be_idle()
    create(tmp_path / "f")
    server.answer_always(response("new", NAMED_F))
    result = run_process(*options, "--retry=0", f"{server.url}/f", timeout=20)
    assert result.status == 17
    assert "f: cannot be written: it is a" in result.err
    assert "-o f" in result.err
    _assert_untouched(tmp_path)


@pytest.mark.parametrize("create", SPECIAL)
@pytest.mark.parametrize("options", [("-d",), ("-dc",), ("-d", "--continue=trust")])
def test_new_file_gets_a_number_beside_a_special_file(
    server: RawServer, tmp_path: Path, create: Callable[[Path], None], options: tuple[str, ...]
) -> None:
    create(tmp_path / "f")
    server.answer_always(response("new", NAMED_F))
    result = run_process(*options, "--retry=0", f"{server.url}/f", timeout=20)
    assert result.status == 0
    assert (tmp_path / "f-1").read_text() == "new"
    _assert_untouched(tmp_path)


def _assert_untouched(folder: Path) -> None:
    assert not (folder / "created-by-link").exists()
    if (folder / "victim").exists():
        assert (folder / "victim").read_text() == "precious"
    assert not list(folder.glob("*.part*"))


@pytest.mark.parametrize("create", [_fifo, _link])
@pytest.mark.parametrize("suffix", [".part", ".part.json", ".part.json.new"])
def test_special_partial_file_neither_blocks_nor_is_followed(
    server: RawServer, tmp_path: Path, create: Callable[[Path], None], suffix: str
) -> None:
    server.may_be_idle()
    create(tmp_path / f"f{suffix}")
    server.answer_always(response("new"))
    result = run_process("-dc", "--retry=0", f"{server.url}/f", "-o", "f", timeout=20)
    assert result.status in (0, 17)
    if (tmp_path / "victim").exists():
        assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.parametrize("options", [("-d",), (), ("-d", "--overwrite")])
def test_fifo_that_the_user_named_is_written(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / "fifo")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "fifo").read_bytes()))
    reader.start()
    server.answer(response("through"))
    assert run_process(*options, server.url, "-o", "fifo", timeout=20).status == 0
    reader.join(20)
    assert received == [b"through"]


def test_replaced_file_does_not_pass_on_its_setuid_bit(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("old")
    (tmp_path / "f").chmod(0o6755)
    server.answer(response("new"))
    assert run_process("-d", "--overwrite", f"{server.url}/f").status == 0
    assert (tmp_path / "f").stat().st_mode & 0o7777 == 0o755


def test_hard_link_keeps_its_other_name(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "f").hardlink_to(tmp_path / "victim")
    server.answer(response("new"))
    assert run_process("-d", "--overwrite", f"{server.url}/f").status == 0
    assert (tmp_path / "f").read_text() == "new"
    assert (tmp_path / "victim").read_text() == "precious"


def test_settings_that_are_a_fifo_do_not_block(server: RawServer, tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".config" / "httpcli"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "config.json")
    server.answer(response("body"))
    result = run_process(server.url, timeout=20)
    assert (result.status, result.out) == (0, b"body")


@pytest.mark.parametrize("options", [("--session=./fifo",), ("--cookie-jar=fifo",)])
def test_session_or_cookie_jar_that_is_a_fifo_is_an_error(
    server: RawServer, tmp_path: Path, options: tuple[str, ...]
) -> None:
    server.may_be_idle()
    os.mkfifo(tmp_path / "fifo")
    assert run_process(*options, server.url, timeout=20).status in (10, 17)


def test_list_of_downloads_may_be_a_fifo(server: RawServer, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list")
    server.answer(response("x"))
    writer = threading.Thread(target=(tmp_path / "list").write_text, args=(f"{server.url}/f\n",))
    writer.start()
    assert run_process("download", "--input", "list", timeout=20).status == 0
    writer.join(20)
    assert (tmp_path / "f").read_text() == "x"
