"""``--write-out`` takes each format that curl takes, with the same values."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.http_connection import response
from tests.support.other_programs import require_program
from tests.support.proxy import ProxyServer
from tests.support.run import run_process
from tests.support.servers import RawServer

MOVED = response("", "Location: /b?c=d", "X-A: 1", status="302 Found")


def written(server: RawServer, form: str, *options: str) -> str:
    result = run_process("-q", "-w", form, *options, f"{server.url}/a")
    assert (result.status, result.err) == (0, "")
    return result.text


def test_redirect_that_is_not_followed_has_its_url(server: RawServer) -> None:
    server.answer(MOVED)
    assert written(server, "%{redirect_url}") == f"{server.url}/b?c=d"


@pytest.mark.wide
def test_sizes_and_counts_are_those_of_curl(server: RawServer) -> None:
    form = (
        "%{redirect_url}|%{size_header}|%{num_headers}|%{num_connects}|%{urlnum}|%{http_connect}"
    )
    form += "|%{referer}|%{num_certs}|%{certs}|%{ftp_entry_path}|%{proxy_ssl_verify_result}"
    server.answer_always(MOVED)
    curl = [require_program("curl"), "-qs", "-o", "/dev/null", "-e", "http://r/", "-w"]
    theirs = subprocess.run(
        [*curl, form.replace("%{num_certs}", "0").replace("%{certs}", ""), f"{server.url}/a"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert written(server, form, "--header", "Referer: http://r/") == theirs


@pytest.mark.wide
def test_request_size_is_the_number_of_bytes_sent(server: RawServer) -> None:
    server.answer(response("x"))
    size = int(written(server, "%{size_request}", "--raw", "body"))
    request = server.request
    head = ["POST /a HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers), "", ""]
    assert size == len("\r\n".join(head)) + len("body")


@pytest.mark.wide
def test_sizes_are_sums_over_redirects(server: RawServer) -> None:
    server.answer(MOVED).answer(response("x"))
    form = "%{size_header} %{num_redirects} %{redirect_url}"
    head = len(MOVED) + len(response(""))
    assert written(server, form, "--follow") == f"{head} 1 "


@pytest.mark.wide
def test_status_of_a_tunnel(tls_server: RawServer, ca_file: str, proxy: ProxyServer) -> None:
    tls_server.answer(response("x"))
    options = (f"--proxy={proxy.url}", f"--verify={ca_file}")
    assert written(tls_server, "%{http_connect}", *options) == "200"


@pytest.mark.wide
def test_certificates_of_the_server(tls_server: RawServer, ca_file: str) -> None:
    tls_server.answer(response("x"))
    text = written(tls_server, "%{num_certs}|%{certs}", f"--verify={ca_file}")
    count, _, chain = text.partition("|")
    assert int(count) == len(re.findall("-----BEGIN CERTIFICATE-----", chain)) > 0


def test_text_goes_to_files(server: RawServer, tmp_path: Path) -> None:
    server.answer_always(response("x"))
    (tmp_path / "f").write_text("old and long")
    for _ in range(2):
        form = "a%output{f}%{http_code}%output{>>log}%{method}\\n%{stdout}b"
        result = run_process("-q", "-w", form, server.url, cwd=tmp_path)
        assert (result.status, result.text) == (0, "ab")
    assert (tmp_path / "f").read_text() == "200"
    assert (tmp_path / "log").read_text() == "GET\nGET\n"


@pytest.mark.wide
def test_file_that_cannot_be_written_is_an_error(server: RawServer) -> None:
    result = run_process("-q", "-w", "%output{/missing/f}x", server.url)
    assert result.status == 17
    assert result.err.startswith("httpcli: error: /missing/f: cannot be written")


@pytest.mark.wide
@pytest.mark.parametrize(
    ("form", "text"),
    [("a%{nothing}b", "ab"), ("a%{http_code", "a%{http_code"), ("%header{}x", "x"), ("%{}", "")],
)
def test_part_without_a_meaning_is_a_warning(server: RawServer, form: str, text: str) -> None:
    result = run_process("-q", "-w", form, server.url)
    assert (result.status, result.text) == (0, text)
    assert result.err.startswith("httpcli: warning: --write-out: ")
