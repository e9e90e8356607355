"""``--report`` writes a report for every outcome of a run, without secrets."""

from __future__ import annotations

import base64
import gzip
import json
import os
import stat
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from haralyzer import HarParser

from httpcli.report.registry import REPORTS
from tests.support.har import HAR_SCHEMA
from tests.support.http_connection import close, reset, response, stall
from tests.support.junit import suite_of
from tests.support.memory import peak_memory
from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, refused_port

KINDS = sorted(REPORTS)
SECRETS = ("s3cret", "t0ken", "p4ss", "c00kie")


def har(path: Path | str = "a.har") -> list[dict[str, Any]]:
    """Return the entries of a HAR file after validating it with a schema and haralyzer."""
    text = Path(path).read_text()
    log = json.loads(text)
    jsonschema.validate(log, HAR_SCHEMA)
    parser = HarParser(log)
    assert parser.creator["name"] == "httpcli"
    entries: list[dict[str, Any]] = log["log"]["entries"]
    for entry in entries:
        parts = [value for name, value in entry["timings"].items() if name != "ssl" and value > 0]
        assert sum(parts) == pytest.approx(entry["time"], abs=0.01)
    return entries


def load_json(path: str) -> Any:
    return json.loads(Path(path).read_text())


def test_har_contains_every_hop(server: RawServer) -> None:
    server.answer(
        response("moved", "Location: /b?x=1&y", "Set-Cookie: a=1; Path=/", status="302 Found")
    )
    server.answer(response('{"a": 1}', "Content-Type: application/json"))
    result = run("-F", f"{server.url}/a", "--report=har=a.har")
    assert (result.status, result.text) == (0, '{"a": 1}')
    first, second = har()
    assert first["response"]["redirectURL"] == "/b?x=1&y"
    assert [each["response"]["status"] for each in (first, second)] == [302, 200]
    assert second["request"]["queryString"] == [
        {"name": "x", "value": "1"},
        {"name": "y", "value": ""},
    ]
    assert second["response"]["content"]["text"] == '{"a": 1}'
    assert [each["name"] for each in first["response"]["cookies"]] == ["a"]
    assert [each["name"] for each in second["request"]["cookies"]] == ["a"]
    assert first["serverIPAddress"] == "127.0.0.1"
    assert (first["timings"]["connect"] > 0, second["timings"]["connect"]) == (True, -1)


@pytest.mark.parametrize("option", ["-q", "-h"])
def test_har_contains_a_body_that_is_not_shown(server: RawServer, option: str) -> None:
    server.answer(response('{"a": 1}', "Content-Type: application/json"))
    run(option, server.url, "--report=har=a.har")
    [entry] = har()
    assert entry["response"]["content"]["text"] == '{"a": 1}'


def test_har_counts_the_tls_handshake_as_part_of_connect(
    tls_server: RawServer, ca_file: str
) -> None:
    run(tls_server.url, f"--verify={ca_file}", "--report=har=a.har")
    [entry] = har()
    timings = entry["timings"]
    assert 0 < timings["ssl"] < timings["connect"]


def test_har_contains_the_posted_form(server: RawServer) -> None:
    run("-f", server.url, "a=b c", "d=é", "--report=har=a.har")
    [entry] = har()
    assert entry["request"]["postData"]["params"] == [
        {"name": "a", "value": "b c"},
        {"name": "d", "value": "é"},
    ]
    assert entry["request"]["bodySize"] == len("a=b+c&d=%C3%A9")


def test_har_encodes_binary_bodies_in_base64(server: RawServer) -> None:
    data = bytes(range(256))
    server.answer(response(data, "Content-Type: image/png"))
    Path("up.bin").write_bytes(data)
    run("POST", server.url, "--upload-file=up.bin", "--report=har=a.har")
    [entry] = har()
    content = entry["response"]["content"]
    assert (content["encoding"], base64.b64decode(content["text"])) == ("base64", data)
    sent = entry["request"]["postData"]
    assert (sent["_encoding"], base64.b64decode(sent["text"])) == ("base64", data)


def test_har_contains_the_bytes_saved_by_compression(server: RawServer) -> None:
    coded = gzip.compress(bytes(10_000))
    server.answer(response(coded, "Content-Encoding: gzip", "Content-Type: text/plain"))
    run(server.url, "--report=har=a.har")
    content = har()[0]["response"]["content"]
    assert (content["size"], content["compression"]) == (10_000, 10_000 - len(coded))


def test_har_decodes_the_charset(server: RawServer) -> None:
    server.answer(response("é".encode("latin-1"), "Content-Type: text/plain; charset=latin-1"))
    run(server.url, "--report=har=a.har")
    assert har()[0]["response"]["content"]["text"] == "é"


@pytest.mark.parametrize("charset", ["hex", "rot13", "utf-7", "nonsense", "undefined", "idna"])
def test_har_encodes_bodies_of_unusable_charsets_in_base64(
    server: RawServer, charset: str
) -> None:
    server.answer(response(b"+2AA- \xff\0", f"Content-Type: text/plain; charset={charset}"))
    assert run(server.url, "--report=har=a.har").status == 0
    assert har()[0]["response"]["content"]["encoding"] == "base64"


def test_har_truncates_a_long_body(server: RawServer) -> None:
    size = 3 << 20
    server.answer(response("é" * (size // 2), "Content-Type: text/plain"))
    assert len(run(server.url, "--report=har=a.har").out) == size
    content = har()[0]["response"]["content"]
    assert content["size"] == size
    assert content["comment"] == f"the first 1048576 of {size} bytes"
    assert len(content["text"]) == 1 << 19


def test_invalid_text_bytes_do_not_break_reports(server: RawServer) -> None:
    server.answer(b"HTTP/1.1 200 \xff\xfe\r\nX: \xff\x01\r\nContent-Length: 0\r\n\r\n")
    typed = [f"--report={kind}=a.{kind}" for kind in KINDS]
    assert run(server.url, *typed).status == 0
    assert har()[0]["response"]["statusText"] == "\ufffd\ufffd"
    assert load_json("a.json")["requests"][0]["response"]["fields"][0]["name"] == "X"
    suite_of("a.junit")


def test_json_report_describes_the_run(server: RawServer) -> None:
    server.answer(response("moved", "Location: /b", status="301 Moved"))
    server.answer(response("okay", "Content-Type: text/plain", status="404 Not Found"))
    result = run("-F", "--check-status", f"{server.url}/a", "--report=json=a.json")
    report = load_json("a.json")
    assert (result.status, report["exit_status"], report["error"]) == (4, 4, "HTTP 404 Not Found")
    assert [each["response"]["status"] for each in report["requests"]] == [301, 404]
    variables = report["variables"]
    assert (variables["http_code"], variables["num_redirects"]) == (404, 1)
    assert variables["url_effective"] == f"{server.url}/b"
    assert (variables["size_download"], variables["remote_port"]) == (4, server.port)
    assert 0 < variables["time_starttransfer"] <= variables["time_total"]
    assert set(report["requests"][0]["timings"]) > {"connect", "request", "wait", "total"}


@pytest.mark.parametrize("shown", ["-q", "-h", "--report=jsonl=-"])
def test_body_that_is_not_shown_is_reported(server: RawServer, shown: str) -> None:
    server.answer(response("four", "Content-Type: text/plain"))
    run(server.url, shown, "--report=json=a.json", "--report=har=a.har")
    assert load_json("a.json")["variables"]["size_download"] == 4
    assert load_json("a.json")["requests"][0]["response"]["whole"] is True
    assert har()[0]["response"]["content"]["text"] == "four"


def test_jsonl_report_gets_a_line_per_run(server: RawServer) -> None:
    for _ in range(3):
        run(server.url, "--report=jsonl=a.jsonl")
    lines = Path("a.jsonl").read_text().splitlines()
    assert [json.loads(line)["exit_status"] for line in lines] == [0, 0, 0]


def test_junit_has_a_test_case_per_request(server: RawServer) -> None:
    server.answer(response("moved", "Location: /b", status="301 Moved"))
    run("-F", f"{server.url}/a", "--report=junit=a.xml")
    names = [case.get("name") for case in suite_of("a.xml")]
    assert names == [f"GET {server.url}/a (301)", f"GET {server.url}/b"]


def test_junit_case_name_does_not_depend_on_the_outcome(server: RawServer) -> None:
    names = []
    for status in ("200 OK", "503 Busy"):
        server.answer(response(status=status))
        run("--check-status", server.url, "--report=junit=a.xml")
        names.append([case.get("name") for case in suite_of("a.xml")])
    assert names[0] == names[1] == [f"GET {server.url}/"]


def test_retried_attempt_is_skipped_in_junit(server: RawServer) -> None:
    server.answer(response(status="503 Busy")).answer(
        response("", "Location: /b", status="302 Found")
    )
    run("-F", "--retry=1", "--retry-delay=0", f"{server.url}/a", "--report=junit=a.xml")
    retried, redirect, last = suite_of("a.xml")
    assert [case.get("name") for case in (retried, redirect, last)] == [
        f"GET {server.url}/a (503)",
        f"GET {server.url}/a (302)",
        f"GET {server.url}/b",
    ]
    assert (retried[0].tag, retried[0].get("message")) == ("skipped", "retried: HTTP 503 Busy")
    assert [len(redirect), len(last)] == [0, 0]


def test_failed_run_is_a_failure_in_junit(server: RawServer) -> None:
    server.answer(response(status='404 No <such> "page" & more'))
    assert run("--check-status", server.url, "--report=junit=a.xml").status == 4
    [[failure]] = suite_of("a.xml")
    assert (failure.tag, failure.get("type")) == ("failure", "CLIENT_ERROR")
    assert failure.get("message") == 'HTTP 404 No <such> "page" & more'


def test_connection_error_is_an_error_in_junit() -> None:
    assert run(f"http://127.0.0.1:{refused_port()}/", "--report=junit=a.xml").status == 12
    [[error]] = suite_of("a.xml")
    assert error.tag == "error"
    assert "connection refused" in (error.get("message") or "")


def test_expectations_are_reported(server: RawServer) -> None:
    server.answer_always(response('{"a": 1}', "Content-Type: application/json"))
    expected = ["--expect=status == 200", "--expect=json.a == 2"]
    result = run(server.url, *expected, "--report=junit=a.xml", "--report=json=a.json")
    assert result.status == 16
    first, second, third = suite_of("a.xml")
    assert [len(first), len(second), len(third)] == [0, 0, 1]
    assert (third.get("classname"), third.get("name")) == ("httpcli.expectation", "json.a == 2")
    assert third[0].get("message") == "expected json.a == 2, got 1"
    assert load_json("a.json")["expectations"] == [
        {"expected": "status == 200", "holds": True},
        {"expected": "json.a == 2", "holds": False, "actual": "1"},
    ]


def test_secret_in_a_failed_expectation_is_redacted(server: RawServer) -> None:
    server.answer(response('{"a": "s3cret"}', "Content-Type: application/json"))
    options = ["--expect=json.a == 1", "X:@env:REF", "--report=json=a.json"]
    run(server.url, *options, "--report=junit=a.xml", env={"REF": "s3cret"})
    assert "s3cret" not in Path("a.json").read_text() + Path("a.xml").read_text()


def test_curl_report_contains_the_command(server: RawServer) -> None:
    run(server.url, "--report=curl=a.sh")
    assert Path("a.sh").read_text().startswith("curl \\\n")


@pytest.mark.parametrize("kind", KINDS)
def test_failed_run_is_reported(server: RawServer, kind: str) -> None:
    server.answer_always(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", close)
    assert run(server.url, f"--report={kind}=a").status == 13
    text = Path("a").read_text()
    if kind in ("json", "jsonl", "har", "junit"):
        assert "received fewer bytes" in text
    if kind == "har":
        assert har("a")[0]["response"]["content"]["text"] == "half"


def test_har_contains_a_request_without_a_response(server: RawServer) -> None:
    server.answer_always(reset)
    assert run("POST", server.url, "a=b", "--report=har=a.har").status == 12
    [entry] = har()
    assert (entry["response"]["status"], entry["request"]["method"]) == (0, "POST")
    assert "connection" in entry["response"]["_error"]


@pytest.mark.wide
def test_timed_out_run_is_reported(server: RawServer) -> None:
    server.answer(stall)
    assert (
        run(server.url, "--max-time=0.3", "--report=har=a.har", "--report=json=a.json").status == 2
    )
    [entry] = har()
    assert entry["timings"]["wait"] > 100
    assert load_json("a.json")["exit_status"] == 2


@pytest.mark.parametrize(
    "kind", ["json", *(pytest.param(kind, marks=pytest.mark.wide) for kind in ("har", "junit"))]
)
def test_ctrl_c_leaves_a_complete_report(server: RawServer, kind: str) -> None:
    server.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", stall)
    with start_process(server.url, f"--report={kind}=a") as child:
        assert child.stdout is not None
        assert child.stdout.read(4) == b"half"
        child.send_signal(2)
        assert child.wait(20) == 130
    text = Path("a").read_text()
    assert "interrupted" in text
    if kind == "json":
        assert load_json("a")["exit_status"] == 130
    elif kind == "har":
        assert len(har("a")) == 1
    else:
        assert suite_of("a").get("errors") == "1"


def _exchange_full_of_secrets(server: RawServer, *options: str) -> None:
    server.answer_always(
        response(
            '{"access_token": "t0ken", "echo": "s3cret", "n": 1}',
            "Content-Type: application/json",
            "Set-Cookie: sid=c00kie; Path=/",
            "Location: https://u:p4ss@h.test/?token=t0ken#access_token=t0ken",
            "X-Echo: s3cret",
        )
    )
    run(
        "--all",
        "--auth=me:p4ss",
        f"{server.url}/?api_key=t0ken",
        "X-Secret-Thing:@env:REF",
        "Cookie:sid=c00kie",
        "password=p4ss",
        "harmless=@env:REF",
        "q==@env:REF",
        *options,
        env={"REF": "s3cret"},
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", ["--json", "--form", "--multipart"])
@pytest.mark.parametrize("show", ["", "--show-secrets"])
def test_reports_contain_no_secret(server: RawServer, kind: str, body: str, show: str) -> None:
    _exchange_full_of_secrets(server, body, *([show] if show else []), f"--report={kind}=a")
    text = Path("a").read_text()
    assert "redacted" in text
    assert [secret for secret in SECRETS if secret in text] == []
    assert base64.b64encode(b"me:p4ss").decode() not in text
    if kind == "har":
        assert len(har("a")) == 1


@pytest.mark.wide
def test_secret_at_the_truncation_point_is_redacted(server: RawServer) -> None:
    cap = REPORTS["har"].max_body
    for at in range(cap - 8, cap + 3, 5):
        server.answer(response(b"x" * at + b"s3cret" + b"y" * 100, "Content-Type: text/plain"))
        run(server.url, "X:@env:REF", "--report=har=a.har", env={"REF": "s3cret"})
        text = har()[0]["response"]["content"]["text"]
        assert "s3" not in text
        assert len(text) <= cap


@pytest.mark.slow
def test_adversarial_bodies_are_reported_quickly(server: RawServer) -> None:
    began = time.process_time()
    for trap in (b'"' + b'\\"' * 500_000, b'"a" ' * 250_000, b'"a":' + b" " * 1_000_000):
        server.answer(response(trap, "Content-Type: application/json"))
        assert run(server.url, "--report=har=a.har").status == 0
    server.answer(response(b"a" * 1_000_000, "Content-Type: application/x-www-form-urlencoded"))
    assert run(server.url, "--report=har=a.har").status == 0
    disposition = b'Content-Disposition: form-data; name="a"'
    for trap in (disposition + b"\r\n", disposition, disposition[:-1], disposition[:20]):
        parts = trap * (1_000_000 // len(trap))
        server.answer(response(parts, "Content-Type: multipart/form-data; boundary=x"))
        assert run(server.url, "--report=har=a.har").status == 0
    assert time.process_time() - began < 8


@pytest.mark.slow
def test_memory_use_is_bounded(server: RawServer) -> None:
    """Measure the peak of a process that receives far more than a report may keep."""
    piece = bytes(1 << 20)
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {300 << 20}\r\n\r\n".encode()
    server.answer(head, *[piece] * 300)
    typed = [f"--report={kind}=a.{kind}" for kind in KINDS]
    assert peak_memory(server.url, "--timings", *typed) < 110 * 1024  # KiB
    assert har()[0]["response"]["content"]["size"] == 300 << 20


@pytest.mark.wide
def test_concurrent_runs_append_complete_lines(server: RawServer) -> None:
    server.answer_always(response(b"", *(f"X-{n}: {'x' * 500}" for n in range(100))))
    with ExitStack() as stack:
        argv = [server.url, "--report=jsonl=a.jsonl"]
        for child in [stack.enter_context(start_process(*argv)) for _ in range(4)]:
            assert child.wait(TIMEOUT) == 0
    lines = Path("a.jsonl").read_text().splitlines()
    assert [json.loads(line)["exit_status"] for line in lines] == [0] * 4


def test_report_file_follows_the_umask(server: RawServer) -> None:
    before = os.umask(0o022)
    try:
        run(server.url, "--report=json=a.json")
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("a.json").st_mode) == 0o644


def test_report_on_stdout_replaces_the_body(server: RawServer) -> None:
    assert run(server.url, "--report=json=-").json["exit_status"] == 0


def test_report_on_stdout_works_with_a_download(server: RawServer) -> None:
    ran = run("--download", server.url, "--output=a", "--report=json=-", "-qq")
    assert json.loads(ran.text)["exit_status"] == 0
    assert Path("a").read_text() == "ok\n"


def test_report_on_stdout_follows_the_requested_output(server: RawServer) -> None:
    result = run("-b", server.url, "--report=json=-")
    assert result.text.startswith('ok\n{"began"')


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("junti=a", "did you mean junit?"),
        ("json", ": missing file name"),
        ("json=", ": missing file name"),
        ("=a", "choose from:"),
    ],
)
def test_invalid_report_option_is_a_usage_error(typed: str, message: str) -> None:
    result = run(":/", f"--report={typed}")
    assert result.status == 10
    assert message in result.err


def test_two_reports_to_one_file_are_a_usage_error() -> None:
    assert run(":/", "--report=json=a", "--report=har=./a").status == 10


def test_report_to_the_output_file_is_a_usage_error() -> None:
    ran = run(":/", "--output=a", "--report=json=./a")
    assert ran.status == 10
    assert "--report=json=./a: --output writes to the same file" in ran.err


@pytest.mark.parametrize("kind", KINDS)
def test_unwritable_report_stops_the_run(server: RawServer, kind: str) -> None:
    result = run(server.url, "--report=json=good", f"--report={kind}=no/such/a")
    assert result.status == 17
    assert "no/such/a: cannot be written" in result.err
    assert list(Path().glob("good*")) == []
    server.assert_not_called()


def test_one_run_writes_several_reports(server: RawServer) -> None:
    run(server.url, *(f"--report={kind}=a.{kind}" for kind in KINDS))
    assert sorted(path.name for path in Path().glob("a.*")) == [f"a.{kind}" for kind in KINDS]


def test_offline_run_can_be_reported() -> None:
    run("--offline", "http://h.test/", "a=b", "--report=har=a.har")
    [entry] = har()
    assert (entry["response"]["status"], entry["request"]["url"]) == (0, "http://h.test/")
