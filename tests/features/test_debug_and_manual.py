"""``--debug``, ``--traceback``, ``--manual``, ``--max-headers`` and the program's name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.run import run, run_process
from tests.support.servers import RawServer
from tests.support.terminal import Terminal


def test_debug_alone_prints_versions_and_environment() -> None:
    result = run("--debug", env={"LANG": "C.UTF-8"})
    assert (result.status, result.out) == (0, b"")
    for line in ("httpcli: ", "aiohttp: 3.", "OpenSSL: ", "stdin: other", "LANG: C.UTF-8"):
        assert line in result.err


def test_debug_prints_the_planned_request(server: RawServer) -> None:
    result = run("--debug", "--follow", "PUT", server.url + "/x", "a=b", "X-A:1")
    assert result.out == b"ok\n"
    for line in (
        f"request: PUT {server.url}/x",
        "field: X-A: 1",
        "content: bytes, 10 bytes",
        "follow: up to 30",
        "show: b",
    ):
        assert line + "\n" in result.err


def test_debug_prints_no_secret() -> None:
    env = {
        "HIDDEN": "hush-1",
        "HTTPS_PROXY": "http://me:hush-2@proxy:1",
        "all_proxy": "u:hush-3@p",
    }
    result = run(
        *("--debug", "--offline", "--show-secrets", "-a", "me:hush-4", "h.x?key=hush-5"),
        *("X-Api-Key:hush-6", "Cookie:name=hush-7", "q==@env:HIDDEN", "a=hush-8"),
        env=env,
    )
    shown = result.err.replace("q=hush-1", "")  # shown because of --show-secrets
    assert "hush" not in shown


def test_debug_redacts_references_in_the_url() -> None:
    result = run("--debug", "--offline", "h.x", "q==@env:HIDDEN", env={"HIDDEN": "hush-1"})
    assert "hush" not in result.err


def test_traceback_option_prints_the_traceback() -> None:
    plain = run_process("foo://x")
    traced = run_process("--traceback", "foo://x")
    assert "Traceback" not in plain.err
    assert traced.err.startswith("Traceback")
    assert traced.err.endswith(plain.err)
    assert traced.status == plain.status == 10


def test_manual_shows_the_help_in_a_pager() -> None:
    assert run("--manual").out == run("--help").out
    with Terminal("--manual", env={"PAGER": "sed s/^/paged:/", "MANPAGER": None}) as screen:
        assert screen.wait() == 0
        assert "paged:usage: httpcli" in screen.text


@pytest.mark.wide
def test_link_named_https_makes_https_the_default(tmp_path: Path) -> None:
    link = tmp_path / "https"
    link.write_text(f"#!{sys.executable}\nfrom httpcli.__main__ import main\nmain()\n")
    link.chmod(0o755)
    by_name = run_process("--debug", "--offline", "h.x", program=[str(link)])
    assert "request: GET https://h.x/" in by_name.err
    by_option = run_process(
        "--debug", "--default-scheme=http", "--offline", "h.x", program=[str(link)]
    )
    assert "request: GET http://h.x/" in by_option.err


def test_more_headers_than_max_headers_is_an_error(server: RawServer) -> None:
    server.answer_always(response("x", "A: 1", "B: 2"))  # and Content-Length
    refused = run("--max-headers=2", server.url)
    assert (refused.status, refused.out) == (13, b"")
    assert "more than 2 headers" in refused.err
    for enough in ("3", "0", "20000"):
        assert run(f"--max-headers={enough}", server.url).out == b"x"


def test_history_print_value_is_validated() -> None:
    assert run("--offline", "-P", "hb", "h.x").out == run("--offline", "h.x").out
    wrong = run("--offline", "--history-print=Z", "h.x")
    assert wrong.status == 10
    assert "--history-print=Z: unknown letter 'Z'" in wrong.err
