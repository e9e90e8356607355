"""The curl command from --print-curl, run by a real curl, sends the same request."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.certificates import CertificateAuthority
from tests.support.environment import child_environment
from tests.support.http_connection import ReceivedRequest, response
from tests.support.other_programs import require_program
from tests.support.proxy import ProxyServer
from tests.support.run import run
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, UnixServer

_BOUNDARY = re.compile(rb"boundary=([^\r\n;]+)")
SPECIAL = " '\"\\$`!*?[]{}~#&;|<>()%@=:,.-+^aZ09éß漢🙂"
"""Characters that are special in shells, curl or URLs, and non-ASCII characters."""

TEXT = st.text(alphabet=SPECIAL, max_size=12)
LINES = st.text(alphabet=SPECIAL + "\n\t\r\x01\x1b\x7f", max_size=12)
NAME = st.text(alphabet="abcXYZ019-_", min_size=1, max_size=6).filter(
    lambda name: name[0] not in "-_" and not name.lower().startswith(("content", "host"))
)
FIELD = st.builds("--header=X-{}:{}".format, NAME, TEXT)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "get"]


def _pairs(*templates: str) -> st.SearchStrategy[list[str]]:
    one = st.one_of(*(st.builds(each.format, NAME, LINES) for each in templates))
    return st.lists(one, min_size=1, max_size=3)


BODIES: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]),
    _pairs("--field={}={}"),
    _pairs("--field={}={}").map(lambda items: [*items, "--form"]),
    _pairs("--field={}={}", "--file={}=a b.txt").map(lambda items: [*items, "--multipart"]),
    _pairs("--file={}=q\"u'o,.bin;type=application/x-a").map(lambda items: [*items, "--form"]),
    LINES.map(lambda text: [f"--raw={text}"]),
    st.sampled_from([["--upload-file=a b.txt"], ["--upload-file=zeros.bin"]]),
    st.just(["--raw=chunks", "--chunked"]),
)
AUTH: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]),
    st.builds(lambda user, word: [f"--auth={user}:{word}"], NAME, TEXT),
    st.builds(lambda word: ["--auth-type=bearer", f"--auth=t{word}"], NAME),
)
COOKIES = st.lists(st.builds("--cookie={}={}".format, NAME, NAME), max_size=2)
TARGET = st.builds(
    "/{}?{}".format,
    st.text(alphabet="ab[]{}().,~!$'*;@:%é", max_size=8).filter(lambda path: path[:1] != "/"),
    st.text(alphabet="ab=&[]{}'%+?é", max_size=8),
)


@st.composite
def requests(draw: st.DrawFn) -> list[str]:
    """Generate a command line; its target path stands for the server's URL."""
    body = draw(BODIES)
    method = draw(st.sampled_from([*METHODS, ""] if body else METHODS))
    defaults = st.sampled_from(["User-Agent", "Accept", "Accept-Encoding"])
    removed = draw(st.lists(defaults, max_size=1))
    options = [
        *body,
        *draw(st.lists(FIELD, max_size=3)),
        *(f"--header={name}:" for name in removed),
        *draw(COOKIES),
        *draw(AUTH),
        *draw(st.lists(st.builds("--param={}={}".format, NAME, TEXT), max_size=2)),
    ]
    return [*([f"--method={method}"] if method else []), draw(TARGET), *options]


@pytest.fixture
def files() -> None:
    """Create the files in the working directory."""
    place = Path.cwd()
    (place / "a b.txt").write_text("a\nfile, é\n")
    (place / "q\"u'o,.bin").write_bytes(bytes(range(256)))
    (place / "zeros.bin").write_bytes(bytes(1000))


def run_curl(line: str) -> subprocess.CompletedProcess[bytes]:
    """Run a printed command in a shell, like a user would."""
    return subprocess.run(
        [require_program("dash"), "-c", line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=child_environment({}),
        timeout=TIMEOUT,
    )


def normalised(request: ReceivedRequest) -> tuple[Any, ...]:
    """Return a request for comparison: without the order of headers and the boundary."""
    head, body = request.head, request.raw_body
    if (found := _BOUNDARY.search(head)) is not None:
        boundary = found[1].strip(b'"')
        head = head.replace(found[1], b"BOUNDARY")
        body = body.replace(boundary, b"BOUNDARY")
        head = re.sub(rb"Content-Length: \d+", b"Content-Length: N", head, flags=re.IGNORECASE)
    line, *fields = head.rstrip(b"\r\n").split(b"\r\n")
    pairs = (field.partition(b":") for field in fields)
    return line, Counter((name.lower(), value.strip()) for name, _, value in pairs), body


def assert_same(server: RawServer, *argv: str) -> None:
    """Send the request with httpcli and with the printed curl command; compare both."""
    server.requests.clear()
    printed = run(*argv, "--print-curl", "--show-secrets")
    assert printed.status == 0, printed
    curl = run_curl(printed.text)
    assert curl.returncode == 0, (printed.text, curl.stderr)
    ours = run(*argv)
    assert ours.status == 0, ours
    theirs, own = server.requests
    if "chunked" in (own.header("Transfer-Encoding") or ""):
        theirs, own = (each._replace(raw_body=each.body) for each in (theirs, own))
    assert normalised(theirs) == normalised(own), printed.text


@pytest.mark.wide
@pytest.mark.usefixtures("files")
@settings(
    max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(argv=requests())
@example(argv=["--method=POST", "/a?b=1", "--field=a=\0x"])
def test_curl_sends_the_same_request_for_any_options(argv: list[str]) -> None:
    if any("\0" in word for word in argv):
        return  # a command line cannot contain NUL
    require_program("curl")
    with RawServer() as server:
        server.answer_always(response("", "Connection: close"))
        at = next(index for index, word in enumerate(argv) if word.startswith("/"))
        assert_same(server, *argv[:at], f"{server.url}{argv[at]}", *argv[at + 1 :])


COMMANDS = [
    pytest.param(["HEAD", "{url}/"], id="head"),
    pytest.param(["{url}/a/../b", "--path-as-is"], id="dot segments"),
    pytest.param(["{url}/?"], id="empty query"),
    pytest.param(["POST", "{url}/"], id="no body"),
    pytest.param(["{url}/", "X-Empty;", "Accept:", "User-Agent:"], id="removed headers"),
    pytest.param(["{url}/", "Host:other.test"], id="host"),
    pytest.param(["{url}/", "Accept-Encoding:identity"], id="identity"),
    pytest.param(["{url}/", "Cookie:noequals"], id="a cookie without a name"),
    pytest.param(["-f", "{url}/", "a=b"], id="form"),
    pytest.param(["-f", "{url}/", "a=b", "Content-Type:"], id="form without a type"),
    pytest.param(["--multipart", "{url}/", r"a\=b=c"], id="a part that -F cannot name"),
    pytest.param(["--upload-file=nul.bin", "{url}/"], id="a file of NULs"),
    pytest.param(["{url}/", "a@big.bin", "-f"], id="large body"),
    pytest.param(["--http1.0", "{url}/"], id="HTTP/1.0"),
    pytest.param(["-F", "{url}/"], id="follow"),
]


@pytest.mark.parametrize("argv", COMMANDS)
def test_curl_sends_the_same_request(server: RawServer, argv: list[str]) -> None:
    require_program("curl")
    Path("nul.bin").write_bytes(b"a\0b")
    Path("big.bin").write_bytes(bytes(3_000_000))
    server.answer_always(response("", "Connection: close"))
    assert_same(server, *(word.replace("{url}", server.url) for word in argv))


def test_curl_follows_redirects_with_cookies(server: RawServer) -> None:
    require_program("curl")
    for _ in range(2):
        server.answer(response("", "Location: /b", "Set-Cookie: a=1", status="303 See Other"))
        server.answer(response("", "Connection: close"))
    line = run("-F", f"{server.url}/a", "x=y", "--print-curl", "--show-secrets").text
    assert run_curl(line).returncode == 0
    run("-F", f"{server.url}/a", "x=y")
    _, theirs, _, own = server.requests
    assert (theirs.request_line, theirs.header("Cookie")) == (
        own.request_line,
        own.header("Cookie"),
    )
    assert own.header("Cookie") == "a=1"


def test_curl_uses_digest_authentication(server: RawServer) -> None:
    require_program("curl")
    ask = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
    server.answer(response("", ask, status="401 Unauthorized"))
    line = run("-A", "digest", "-a", "u:p", server.url, "--print-curl", "--show-secrets").text
    assert run_curl(line).returncode == 0
    assert (server.requests[1].header("Authorization") or "").startswith('Digest username="u"')


def test_curl_uses_the_same_connection_options(
    tls_server: RawServer, ca_file: str, proxy: ProxyServer
) -> None:
    require_program("curl")
    port = tls_server.port
    options = [f"--resolve=h.test:{port}:127.0.0.1", f"--verify={ca_file}", "--connect-timeout=5"]
    more = ["--ssl=tls1.2", "--max-time=20", "-4"]
    line = run("--print-curl", f"https://h.test:{port}/", *options, *more).text
    # Status 60: curl reached the server, whose certificate is only for 127.0.0.1.
    assert run_curl(line).returncode == 60
    through = [f"--proxy={proxy.url}", f"--verify={ca_file}", "--proxy-header=X-P:1"]
    assert run_curl(run("--print-curl", f"{tls_server.url}/", *through).text).returncode == 0
    assert (proxy.request.method, proxy.request.header("X-P")) == ("CONNECT", "1")


def test_curl_uses_the_unix_socket(tmp_path: Path) -> None:
    require_program("curl")
    with UnixServer(str(tmp_path / "s")) as server:
        line = run("--print-curl", f"--unix-socket={server.host}", "http://h.test/x").text
        assert run_curl(line).returncode == 0
        assert server.request.header("Host") == "h.test"


def test_curl_uses_the_client_certificate(ca: CertificateAuthority) -> None:
    require_program("curl")
    certificate, key = ca.issue("client.test")
    with RawServer(ca.requiring_client_certificate()) as server:
        options = [f"--cert={certificate}", f"--cert-key={key}", f"--verify={ca.file}"]
        line = run("--print-curl", f"{server.url}/", *options).text
        assert run_curl(line).returncode == 0
