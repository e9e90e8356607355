"""Sessions store headers, credentials and cookies of a run for the next run."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.http_connection import response, wait_for_event
from tests.support.run import run, run_process, start_process
from tests.support.run_result import shell_status
from tests.support.servers import RawServer
from tests.support.terminal import Terminal


def set_cookies(*cookies: str, status: str = "200 OK", location: str = "") -> bytes:
    fields = [f"Set-Cookie: {cookie}" for cookie in cookies]
    if location:
        fields.append(f"Location: {location}")
    return response("ok", *fields, status=status)


def session_file(home: Path, server: RawServer, name: str) -> Path:
    host_folder = server.address.replace(":", "_")
    return home / ".config" / "httpcli" / "sessions" / host_folder / f"{name}.json"


def load(path: Path) -> Any:
    return json.loads(path.read_text("ascii"))


def cookies_in(path: Path) -> dict[str, str]:
    return {each["name"]: each["value"] for each in load(path)["cookies"]}


def test_headers_credentials_and_cookies_are_restored(server: RawServer, home: Path) -> None:
    server.answer(set_cookies("s=1", "old=2; Max-Age=0"))
    first = run("--session=me", "-a", "u:p", server.url, "X-A:1", "Cookie:t=0", "If-Match:x")
    assert (first.status, first.err) == (0, "")
    run("--session=me", server.url)
    again = server.requests[1]
    assert again.header("X-A") == "1"
    assert again.header("Authorization") == server.requests[0].header("Authorization")
    assert again.header("Cookie") == "t=0; s=1"
    assert again.header("If-Match") is None
    path = session_file(home, server, "me")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_named_session_belongs_to_one_host(server: RawServer, other_server: RawServer) -> None:
    run("--session=me", "-a", "u:p", server.url, "X-A:1", "Cookie:t=0")
    run("--session=me", other_server.url)
    names = {name.lower() for name, _ in other_server.request.headers}
    assert not names & {"x-a", "cookie", "authorization"}


def test_session_path_works_for_any_host_except_its_cookies(
    server: RawServer, other_server: RawServer
) -> None:
    server.answer(set_cookies("s=1"))
    run("--session=./me.json", server.url, "X-A:1", "Cookie:t=0")
    run("--session=./me.json", f"http://localhost:{other_server.port}")
    assert other_server.request.header("X-A") == "1"
    assert other_server.request.header("Cookie") is None


def test_session_name_with_a_tilde_is_a_path(server: RawServer, home: Path) -> None:
    run("--session=~/me", server.url, "X-A:1")
    assert load(home / "me")["headers"] == [{"name": "X-A", "value": "1"}]


def test_header_is_removed_for_one_request_only(server: RawServer) -> None:
    server.answer(set_cookies("s=1"))
    run("--session=me", "-a", "u:p", server.url, "X-A:1")
    run("--session=me", server.url, "X-A:", "Cookie:", "Authorization:")
    run("--session=me", server.url)
    names = ("X-A", "Cookie", "Authorization")
    assert [server.requests[1].header(name) for name in names] == [None] * 3
    assert all(server.requests[2].header(name) for name in names)


def test_typed_values_replace_stored_values(server: RawServer) -> None:
    server.answer_always(set_cookies("s=server; Path=/"))
    run("--session=me", "-a", "u:p", server.url, "X-A:1", "X-A:2")
    run("--session=me", "-A", "bearer", "-a", "t", server.url, "x-a:3", "Cookie:s=typed")
    run("--session=me", server.url)
    assert server.requests[1].header("Cookie") == "s=typed"
    last = server.requests[2]
    assert last.header_values("X-A") == ["3"]
    assert last.header("Authorization") == "Bearer t"
    assert last.header("Cookie") == "s=server"


def test_cookies_of_all_hops_are_stored_and_sent_to_their_host_only(
    server: RawServer, other_server: RawServer, home: Path
) -> None:
    target = f"http://localhost:{other_server.port}/"
    server.answer(set_cookies("a=1", status="302 Found", location=target))
    other_server.answer(set_cookies("b=2"))
    run("--follow", "--session=me", "-a", "u:p", server.url, "X-Api-Key:k", "Cookie:t=0")
    received = other_server.request
    assert [received.header(name) for name in ("Cookie", "Authorization", "X-Api-Key")] == [
        None,
        None,
        None,
    ]
    assert cookies_in(session_file(home, server, "me")) == {"t": "0", "a": "1", "b": "2"}
    run("--session=me", server.url)
    assert server.requests[1].header("Cookie") == "t=0; a=1"


def test_stored_secrets_are_not_sent_to_another_origin(
    server: RawServer, other_server: RawServer
) -> None:
    run("--session=me", "-a", "u:p", server.url, "X-Api-Key:k", "X-Plain:1")
    target = f"http://localhost:{other_server.port}/"
    server.answer(set_cookies(status="302 Found", location=target))
    run("--follow", "--session=me", server.url)
    assert server.requests[1].header("X-Api-Key") == "k"
    received = other_server.request
    assert [received.header(name) for name in ("Authorization", "X-Api-Key")] == [None, None]
    assert received.header("X-Plain") == "1"


def test_read_only_session_is_written_only_once(server: RawServer, home: Path) -> None:
    server.answer(set_cookies("a=1")).answer(set_cookies("a=2", "b=2"))
    run("--session-read-only=me", server.url)
    before = session_file(home, server, "me").read_bytes()
    run("--session-read-only=me", server.url, "X-A:1")
    run("--session-read-only=me", server.url)
    assert session_file(home, server, "me").read_bytes() == before
    assert server.requests[2].header("Cookie") == "a=1"
    assert server.requests[2].header("X-A") is None


def test_offline_run_updates_the_session(server: RawServer) -> None:
    shown = run("--offline", "--session=me", "-a", "u:p", server.url, "Cookie:t=0").text
    assert "Cookie: t=0" in shown
    run("--session=me", server.url)
    assert server.request.header("Cookie") == "t=0"


def test_failed_run_stores_nothing(server: RawServer, home: Path) -> None:
    server.answer(set_cookies("a=1", status="302 Found", location="gopher://x"))
    assert run("--follow", "--session=me", server.url).status == 1
    assert not session_file(home, server, "me").exists()


def test_http_error_still_updates_the_session(server: RawServer, home: Path) -> None:
    server.answer(set_cookies("a=1", status="500 Oops"))
    assert run("--check-status", "--session=me", server.url).status == 5
    assert cookies_in(session_file(home, server, "me")) == {"a": "1"}


def test_cookies_of_equal_paths_are_sent_in_stored_order(server: RawServer) -> None:
    server.answer(set_cookies("b=1", "a=2", "c=3; Path=/x/")).answer(set_cookies("b=new"))
    run("--session=me", server.url)
    run("--session=me", server.url)
    run("--session=me", server.url + "/x/y")
    assert server.requests[2].header("Cookie") == "c=3; b=new; a=2"


@pytest.mark.parametrize("variable", ["HTTPCLI_CONFIG_DIR", "HTTPIE_CONFIG_DIR"])
def test_environment_variable_sets_the_session_folder(
    server: RawServer, tmp_path: Path, variable: str
) -> None:
    run("--session=me", server.url, env={variable: str(tmp_path / "mine")})
    host_folder = server.address.replace(":", "_")
    assert (tmp_path / "mine" / "sessions" / host_folder / "me.json").exists()


def test_corrupt_session_is_an_error_before_sending(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "me.json").write_text('{"cookies": [\n  oops\n')
    result = run("--session=./me.json", server.url)
    server.assert_not_called()
    assert result.status == 17
    assert "me.json: invalid session file: line 2, column 3: expecting value" in result.err
    assert (tmp_path / "me.json").read_text() == '{"cookies": [\n  oops\n'


def test_references_are_stored_as_references(server: RawServer, home: Path) -> None:
    secrets = {"PW": "hunter2", "KEY": "k3y"}
    result = run(
        "--session=me",
        "-a",
        "u:@env:PW",
        server.url,
        "X-Api-Key:@env:KEY",
        "Cookie:@env:KEY",
        env=secrets,
    )
    assert server.requests[0].header("X-Api-Key") == "k3y"
    assert server.requests[0].header("Cookie") == "k3y"
    assert (
        "X-Api-Key: not saved in the session me, because the value is a reference (@env:, @file:)"
    ) in result.err
    assert "Cookie: not saved in the session me" in result.err
    text = session_file(home, server, "me").read_text()
    assert not [secret for secret in secrets.values() if secret in text]
    assert load(session_file(home, server, "me"))["auth"]["raw_auth"] == "u:@env:PW"
    run("--session=me", server.url, env=secrets)
    assert server.requests[1].header("Authorization") == server.requests[0].header("Authorization")
    unset = run("--session=me", server.url)
    assert unset.status == 10
    assert "@env:PW" in unset.err


def test_url_credentials_are_stored(server: RawServer) -> None:
    run("--session=me", f"http://u:p%3A@{server.address}")
    run("--session=me", server.url)
    first, second = server.requests
    assert second.header("Authorization") == first.header("Authorization") == "Basic dTpwOg=="


def test_prompted_password_is_stored(server: RawServer, home: Path) -> None:
    with Terminal("--session=me", "-a", "u", server.url) as screen:
        screen.read_until("password for u@127.0.0.1: ")
        screen.type("s3cret\n")
        assert screen.wait() == 0
    assert load(session_file(home, server, "me"))["auth"] == {
        "raw_auth": "u:s3cret",
        "type": "basic",
    }


def test_concurrent_runs_lose_no_cookie(server: RawServer, home: Path) -> None:
    both_have_read = threading.Event()
    for name in ("a", "b"):
        server.answer(wait_for_event(both_have_read), set_cookies(f"{name}=1"))
    with (
        start_process("--session=me", server.url) as one,
        start_process("--session=me", server.url) as two,
    ):
        server.wait_for_requests(2)
        both_have_read.set()
        for child in (one, two):
            _, err = child.communicate(timeout=30)
            assert (shell_status(child.returncode), err) == (0, b"")
    assert cookies_in(session_file(home, server, "me")) == {"a": "1", "b": "1"}


@pytest.mark.slow
def test_many_concurrent_runs_leave_a_complete_file(server: RawServer, home: Path) -> None:
    count = 12
    for number in range(count):
        server.answer(set_cookies(f"c{number}=1"))
    threads = [
        threading.Thread(target=run_process, args=("--session=me", server.url))
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    path = session_file(home, server, "me")
    assert len(cookies_in(path)) == count
    assert [each.name for each in path.parent.iterdir()] == ["me.json"]


def test_echo_stores_no_session(home: Path) -> None:
    result = run("--session=me", "echo:/cookies/set?a=1")
    assert "echo: URLs do not use the session" in result.err
    assert not (home / ".config").exists()


def test_session_options_are_mutually_exclusive(server: RawServer) -> None:
    server.assert_not_called()
    result = run("--session=a", "--session-read-only=b", server.url)
    assert result.status == 10
    assert "--session and --session-read-only cannot be used together" in result.err


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        ({"cookies": {"a": {"value": "1"}}}, 1),
        ({"auth": {"type": "basic", "raw_auth": "me:pw"}}, 1),
        ({"headers": {"X-Api-Key": "k"}}, 1),
        ({"headers": {"X-Team": "blue"}}, 0),
    ],
)
def test_secret_file_readable_by_others_prints_one_warning(
    server: RawServer, tmp_path: Path, content: dict[str, Any], warned: int
) -> None:
    path = tmp_path / "me.json"
    path.write_text(json.dumps(content))
    path.chmod(0o644)
    result = run(f"--session-read-only={path}", server.url)
    warnings = result.err.count(f"{path}: other users can read this secret; run: chmod 600 {path}")
    assert (result.status, warnings) == (0, warned)


def test_session_path_is_normalized_in_messages(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("no")
    result = run("--session=././/x.json", "http://127.0.0.1:1/", cwd=tmp_path)
    assert f"error: {tmp_path}/x.json: invalid session file" in result.err
