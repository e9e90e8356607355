"""Cookies: a server cannot make requests grow without bounds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.memory import measure
from tests.support.run import run_process
from tests.support.servers import RawServer

PEAK = 80
"""MiB."""
REDIRECTS = 30
WARNING = "some cookies are left out"


def redirect(*cookies: str) -> bytes:
    lines = [f"Set-Cookie: {cookie}" for cookie in cookies]
    return response("", "Location: /next", *lines, status="302 Found")


def cookie_header(server: RawServer) -> str:
    """Return the Cookie header of the last request; empty without one."""
    return server.requests[-1].header("Cookie") or ""


def follow(*cookies: str, options: Iterable[str] = ()) -> tuple[str, str, RawServer]:
    """Follow a redirect that sets cookies; return the Cookie header and stderr."""
    with RawServer() as server:
        server.answer(redirect(*cookies))
        result = run_process("--follow", "--max-header-size=2MB", server.url, *options)
        assert result.status == 0, result.err
    return cookie_header(server), result.err, server


@pytest.mark.wide
def test_redirects_that_set_many_large_cookies_do_not_grow_the_request() -> None:
    with RawServer() as server:
        for hop in range(REDIRECTS):
            server.answer(redirect(*(f"c{hop}-{n}={'v' * 3000}" for n in range(300))))
        result = measure("--follow", "--max-header-size=2MB", server.url)
    assert result.status == 0, result.err
    assert result.peak < PEAK
    assert max(len(request.head) for request in server.requests) < 10_000
    assert result.err.count(WARNING) == 1


@pytest.mark.wide
def test_redirects_that_set_many_small_cookies_do_not_grow_the_request() -> None:
    with RawServer() as server:
        for hop in range(REDIRECTS):
            server.answer(redirect(*(f"{hop}-{n}=" for n in range(9000))))
        result = measure("--follow", server.url)
    assert result.status == 0, result.err
    assert result.peak < PEAK
    assert len(cookie_header(server).split("; ")) == 180
    assert result.err.count(WARNING) == 1


@pytest.mark.wide
def test_cookies_that_are_set_and_deleted_take_no_memory(tmp_path: Path) -> None:
    with RawServer() as server:
        for hop in range(REDIRECTS):
            names = [f"{hop}-{n}" for n in range(3000)]
            lines = [f"{name}={end}" for name in names for end in ("1", "; Max-Age=0")]
            server.answer(redirect(*lines))
        result = measure(
            "--follow", "--max-header-size=2MB", f"--cookie-jar={tmp_path}/jar", server.url
        )
    assert result.status == 0, result.err
    assert result.peak < PEAK
    assert not cookie_header(server)


def test_host_can_set_180_cookies() -> None:
    header, err, _ = follow(*(f"c{n}=v" for n in range(300)))
    assert header == "; ".join(f"c{n}=v" for n in range(180))
    assert err.count(WARNING) == 1
    header, err, _ = follow(*(f"c{n}=v" for n in range(180)), "c0=new")
    assert header.startswith("c0=new; c1=v;")
    assert WARNING not in err


def test_deleted_and_expired_cookies_make_room() -> None:
    full = [f"c{n}=v" for n in range(180)]
    header, err, _ = follow(*full, "c0=; Max-Age=0", "last=v")
    assert header.endswith("; last=v")
    assert WARNING not in err


def test_cookie_header_has_8_kib_longest_path_first_then_oldest() -> None:
    large = "v" * 3000
    header, err, _ = follow(
        f"old={large}", f"middle={large}", f"new={large}", f"deep={large}; Path=/next"
    )
    assert [pair.partition("=")[0] for pair in header.split("; ")] == ["deep", "old"]
    assert len(header) <= 8192
    assert err.count(WARNING) == 1


def test_typed_cookies_are_always_sent() -> None:
    typed = f"typed={'t' * 9000}"
    header, err, _ = follow("stored=v", options=[f"Cookie:{typed}"])
    assert header == typed
    assert err.count(WARNING) == 1


def test_cookie_of_more_than_4_kib_is_left_out() -> None:
    header, err, _ = follow(f"large={'v' * 4092}", f"fits={'v' * 4092}")
    assert header == f"fits={'v' * 4092}"
    assert err.count(WARNING) == 1


@pytest.mark.parametrize("kind", ["--session", "--cookie-jar"])
def test_stored_cookies_are_limited(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "file.json"
    with RawServer() as server:
        for start in (0, 100, 200):
            lines = [f"Set-Cookie: c{n}=v; Max-Age=1000" for n in range(start, start + 100)]
            server.answer(response("", *lines))
            result = run_process(f"{kind}={file}", server.url)
            assert result.status == 0
            assert (WARNING in result.err) is (start > 0)
        run_process(f"{kind}={file}", server.url)
    assert len(cookie_header(server).split("; ")) == 180
    if kind == "--session":
        assert len(json.loads(file.read_text())["cookies"]) == 180


def test_cookies_of_a_batch_are_limited_with_one_warning(tmp_path: Path) -> None:
    with RawServer() as server:
        server.answer_always(response("", *(f"Set-Cookie: c{n}=v" for n in range(300))))
        lines = tmp_path / "lines"
        lines.write_text(f"{server.url}/\n" * 4)
        result = run_process(
            f"--batch={lines}", "--jobs=1", f"--cookie-jar={tmp_path}/jar", env={}
        )
    assert result.status == 0, result.err
    assert len(cookie_header(server).split("; ")) == 180
    assert result.err.count(WARNING) == 1


def test_host_below_another_shares_the_limit_of_its_parent() -> None:
    with RawServer() as server:
        server.answer(redirect(*(f"c{n}=v; Domain=example.test" for n in range(300))))
        server.answer(redirect(*(f"d{n}=v" for n in range(300))))
        run_process(
            "--follow",
            f"--connect-to=::{server.host}:{server.port}",
            "http://deep.example.test/",
        )
    assert len(cookie_header(server).split("; ")) == 180
