"""Downloads from nginx: slow, interrupted, resumed, compressed, without validators."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.peers import Peer, free_ports, listening
from tests.support.environment import HTTPCLI
from tests.support.other_programs import require_program
from tests.support.run import run_process, start_process

pytestmark = pytest.mark.slow

CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log {folder}/access.log combined;
    log_format requests '$status $http_range';
    access_log {folder}/requests.log requests;
    default_type application/octet-stream;
    types {{ text/plain txt; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    root {folder}/www;
    server {{
        listen 127.0.0.1:{port};
        location /slow/ {{ alias {folder}/www/; limit_rate 2m; }}
        location /untagged/ {{ alias {folder}/www/; limit_rate 2m; etag off; }}
        location /unproven/ {{
            alias {folder}/www/; limit_rate 2m; etag off; add_header Last-Modified "";
        }}
        location /whole/ {{ alias {folder}/www/; limit_rate 2m; max_ranges 0; }}
        location /limited/ {{ alias {folder}/www/; limit_rate 6m; }}
        location /packed/ {{
            alias {folder}/www/; gzip on; gzip_min_length 1; gzip_types *;
        }}
    }}
}}
"""
CONTENT = os.urandom(6_000_000)
WHOLE = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def nginx_of_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Serve one file at several speeds and with several validators."""
    program = require_program("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "www").mkdir()
    (folder / "www" / "f").write_bytes(CONTENT)
    (port,) = free_ports(1)
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port))
    command = [program, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    with listening(command, port, folder / "server.log"):
        yield Peer(port, folder)


def logged_requests(nginx: Peer) -> list[str]:
    return (nginx.folder / "requests.log").read_text().splitlines()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def interrupted(url: str, folder: Path) -> None:
    """Start a download, and interrupt it when some bytes are saved."""
    with start_process("-d", url, "-o", "f") as child:
        while child.poll() is None and not _has_some(folder / "f.part"):
            os.sched_yield()
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
        assert child.returncode == 130
    assert not (folder / "f").exists()


def _has_some(path: Path) -> bool:
    try:
        return path.stat().st_size > 500_000
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("place", ["slow", "untagged"])
def test_interrupted_download_is_resumed(nginx_of_files: Peer, tmp_path: Path, place: str) -> None:
    url = f"{nginx_of_files.url}/{place}/f"
    interrupted(url, tmp_path)
    result = run_process("-dc", url, "-o", "f")
    assert result.status == 0
    assert digest(tmp_path / "f") == WHOLE
    assert logged_requests(nginx_of_files)[-1].startswith("206 bytes=")
    again = run_process("-dc", url, "-o", "f")
    assert again.status == 0
    assert "already complete" in again.err


@pytest.mark.parametrize("place", ["unproven", "whole"])
def test_download_restarts_without_validators_or_ranges(
    nginx_of_files: Peer, tmp_path: Path, place: str
) -> None:
    url = f"{nginx_of_files.url}/{place}/f"
    interrupted(url, tmp_path)
    assert run_process("-dc", url, "-o", "f").status == 0
    assert digest(tmp_path / "f") == WHOLE
    assert logged_requests(nginx_of_files)[-1].startswith("200 ")


def test_download_restarts_if_the_file_changed(nginx_of_files: Peer, tmp_path: Path) -> None:
    served = nginx_of_files.folder / "www" / "changing"
    served.write_bytes(CONTENT)
    url = f"{nginx_of_files.url}/slow/changing"
    interrupted(url, tmp_path)
    other = CONTENT[::-1]
    served.write_bytes(other)
    os.utime(served, (1_700_000_000, 1_700_000_000))
    result = run_process("-dc", url, "-o", "f")
    assert result.status == 0
    assert "starting over: the file has changed on the server" in result.err
    assert (tmp_path / "f").read_bytes() == other


def test_download_is_not_compressed(nginx_of_files: Peer, tmp_path: Path) -> None:
    result = run_process("-d", "-p", "h", f"{nginx_of_files.url}/packed/f", "-o", "f")
    assert result.status == 0
    assert "content-encoding" not in result.err.lower()
    assert digest(tmp_path / "f") == WHOLE


def test_rate_limit_per_connection_makes_the_download_segmented(
    nginx_of_files: Peer, tmp_path: Path
) -> None:
    content = CONTENT * 5
    (nginx_of_files.folder / "www" / "long").write_bytes(content)
    url = f"{nginx_of_files.url}/limited/long"
    before = len(logged_requests(nginx_of_files))
    result = run_process("download", url, "-o", "f")
    assert (result.status, result.out) == (0, b"f\n")
    assert (tmp_path / "f").read_bytes() == content
    parts = [
        each for each in logged_requests(nginx_of_files)[before:] if each.startswith("206 bytes=")
    ]
    assert len(parts) >= 2
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "home") == ["f"]


def test_memory_does_not_grow_with_the_file(nginx_of_files: Peer, tmp_path: Path) -> None:
    """A 200 MB download needs hardly more memory than an empty one."""
    (nginx_of_files.folder / "www" / "none").write_bytes(b"")
    with (nginx_of_files.folder / "www" / "large").open("wb") as file:
        file.truncate(200_000_000)
    peaks = [_peak(f"{nginx_of_files.url}/{name}") for name in ("none", "large")]
    assert (tmp_path / "large").stat().st_size == 200_000_000
    assert peaks[1] - peaks[0] < 8_000, "kilobytes"


def _peak(url: str) -> int:
    """Download, and return the peak memory in kilobytes."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    result = run_process("-dq", url, program=(sys.executable, "-c", script, *HTTPCLI))
    assert result.status == 0, result.err
    return int(result.out) // (1024 if sys.platform == "darwin" else 1)
