"""What bounds a download: rates that all share, silence, sizes that lie, tries."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.origin import Origin, Version, cut_head_at
from tests.support.run import run
from tests.support.servers import RawServer
from tests.support.wire import Connection, Received, response, stall

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin(Version(CONTENT)) as running:
        yield running


def test_all_files_share_one_rate(server: RawServer, tmp_path: Path) -> None:
    server.always(response(CONTENT[:40_000]))
    urls = [f"{server.url}/{name}" for name in "abc"]
    began = time.monotonic()
    assert run("download", "--limit-rate=100kB", "--jobs=3", *urls).status == 0
    assert time.monotonic() - began >= 1.1  # each by itself would take 0.4 s
    assert [len((tmp_path / name).read_bytes()) for name in "abc"] == [40_000] * 3


def test_a_download_that_stands_still_is_given_up_and_gone_on_with(
    origin: Origin, tmp_path: Path
) -> None:
    def half(origin: Origin, request: Received, connection: Connection) -> None:
        head, gap, content = origin.answer(request).partition(b"\r\n\r\n")
        connection.send(head + gap + content[:50_000])
        stall(connection)

    origin.but(half)
    result = run("-d", "--min-rate=1kB:300ms", "--retry-delay=0", f"{origin.url}/f")
    assert result.status == 0
    assert "less than 1000 bytes a second for 0.3 s" in result.err
    assert origin.asked == [None, "bytes=50000-"]
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_more_than_was_announced_is_no_file(server: RawServer, tmp_path: Path) -> None:
    """One length or the other is wrong, and nobody can tell which."""
    (tmp_path / "f").write_text("good")
    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst and more")
    result = run("-d", "--retry=0", f"{server.url}/f", "-o", "f")
    assert result.status == 13
    assert (tmp_path / "f").read_text() == "good"


@pytest.mark.parametrize("words", [("-d",), ("download",)])
def test_a_download_has_five_more_tries(origin: Origin, words: tuple[str, ...]) -> None:
    origin.but(*[cut_head_at(9)] * 7)
    result = run(*words, "--retry-delay=0", f"{origin.url}/f")
    assert result.status == 12
    assert len(origin.requests) == 6
    assert "1 try left" in result.err


def test_updates_in_a_log_are_lines_now_and_then(
    server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every half minute, that is."""
    monkeypatch.setattr("httpcli.progress.lines._PLAIN_EVERY", 0.05)
    whole = response(CONTENT * 11)

    def wait(connection: Connection) -> None:
        connection.stopping.wait(0.3)

    server.answer(whole[:-400_000], wait, whole[-400_000:])
    lines = run("download", "--progress=plain", f"{server.url}/f").err.splitlines()
    assert lines[0] == "f: 1.1 MiB"
    assert any(re.match(r"f: [4-6]\d% of 1\.1 MiB, .*/s, 0:00 left", line) for line in lines)
    assert lines[-1].startswith("f: 1.1 MiB in 0.")
    assert (tmp_path / "f").read_bytes() == CONTENT * 11
