"""A file of cookies: what servers set is there again in the next run, and for other tools."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.support.result import shell_status
from tests.support.run import run, started
from tests.support.servers import RawServer
from tests.support.wire import after, response


def setting(*cookies: str, status: str = "200 OK", location: str = "") -> bytes:
    fields = [f"Set-Cookie: {cookie}" for cookie in cookies]
    if location:
        fields.append(f"Location: {location}")
    return response("ok", *fields, status=status)


def cookies_in(path: Path) -> dict[str, str]:
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    return {row[5]: row[6] for row in rows if len(row) == 7}


def line(name: str, value: str = "1") -> str:
    return f"127.0.0.1\tFALSE\t/\tFALSE\t0\t{name}\t{value}\n"


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    return tmp_path / "cookies.txt"


def test_cookies_come_back_in_the_next_run(server: RawServer, jar: Path) -> None:
    server.answer(setting("s=1", "t=2; Max-Age=100; HttpOnly"))
    first = run(f"--cookie-jar={jar}", server.url)
    assert (first.status, first.err) == (0, "")
    assert jar.stat().st_mode & 0o777 == 0o600
    run("--cookie-jar", str(jar), server.url)
    assert server.requests[1].field("Cookie") == "s=1; t=2"


def test_a_name_is_relative_to_where_one_is_and_home_can_be_said(
    server: RawServer, home: Path, tmp_path: Path
) -> None:
    server.always(setting("s=1"))
    run("--cookie-jar=jar", server.url, cwd=tmp_path)
    run("--cookie-jar=~/jar", server.url)
    assert cookies_in(tmp_path / "jar") == cookies_in(home / "jar") == {"s": "1"}


def test_an_error_of_the_server_is_a_finished_run(server: RawServer, jar: Path) -> None:
    server.answer(setting("s=1", status="500 Oh"))
    assert run("--check-status", f"--cookie-jar={jar}", server.url).status == 5
    assert cookies_in(jar) == {"s": "1"}


def test_a_server_takes_its_cookie_away(server: RawServer, jar: Path) -> None:
    jar.write_text(line("s") + line("t"))
    jar.chmod(0o600)
    server.answer(setting("s=; Path=/; Max-Age=0"))
    run(f"--cookie-jar={jar}", server.url)
    assert jar.read_text() == line("t")


def test_cookies_of_all_hops_are_kept_and_none_leaves_its_host(
    server: RawServer, other_server: RawServer, jar: Path
) -> None:
    elsewhere = f"http://localhost:{other_server.port}/"
    server.answer(setting("a=1", status="302 Found", location=elsewhere))
    other_server.answer(setting("b=2"))
    run("--follow", f"--cookie-jar={jar}", server.url)
    assert other_server.request.field("Cookie") is None
    assert cookies_in(jar) == {"a": "1", "b": "2"}


def test_what_is_typed_is_sent_and_not_kept(server: RawServer, jar: Path) -> None:
    jar.write_text(line("s") + line("t"))
    jar.chmod(0o600)
    run(f"--cookie-jar={jar}", server.url, "Cookie:s=typed")
    assert server.request.field("Cookie") == "s=typed; t=1"
    assert cookies_in(jar) == {"s": "1", "t": "1"}


def test_a_broken_line_is_told_before_anything_is_sent(server: RawServer, jar: Path) -> None:
    server.must_be_idle()
    jar.write_text("# mine\nhost FALSE / FALSE 0 a 1\n")
    before = jar.read_bytes()
    result = run(f"--cookie-jar={jar}", server.url)
    assert result.status == 17
    assert f"{jar}:2: not a line of a cookie file" in result.err
    assert "mend it" in result.err
    assert jar.read_bytes() == before


def test_what_cannot_be_written_is_told(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    server.must_be_idle()
    result = run(f"--cookie-jar={tmp_path}/file/jar", server.url)
    assert (result.status, "the cookie jar cannot be read: not a directory" in result.err) == (
        17,
        True,
    )


@pytest.mark.parametrize("name", ["", "-"])
def test_a_jar_has_a_name(server: RawServer, name: str) -> None:
    server.must_be_idle()
    result = run(f"--cookie-jar={name}", server.url)
    assert (result.status, "names no file" in result.err) == (10, True)


@pytest.mark.parametrize("other", ["session", "session-read-only"])
def test_a_jar_and_a_session_exclude_each_other(server: RawServer, jar: Path, other: str) -> None:
    server.must_be_idle()
    result = run(f"--cookie-jar={jar}", f"--{other}=me", server.url)
    assert result.status == 10
    assert f"--cookie-jar and --{other} exclude each other" in result.err


def test_a_jar_that_others_can_read_is_told_once_and_closed(server: RawServer, jar: Path) -> None:
    jar.write_text(line("s"))
    jar.chmod(0o644)
    result = run(f"--cookie-jar={jar}", server.url)
    assert result.err.count("a secret file that others can read") == 1
    assert jar.stat().st_mode & 0o777 == 0o600
    assert run(f"--cookie-jar={jar}", server.url).err == ""


def test_a_jar_without_cookies_has_no_secrets(server: RawServer, jar: Path) -> None:
    jar.write_text("# nothing yet\n")
    jar.chmod(0o644)
    assert run(f"--cookie-jar={jar}", server.url).err == ""


def test_a_cookie_that_no_line_can_hold_is_told(server: RawServer, jar: Path) -> None:
    server.answer(setting("s=1\t2", "t=3"))
    result = run(f"--cookie-jar={jar}", server.url)
    assert (result.status, "the cookie s has a tab in it" in result.err) == (0, True)
    assert cookies_in(jar) == {"t": "3"}


def test_two_runs_at_once_lose_no_cookie(server: RawServer, jar: Path) -> None:
    both_have_read = threading.Event()
    for name in ("a", "b"):
        server.answer(after(both_have_read), setting(f"{name}=1"))
    option = f"--cookie-jar={jar}"
    with started(option, server.url) as one, started(option, server.url) as two:
        server.wait_for_requests(2)
        both_have_read.set()
        for run_ in (one, two):
            _, err = run_.communicate(timeout=30)
            assert (shell_status(run_.returncode), err) == (0, b"")
    assert cookies_in(jar) == {"a": "1", "b": "1"}


def test_nothing_is_kept_where_nothing_is_sent(jar: Path) -> None:
    assert run("--offline", f"--cookie-jar={jar}", "h.example").status == 0
    assert not jar.exists()
    jar.write_text("h.example\tFALSE\t/\tFALSE\t0\ta\t1\n")
    jar.chmod(0o600)
    assert "Cookie: a=1" in run("--offline", f"--cookie-jar={jar}", "h.example").text


def test_echo_leaves_no_jar(jar: Path) -> None:
    result = run(f"--cookie-jar={jar}", "echo:/cookies/set?a=1")
    assert "the cookie jar is not used" in result.err
    assert not jar.exists()


def test_no_server_sets_a_cookie_for_all_of_a_public_suffix(server: RawServer, jar: Path) -> None:
    server.answer(setting("all=1; Domain=co.uk", "ours=2; Domain=shop.co.uk", "mine=3"))
    way = f"--connect-to=::127.0.0.1:{server.port}"
    run(way, f"--cookie-jar={jar}", "http://www.shop.co.uk")
    run(way, f"--cookie-jar={jar}", "http://pay.shop.co.uk")
    assert [request.field("Cookie") for request in server.requests] == [None, "ours=2"]
    assert cookies_in(jar) == {"ours": "2", "mine": "3"}
