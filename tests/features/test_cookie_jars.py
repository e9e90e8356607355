"""Cookie jar files: cookies persist between runs, in a format that other tools read."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.support.http_connection import response, wait_for_event
from tests.support.run import run, start_process
from tests.support.run_result import shell_status
from tests.support.servers import RawServer


def cookie_response(*cookies: str, status: str = "200 OK", location: str = "") -> bytes:
    fields = [f"Set-Cookie: {cookie}" for cookie in cookies]
    if location:
        fields.append(f"Location: {location}")
    return response("ok", *fields, status=status)


def jar_cookies(path: Path) -> dict[str, str]:
    rows = [jar_line.split("\t") for jar_line in path.read_text().splitlines()]
    return {row[5]: row[6] for row in rows if len(row) == 7}


def jar_line(name: str, value: str = "1") -> str:
    return f"127.0.0.1\tFALSE\t/\tFALSE\t0\t{name}\t{value}\n"


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    return tmp_path / "cookies.txt"


def test_cookies_are_sent_in_the_next_run(server: RawServer, jar: Path) -> None:
    server.answer(cookie_response("s=1", "t=2; Max-Age=100; HttpOnly"))
    first = run(f"--cookie-jar={jar}", server.url)
    assert (first.status, first.err) == (0, "")
    assert jar.stat().st_mode & 0o777 == 0o600
    run("--cookie-jar", str(jar), server.url)
    assert server.requests[1].header("Cookie") == "s=1; t=2"


def test_jar_path_can_be_relative_or_start_at_home(
    server: RawServer, home: Path, tmp_path: Path
) -> None:
    server.answer_always(cookie_response("s=1"))
    run("--cookie-jar=jar", server.url, cwd=tmp_path)
    run("--cookie-jar=~/jar", server.url)
    assert jar_cookies(tmp_path / "jar") == jar_cookies(home / "jar") == {"s": "1"}


def test_cookies_of_an_error_response_are_stored(server: RawServer, jar: Path) -> None:
    server.answer(cookie_response("s=1", status="500 Oh"))
    assert run("--check-status", f"--cookie-jar={jar}", server.url).status == 5
    assert jar_cookies(jar) == {"s": "1"}


def test_server_can_delete_its_cookie(server: RawServer, jar: Path) -> None:
    jar.write_text(jar_line("s") + jar_line("t"))
    jar.chmod(0o600)
    server.answer(cookie_response("s=; Path=/; Max-Age=0"))
    run(f"--cookie-jar={jar}", server.url)
    assert jar.read_text() == jar_line("t")


def test_cookies_of_all_redirects_are_stored_for_their_hosts(
    server: RawServer, other_server: RawServer, jar: Path
) -> None:
    elsewhere = f"http://localhost:{other_server.port}/"
    server.answer(cookie_response("a=1", status="302 Found", location=elsewhere))
    other_server.answer(cookie_response("b=2"))
    run("--follow", f"--cookie-jar={jar}", server.url)
    assert other_server.request.header("Cookie") is None
    assert jar_cookies(jar) == {"a": "1", "b": "2"}


def test_typed_cookie_is_sent_but_not_stored(server: RawServer, jar: Path) -> None:
    jar.write_text(jar_line("s") + jar_line("t"))
    jar.chmod(0o600)
    run(f"--cookie-jar={jar}", server.url, "Cookie:s=typed")
    assert server.request.header("Cookie") == "s=typed; t=1"
    assert jar_cookies(jar) == {"s": "1", "t": "1"}


def test_invalid_line_is_reported_before_any_request(server: RawServer, jar: Path) -> None:
    server.assert_not_called()
    jar.write_text("# mine\nhost FALSE / FALSE 0 a 1\n")
    before = jar.read_bytes()
    result = run(f"--cookie-jar={jar}", server.url)
    assert result.status == 17
    assert f"{jar}:2: invalid cookie" in result.err
    assert "fix the line" in result.err
    assert jar.read_bytes() == before


def test_unusable_jar_path_is_an_error(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    server.assert_not_called()
    result = run(f"--cookie-jar={tmp_path}/file/jar", server.url)
    assert (result.status, "the cookie jar cannot be read: not a directory" in result.err) == (
        17,
        True,
    )


@pytest.mark.parametrize("name", ["", "-"])
def test_jar_option_without_a_file_name_is_a_usage_error(server: RawServer, name: str) -> None:
    server.assert_not_called()
    result = run(f"--cookie-jar={name}", server.url)
    assert (result.status, "--cookie-jar" in result.err) == (10, True)


@pytest.mark.parametrize("other", ["session", "session-read-only"])
def test_jar_and_session_exclude_each_other(server: RawServer, jar: Path, other: str) -> None:
    server.assert_not_called()
    result = run(f"--cookie-jar={jar}", f"--{other}=me", server.url)
    assert result.status == 10
    assert f"--cookie-jar and --{other} cannot be used together" in result.err


def test_jar_readable_by_others_gives_one_warning_and_is_made_private(
    server: RawServer, jar: Path
) -> None:
    jar.write_text(jar_line("s"))
    jar.chmod(0o644)
    result = run(f"--cookie-jar={jar}", server.url)
    assert result.err.count(": other users can read this secret; run: chmod 600") == 1
    assert jar.stat().st_mode & 0o777 == 0o600
    assert run(f"--cookie-jar={jar}", server.url).err == ""


def test_jar_without_cookies_gives_no_warning(server: RawServer, jar: Path) -> None:
    jar.write_text("# nothing yet\n")
    jar.chmod(0o644)
    assert run(f"--cookie-jar={jar}", server.url).err == ""


def test_cookie_that_cannot_be_stored_gives_a_warning(server: RawServer, jar: Path) -> None:
    server.answer(cookie_response("s=1\t2", "t=3"))
    result = run(f"--cookie-jar={jar}", server.url)
    assert (result.status, "the cookie s contains a tab" in result.err) == (0, True)
    assert jar_cookies(jar) == {"t": "3"}


@pytest.mark.wide
def test_concurrent_runs_lose_no_cookies(server: RawServer, jar: Path) -> None:
    both_have_read = threading.Event()
    for name in ("a", "b"):
        server.answer(wait_for_event(both_have_read), cookie_response(f"{name}=1"))
    option = f"--cookie-jar={jar}"
    with start_process(option, server.url) as first, start_process(option, server.url) as second:
        server.wait_for_requests(2)
        both_have_read.set()
        for child in (first, second):
            _, err = child.communicate(timeout=30)
            assert (shell_status(child.returncode), err) == (0, b"")
    assert jar_cookies(jar) == {"a": "1", "b": "1"}


def test_offline_run_reads_but_does_not_write_the_jar(jar: Path) -> None:
    assert run("--offline", f"--cookie-jar={jar}", "h.example").status == 0
    assert not jar.exists()
    jar.write_text("h.example\tFALSE\t/\tFALSE\t0\ta\t1\n")
    jar.chmod(0o600)
    assert "Cookie: a=1" in run("--offline", f"--cookie-jar={jar}", "h.example").text


def test_echo_does_not_use_the_jar(jar: Path) -> None:
    result = run(f"--cookie-jar={jar}", "echo:/cookies/set?a=1")
    assert "echo: URLs do not use the cookie jar" in result.err
    assert not jar.exists()


def test_cookie_for_a_public_suffix_is_rejected(server: RawServer, jar: Path) -> None:
    server.answer(cookie_response("all=1; Domain=co.uk", "ours=2; Domain=shop.co.uk", "mine=3"))
    connect_to = f"--connect-to=::127.0.0.1:{server.port}"
    run(connect_to, f"--cookie-jar={jar}", "http://www.shop.co.uk")
    run(connect_to, f"--cookie-jar={jar}", "http://pay.shop.co.uk")
    assert [request.header("Cookie") for request in server.requests] == [None, "ours=2"]
    assert jar_cookies(jar) == {"ours": "2", "mine": "3"}
