"""HTTPie and httpcli share one session (``HTTPIE_CONFIG_DIR``), each in run_program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import HTTPCLI
from tests.support.http_connection import ReceivedRequest, response
from tests.support.run import run_process
from tests.support.servers import RawServer

pytestmark = pytest.mark.slow

RunWithSession = Callable[..., ReceivedRequest]

EXPOSED = "s.json: other users can read this secret"
PARTS = ("Authorization", "Cookie", "X-A", "Accept")


@pytest.fixture
def folder(home: Path) -> Path:
    """Return a settings folder for HTTPie, with its update check disabled."""
    made = home / "httpie"
    made.mkdir()
    (made / "config.json").write_text('{"disable_update_warnings": true}')
    return made


@pytest.fixture
def run_program(folder: Path, httpie: str, server: RawServer) -> RunWithSession:
    """Return a function that runs one program with the session and returns its request."""

    def run_one(program_name: str, *argv: str, host: str = "127.0.0.1") -> ReceivedRequest:
        program = (httpie, "--ignore-stdin") if program_name == "httpie" else HTTPCLI
        words = ["--session=s", *(f"{host}:{server.port}" if a == "URL" else a for a in argv)]
        result = run_process(*words, program=program, env={"HTTPIE_CONFIG_DIR": str(folder)})
        # HTTPie's files may be readable for others; httpcli warns once and makes them private.
        messages = [line for line in result.err.splitlines() if EXPOSED not in line]
        assert (result.status, messages) == (0, [])
        return server.requests[-1]

    return run_one


def session(folder: Path, server: RawServer, host: str = "127.0.0.1") -> dict[str, Any]:
    path = folder / "sessions" / f"{host}_{server.port}" / "s.json"
    assert [each.name for each in path.parent.iterdir()] == ["s.json"]
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


@pytest.mark.parametrize("first", ["httpie", "httpcli"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_session_of_one_program_is_used_by_the_other(
    run_program: RunWithSession, server: RawServer, folder: Path, first: str, host: str
) -> None:
    second = "httpcli" if first == "httpie" else "httpie"
    cookies = ("Set-Cookie: s=1; Secure" if host == "localhost" else "Set-Cookie: s=1",)
    server.answer(response("", *cookies, "Set-Cookie: p=2; Path=/x; Max-Age=1000"))
    run_program(first, "-a", "me:p:w", "URL", "X-A:1", "X-A:2", "a=b", "Cookie:t=0", host=host)
    got = run_program(second, "GET", "URL", host=host)
    assert [got.header_values(name) for name in PARTS] == [
        ["Basic bWU6cDp3"],
        ["t=0; s=1"],
        ["1", "2"],
        ["application/json, */*;q=0.5"],
    ]
    server.answer(response("", "Set-Cookie: s=3", "Set-Cookie: p=; Path=/x; Max-Age=0"))
    run_program(second, "-A", "bearer", "-a", "token", "URL", "X-A:4", host=host)
    got = run_program(first, "GET", "URL", host=host)
    assert [got.header_values(name) for name in PARTS[:3]] == [
        ["Bearer token"],
        ["t=0; s=3"],
        ["4"],
    ]
    assert sorted(each["name"] for each in session(folder, server, host)["cookies"]) == ["s", "t"]


def test_httpie_accepts_our_session_files(
    run_program: RunWithSession, server: RawServer, folder: Path
) -> None:
    server.answer(response("", "Set-Cookie: s=1"))
    run_program("httpcli", "URL", "X-A:1")
    ours = session(folder, server)
    run_program("httpie", "URL")
    theirs = session(folder, server)
    assert theirs.pop("__meta__")["httpie"] == ours.pop("__meta__")["httpie"] == "3.2.4"
    assert theirs == ours


def test_metadata_of_httpie_is_preserved(
    run_program: RunWithSession, server: RawServer, folder: Path
) -> None:
    run_program("httpie", "URL", "X-A:1")
    before = session(folder, server)
    run_program("httpcli", "URL", "X-B:2")
    after = session(folder, server)
    assert after.pop("headers") == [*before.pop("headers"), {"name": "X-B", "value": "2"}]
    assert after == before


def test_old_layout_is_preserved(
    run_program: RunWithSession, server: RawServer, folder: Path, httpie: str
) -> None:
    path = folder / "sessions" / f"127.0.0.1_{server.port}" / "s.json"
    path.parent.mkdir(parents=True)
    old = {
        "__meta__": {"httpie": "2.4.0"},
        "auth": {"type": "basic", "username": "me", "password": "p:w"},
        "cookies": {"c": {"value": "1", "path": "/", "domain": "127.0.0.1"}},
        "headers": {"X-A": "1"},
    }
    path.write_text(json.dumps(old))
    server.answer(response("", "Set-Cookie: d=2"))
    run_program("httpcli", "-a", "you:pw", "URL", "X-A:3")
    written = session(folder, server)
    assert written["headers"] == {"X-A": "3"}
    assert written["auth"] == {"type": "basic", "username": "you", "password": "pw"}
    assert set(written["cookies"]) == {"c", "d"}
    words = ["--session=s", f"127.0.0.1:{server.port}"]
    env = {"HTTPIE_CONFIG_DIR": str(folder)}
    read = run_process(*words, program=(httpie, "--ignore-stdin"), env=env)
    assert read.status == 0
    assert "Outdated layout" in read.err
    got = server.requests[-1]
    assert [got.header(name) for name in PARTS[:3]] == ["Basic eW91OnB3", "c=1; d=2", "3"]
