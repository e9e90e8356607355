"""``--write-out`` compared with curl: both programs get the same formats and server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.environment import HTTPCLI, child_environment
from tests.support.http_connection import Step, chunk, response
from tests.support.other_programs import require_program
from tests.support.servers import RawServer

pytestmark = pytest.mark.wide

CURL = ("-q", "-s")
OURS = (*HTTPCLI, "-q")

NAMES = (
    *("http_code", "response_code", "http_version", "method", "content_type"),
    *("num_redirects", "size_download", "size_upload", "url", "url_effective"),
    *("remote_ip", "remote_port", "local_ip", "ssl_verify_result", "time_appconnect"),
)
"""Variables that must be equal. Not ``scheme``: older versions of curl print it in capitals."""

FORM = "|".join(f"{name}=%{{{name}}}" for name in NAMES)


def both(
    server: RawServer, form: str, *, options: tuple[str, ...] = (), ours: tuple[str, ...] = ()
) -> tuple[str, str]:
    """Return the ``--write-out`` output of curl and of httpcli; the body is discarded."""
    url = f"{server.url}/start"
    theirs = [require_program("curl"), *CURL, "-o", "/dev/null", *options, "-w", form, url]
    own = [*OURS, *(ours or options), "-w", form, url]
    return _out(theirs), _out(own)


def _out(argv: list[str]) -> str:
    done = subprocess.run(
        argv,
        env=child_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done
    return done.stdout


def plain(server: RawServer) -> None:
    server.answer_always(response("hello", "Content-Type: text/plain; charset=utf-8"))


def empty(server: RawServer) -> None:
    server.answer_always(response("", status="204 No Content"))


def in_chunks(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer_always(head + chunk("some") + chunk("more") + chunk(""))


def failing(server: RawServer) -> None:
    server.answer_always(response("an error", status="503 Oh No"))


def redirecting(server: RawServer) -> None:
    hops: list[tuple[Step, ...]] = [
        (response("gone", "Location: /b", status="302 Found"),),
        (response("gone too", "Location: /c?x=1", "Connection: close", status="301 Moved"),),
        (response("hello", "Content-Type: text/html"),),
    ]
    for hop in (*hops, *hops):
        server.answer(*hop)


@pytest.mark.parametrize("answers", [plain, empty, in_chunks, failing])
def test_variables_are_equal(server: RawServer, answers: Callable[[RawServer], None]) -> None:
    answers(server)
    theirs, own = both(server, FORM)
    assert own == theirs


def test_variables_are_equal_after_redirects(server: RawServer) -> None:
    redirecting(server)
    theirs, own = both(server, FORM, options=("-L",))
    assert own == theirs


def test_variables_are_equal_for_an_upload(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("content")
    server.answer_always(response("ok"))
    theirs, own = both(server, FORM, options=("-T", str(tmp_path / "f")))
    assert own == theirs


@pytest.mark.parametrize(
    "form",
    [
        r"a\tb\nc\rd",
        r"\q \\ \\n",
        "100%% %d % %%{url}",
        "%header{X-A}|%header{missing}|%header{content-LENGTH}",
        "%{onerror}never",
        "%{stderr}not here%{stdout}but here",
        "",
        "é\u2028",
    ],
)
def test_format_is_parsed_like_in_curl(server: RawServer, form: str) -> None:
    server.answer_always(response("x", "X-A: 1", "x-a: 2"))
    theirs, own = both(server, form)
    assert own == theirs


def test_format_file_is_parsed_like_in_curl(server: RawServer, tmp_path: Path) -> None:
    (tmp_path / "form").write_bytes(b"%{http_code}\r\n\n \\n%{method}\r\n")
    server.answer_always(response("x"))
    theirs, own = both(server, f"@{tmp_path}/form")
    assert own == theirs


def test_header_json_is_equal(server: RawServer) -> None:
    # Repeats are adjacent and all is ASCII: older versions of curl lose other headers.
    server.answer_always(response("x", "B: 1", "b: 2", "a: 3", 'Q: "\\'))
    theirs, own = both(server, "%{header_json}")
    assert json.loads(own) == json.loads(theirs)


def test_json_has_the_names_and_values_of_curl(server: RawServer) -> None:
    plain(server)
    theirs, own = (json.loads(output) for output in both(server, "%{json}"))
    alike = [*NAMES, "exitcode", "errormsg"]
    assert {name: own[name] for name in alike} == {name: theirs[name] for name in alike}
    unknown = set(own) - set(theirs) - {"num_retries"}
    assert not unknown


def test_times_include_redirects_like_in_curl(server: RawServer) -> None:
    redirecting(server)
    form = "%{time_redirect} %{time_starttransfer} %{time_total}"
    for output in both(server, form, options=("-L",)):
        redirect, first, total = map(float, output.split())
        assert 0 < redirect < first <= total
