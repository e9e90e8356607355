"""Real proxies, and the connection options compared with curl's."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.other_programs import require_program
from tests.support.proxy import ProxyServer
from tests.support.run import run
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, UnixServer

if TYPE_CHECKING:
    from tests.interop.peers import Peer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_microsocks_carries_http_and_https(
    microsocks: Peer, server: RawServer, tls_server: RawServer, ca_file: str, scheme: str
) -> None:
    proxy = f"--proxy={scheme}://ann:secret@127.0.0.1:{microsocks.port}"
    assert run(proxy, server.url.replace("127.0.0.1", "localhost")).text == "ok\n"
    url = tls_server.url.replace("127.0.0.1", "localhost")
    assert run(proxy, f"--verify={ca_file}", url).text == "ok\n"


def test_microsocks_rejects_wrong_credentials(microsocks: Peer) -> None:
    for argv in ([], ["--proxy-auth=ann:wrong"]):
        proxy = f"--proxy=socks5h://127.0.0.1:{microsocks.port}"
        result = run(proxy, *argv, "http://localhost:1/")
        assert result.status == 15
        assert "--proxy-auth" in result.err


def test_microsocks_reports_a_refused_connection(microsocks: Peer) -> None:
    proxy = f"--proxy=socks5h://ann:secret@127.0.0.1:{microsocks.port}"
    result = run(proxy, "http://127.0.0.1:1/")
    assert result.status == 15
    assert "could not connect to 127.0.0.1:1" in result.err


@pytest.mark.parametrize("tunnel", [True, False])
def test_tinyproxy_admits_only_the_right_password(
    guarded_tinyproxy: Peer,
    server: RawServer,
    tls_server: RawServer,
    ca_file: str,
    tunnel: bool,
) -> None:
    origin = tls_server if tunnel else server
    (server if tunnel else tls_server).may_be_idle()
    argv = [f"--verify={ca_file}", f"--proxy={guarded_tinyproxy.url}", "--check-status"]
    assert run(*argv, "--proxy-auth=ann:secret", origin.url).text == "ok\n"
    assert origin.request.header("Proxy-Authorization") is None
    assert run(*argv, "--proxy-auth=ann:wrong", origin.url).status == (15 if tunnel else 4)


def curl(*argv: str) -> subprocess.CompletedProcess[str]:
    command = [require_program("curl"), "-sS", "-o", "-", "--max-time", "5", *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)


OPTIONS = [
    ["--resolve", "h.test:{port}:127.0.0.1", "http://h.test:{port}/x"],
    ["--resolve", "H.TEST:{port}:127.0.0.1", "http://h.test:{port}/x"],
    ["--resolve", "*:{port}:127.0.0.1", "http://h.test:{port}/x"],
    ["--resolve", "+h.test:{port}:127.0.0.1", "http://h.test:{port}/x"],
    ["--resolve", "h.test:{port}:[::1],127.0.0.1", "http://h.test:{port}/x"],
    ["--resolve", "h.invalid:1:127.0.0.1", "http://h.invalid:{port}/x"],
    ["--connect-to", "h.test:80:127.0.0.1:{port}", "http://h.test/x"],
    ["--connect-to", "h.test:81:127.0.0.1:{port}", "http://h.invalid/x"],
    ["--connect-to", "::127.0.0.1:{port}", "http://h.test/x"],
    ["--connect-to", "h.test::127.0.0.1:", "http://h.test:{port}/x"],
    ["--connect-to", ":80::{port}", "http://127.0.0.1/x"],
    ["--connect-to", "127.0.0.1:1:127.0.0.1:{port}", "http://127.0.0.1:1/x"],
    ["--unix-socket", "{socket}", "http://h.test/x"],
    ["--unix-socket", "{socket}", "http://h.test:81/x"],
    ["--interface", "127.0.0.5", "http://127.0.0.1:{port}/x"],
    ["--http1.0", "http://127.0.0.1:{port}/x"],
]


@pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
def test_connection_option_works_like_in_curl(
    server: RawServer, tmp_path: Path, words: list[str]
) -> None:
    server.may_be_idle()
    path = str(tmp_path / "a.sock")
    with UnixServer(path) as unix:
        unix.may_be_idle()
        argv = [word.format(port=server.port, socket=path) for word in words]
        theirs, ours = curl(*argv), run("--connect-timeout=5", *argv)
    assert (ours.status == 0) == (theirs.returncode == 0), theirs.stderr
    assert ours.text == theirs.stdout
    requests = server.requests + unix.requests
    assert len(requests) in (0, 2)
    if requests:
        assert requests[0].request_line == requests[1].request_line
        assert requests[0].header("Host") == requests[1].header("Host")
        assert bool(server.requests) != bool(unix.requests)
        assert len({host for host, _ in server.client_addresses}) < 2


@pytest.mark.parametrize(
    ("entries", "host"),
    [
        ("h.test", "h.test"),
        ("h.test", "a.h.test"),
        (".h.test", "h.test"),
        (".h.test", "a.h.test"),
        ("h.test", "oh.test"),
        ("a.h.test", "h.test"),
        ("H.TEST", "h.test"),
        ("h.test.", "h.test"),
        ("h.test", "h.test."),
        ("*", "h.test"),
        ("x.test, h.test", "h.test"),
        ("x.test h.test", "h.test"),
        ("", "h.test"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1/32", "127.0.0.1"),
        ("128.0.0.0/8", "127.0.0.1"),
        ("0.0.1", "127.0.0.1"),
    ],
)
def test_noproxy_matches_like_in_curl(
    server: RawServer, proxy: ProxyServer, entries: str, host: str
) -> None:
    server.may_be_idle()
    proxy.may_be_idle()
    proxy.refusal = "418 I'm a teapot"
    argv = ["--proxy", proxy.url, "--noproxy", entries]
    argv += ["--resolve", f"{host}:{server.port}:127.0.0.1"] if "test" in host else []
    url = f"http://{host}:{server.port}/"
    counts = []
    for program in (curl, run):
        before = len(proxy.requests)
        program(*argv, url)
        counts.append(len(proxy.requests) - before)
    assert counts[0] == counts[1]
