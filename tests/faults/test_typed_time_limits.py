"""Time limits: the typed one rules, 0 is never, and an error names what was running."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.http_connection import response, stall
from tests.support.proxy import ProxyServer
from tests.support.run import run_process, start_process
from tests.support.servers import RawServer, SilentServer

BODY = "receiving the response body"


@pytest.fixture
def silent_server() -> Iterator[SilentServer]:
    with SilentServer() as running:
        yield running


@pytest.mark.parametrize(
    "command", [(), pytest.param(("download",), marks=pytest.mark.wide)], ids=["get", "download"]
)
def test_the_whole_time_ends_while_the_body_is_received(
    server: RawServer, tmp_path: Path, command: tuple[str, ...]
) -> None:
    server.answer(response("half and more")[:-4], stall)
    result = run_process(*command, "--max-time=1", f"-o{tmp_path / 'f'}", server.url)
    assert result.status == 2
    assert f"timed out after 1 s ({BODY})" in result.err
    assert "stopped sending" not in result.err


@pytest.mark.wide
def test_the_whole_time_ends_while_the_body_is_sent(silent_server: SilentServer) -> None:
    url = f"http://{silent_server.address}/"
    result = run_process("--max-time=1", "POST", url, stdin=b"x" * 30_000_000)
    assert result.status == 2
    assert "timed out after 1 s (sending the request body)" in result.err


@pytest.mark.wide
def test_the_whole_time_ends_while_a_response_to_a_sent_body_is_missing(
    server: RawServer,
) -> None:
    server.answer(stall)
    result = run_process("--max-time=1", "--chunked", "POST", server.url, stdin=b"x")
    assert result.status == 2
    assert "timed out after 1 s (no response from the server)" in result.err


@pytest.mark.slow
def test_a_longer_limit_or_none_goes_beyond_the_limits_of_the_libraries(
    proxy: ProxyServer, silent_server: SilentServer
) -> None:
    url = f"https://{silent_server.address}/"
    tunnel = f"--proxy={proxy.url}"
    commands = [
        ("--connect-timeout=63", url),
        ("--connect-timeout=63", tunnel, url),
        ("--timeout=63", url),
        ("--timeout=0", "--max-time=63", url),
        ("--connect-timeout=0", "--max-time=63", url),
        ("--connect-timeout=0", "--max-time=63", tunnel, url),
    ]
    began = time.monotonic()
    with ExitStack() as stack:
        children = [stack.enter_context(start_process(*command)) for command in commands]
        for child in children:
            _, err = child.communicate(timeout=100)
            assert child.returncode == 2, err
            assert b"the TLS handshake did not finish" in err
    assert time.monotonic() - began > 62
