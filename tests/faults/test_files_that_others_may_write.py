"""Settings, sessions, cookies and credentials are not taken from files that others may write.

A file whose path was typed may be in a folder that others share.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run_process
from tests.support.run_result import RunResult
from tests.support.servers import RawServer

ANOTHER_USER = 54321

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


def make(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def settings(folder: Path, _server: RawServer) -> Path:
    return make(folder / "config.toml", '[defaults]\nheaders = { X-Evil = "1" }\n')


def httpie_settings(folder: Path, _server: RawServer) -> Path:
    return make(folder / "config.json", json.dumps({"default_options": ["--header=X-Evil:1"]}))


def named_session(folder: Path, server: RawServer) -> Path:
    name = server.address.replace(":", "_")
    return session(folder / "sessions" / name, server)


def session(folder: Path, _server: RawServer) -> Path:
    return make(folder / "me.json", json.dumps({"headers": [{"name": "X-Evil", "value": "1"}]}))


def cookie_jar(folder: Path, server: RawServer) -> Path:
    return make(folder / "jar", f"{server.host}\tFALSE\t/\tFALSE\t0\tevil\t1\n")


def netrc(folder: Path, server: RawServer) -> Path:
    return make(folder / "netrc", f"machine {server.host} login evil password 1\n")


Maker = Callable[[Path, RawServer], Path]
OPTIONS: dict[Maker, str] = {
    settings: "",
    httpie_settings: "",
    named_session: "--session=me",
    session: "--session={file}",
    cookie_jar: "--cookie-jar={file}",
    netrc: "",
}
TYPED: list[Maker] = [session, cookie_jar]
"""Files whose path is typed. The others are found by the program."""


def kinds(*makers: Maker) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", makers, ids=lambda kind: kind.__name__)


ALL_KINDS = kinds(*OPTIONS)
FOUND_KINDS = kinds(*(kind for kind in OPTIONS if kind not in TYPED))
TYPED_KINDS = kinds(*TYPED)


def send(server: RawServer, kind: Maker, folder: Path, file: Path) -> RunResult:
    """Send a request that would use the file."""
    env = {"HTTPCLI_CONFIG_DIR": str(folder), "NETRC": str(file) if kind is netrc else ""}
    option = OPTIONS[kind].format(file=file)
    return run_process(*filter(None, [option]), server.url, env=env)


def obeyed(server: RawServer) -> bool:
    """Return whether a request has what the file says."""
    names = ("X-Evil", "Cookie", "Authorization")
    return any(request.header(name) for request in server.requests for name in names)


def assert_refused(server: RawServer, kind: Maker, folder: Path, file: Path, reason: str) -> None:
    result = send(server.may_be_idle(), kind, folder, file)
    assert not obeyed(server)
    assert reason in result.err
    assert result.status == (0 if kind is netrc else 10)


@ALL_KINDS
def test_a_private_file_is_obeyed(server: RawServer, tmp_path: Path, kind: Maker) -> None:
    tmp_path.chmod(0o1777)
    file = kind(tmp_path / "folder", server)
    assert send(server, kind, tmp_path / "folder", file).status == 0
    assert obeyed(server)


@ALL_KINDS
def test_a_file_that_anybody_may_write_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path, server)
    file.chmod(0o666)
    assert_refused(server, kind, tmp_path, file, f"{file}: other users can write to it")


@FOUND_KINDS
def test_a_file_in_a_folder_that_anybody_may_write_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path, server)
    file.parent.chmod(0o777)
    assert_refused(server, kind, tmp_path, file, (f"{file.parent}: other users can write to it"))


@FOUND_KINDS
def test_a_file_below_a_folder_that_anybody_may_write_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path / "a" / "b", server)
    (tmp_path / "a").chmod(0o777)
    reason = f"{tmp_path}/a: other users can write to it"
    assert_refused(server, kind, tmp_path / "a" / "b", file, reason)


@FOUND_KINDS
def test_a_link_through_a_folder_that_anybody_may_write_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path / "real", server)
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "link").symlink_to("../real")
    (tmp_path / "folder").symlink_to("open/link")
    (tmp_path / "open").chmod(0o777)
    path = tmp_path / "folder" / file.relative_to(tmp_path / "real")
    reason = f"{tmp_path}/open: other users can write to it"
    assert_refused(server, kind, tmp_path / "folder", path, reason)


@needs_root
@FOUND_KINDS
def test_a_file_of_another_user_is_refused(server: RawServer, tmp_path: Path, kind: Maker) -> None:
    file = kind(tmp_path, server)
    os.chown(file, ANOTHER_USER, -1)
    reason = f"{file}: belongs to another user (id {ANOTHER_USER})"
    assert_refused(server, kind, tmp_path, file, reason)


@needs_root
@FOUND_KINDS
def test_a_file_in_a_folder_of_another_user_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path / "folder", server)
    os.chown(tmp_path / "folder", ANOTHER_USER, -1)
    reason = f"{tmp_path}/folder: belongs to another user (id {ANOTHER_USER})"
    assert_refused(server, kind, tmp_path / "folder", file, reason)


@needs_root
@FOUND_KINDS
def test_a_file_that_another_group_may_write_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path, server)
    os.chown(file, -1, ANOTHER_USER)
    file.chmod(0o660)
    assert_refused(server, kind, tmp_path, file, f"{file}: its group can write to it")


def test_files_of_the_current_folder_are_not_settings(server: RawServer, tmp_path: Path) -> None:
    httpie_settings(tmp_path, server)
    for folder in (".config/httpcli", ".httpcli", ".httpie", "httpcli"):
        settings(tmp_path / folder, server)
    for name in (".netrc", "_netrc"):
        netrc(tmp_path, server).rename(tmp_path / name)
    for home in (".", ""):
        env = {"HOME": home, "HTTPCLI_CONFIG_DIR": None, "XDG_CONFIG_HOME": None, "NETRC": None}
        assert run_process(server.url, env=env, cwd=tmp_path).status == 0
    assert not obeyed(server)


@TYPED_KINDS
def test_a_typed_path_may_be_in_a_folder_that_others_may_write(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    for mode in (0o770, 0o777, 0o775):
        file = kind(tmp_path / f"{mode:o}", server)
        file.parent.chmod(mode)
        for _ in range(2):  # the first run writes the file
            assert send(server, kind, file.parent, file).status == 0
            assert obeyed(server)
            server.requests.clear()


@needs_root
@TYPED_KINDS
def test_a_typed_path_may_be_in_the_folder_of_another_user(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path / "folder", server)
    os.chown(file.parent, ANOTHER_USER, ANOTHER_USER)
    os.chown(file, ANOTHER_USER, ANOTHER_USER)
    file.chmod(0o660)
    server.answer_always(response("", "Set-Cookie: new=1; Max-Age=99"))
    assert send(server, kind, file.parent, file).status == 0
    assert obeyed(server)
    assert "new" in file.read_text()


@TYPED_KINDS
def test_a_typed_link_to_a_file_that_anybody_may_write_is_refused(
    server: RawServer, tmp_path: Path, kind: Maker
) -> None:
    file = kind(tmp_path, server)
    file.chmod(0o606)
    link = tmp_path / "link"
    link.symlink_to(file.name)
    assert_refused(server, kind, tmp_path, link, f"{link}: other users can write to it")


@pytest.mark.parametrize("option", ["--session=./me.json", "--session-read-only=./me.json"])
def test_a_session_in_a_shared_folder_is_used_and_shown(
    server: RawServer, tmp_path: Path, option: str
) -> None:
    session(tmp_path, server)
    tmp_path.chmod(0o777)
    assert run_process(option, server.url, cwd=tmp_path).status == 0
    assert obeyed(server)
    shown = run_process("sessions", "show", "./me.json", cwd=tmp_path)
    assert shown.status == 0
    assert "X-Evil" in shown.text
    edited = run_process("sessions", "edit", "./me.json", cwd=tmp_path, env={"EDITOR": "true"})
    assert edited.status == 0
