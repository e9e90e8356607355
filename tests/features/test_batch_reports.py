"""Batch reports: one report for all lines, in line order, however the run ends."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from haralyzer import HarParser

from httpcli.report.registry import REPORTS
from tests.support.har import HAR_SCHEMA
from tests.support.http_connection import response, stall
from tests.support.junit import suites_of
from tests.support.load_server import LoadServer
from tests.support.memory import peak_memory
from tests.support.run import run, start_process
from tests.support.run_result import TIMEOUT
from tests.support.servers import RawServer, refused_port

pytestmark = pytest.mark.wide

KINDS = sorted(REPORTS)


def jsonl_objects(path: str) -> list[dict[str, Any]]:
    """Return the objects in a JSON Lines report."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def write_list(*lines: str) -> None:
    Path("list").write_text("".join(f"{line}\n" for line in lines))


@pytest.fixture
def mixed(server: RawServer) -> RawServer:
    """Write a list: the first request succeeds, the others fail in different ways."""
    server.answer(response("one")).answer(response("gone", status="404 Not Found"))
    refused = f"http://127.0.0.1:{refused_port()}/"
    write_list("# a comment", f"{server.url}/1", f"{server.url}/2", "--foo", refused)
    return server


MIXED = ("--batch=list", "--jobs=1", "--check-status", "-q")


@pytest.mark.usefixtures("mixed")
def test_json_report_is_one_object_with_all_lines() -> None:
    assert run(*MIXED, "--report=json=a.json").status == 10
    report = json.loads(Path("a.json").read_text())
    assert report["exit_status"] == 10
    assert [(each["line"], each["exit_status"]) for each in report["lines"]] == [
        (2, 0),
        (3, 4),
        (4, 10),
        (5, 12),
    ]
    assert [len(each["requests"]) for each in report["lines"]] == [1, 1, 0, 1]
    assert report["lines"][2]["error"] == "unknown option --foo"


@pytest.mark.usefixtures("mixed")
def test_jsonl_report_appends_one_object_per_line() -> None:
    Path("a.jsonl").write_text('{"line": 0}\n')
    run(*MIXED, "--report=jsonl=a.jsonl")
    assert [each["line"] for each in jsonl_objects("a.jsonl")] == [0, 2, 3, 4, 5]


def test_junit_report_has_a_suite_per_line_and_unique_case_names(mixed: RawServer) -> None:
    run(*MIXED, "--report=junit=a.xml", "--expect=body exists")
    suites = suites_of("a.xml")
    assert [suite.get("name") for suite in suites][:3] == [
        f"line 2: GET {mixed.url}/1",
        f"line 3: GET {mixed.url}/2",
        "line 4: no request",
    ]
    assert [(suite.get("failures"), suite.get("errors")) for suite in suites] == [
        ("0", "0"),
        ("1", "0"),
        ("0", "1"),
        ("0", "1"),
    ]
    names = [case.get("name") for suite in suites for case in suite]
    assert len(names) == len(set(names))
    assert "line 2: body exists" in names


@pytest.mark.usefixtures("mixed")
def test_har_report_has_the_requests_of_all_lines() -> None:
    run(*MIXED, "--report=har=a.har")
    log = json.loads(Path("a.har").read_text())
    jsonschema.validate(log, HAR_SCHEMA)
    assert [page["response"]["status"] for page in HarParser(log).har_data["entries"]] == [
        200,
        404,
        0,
    ]


@pytest.mark.usefixtures("mixed")
def test_curl_report_has_one_command_per_request() -> None:
    run(*MIXED, "--report=curl=a.sh")
    assert Path("a.sh").read_text().count("curl ") == 3
    assert subprocess.run([*["bash", "-n", "a.sh"]], check=False).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
def test_empty_batch_writes_a_complete_report(kind: str) -> None:
    write_list("# nothing")
    assert run("--batch=list", f"--report={kind}=a").status == 0
    text = Path("a").read_text()
    if kind == "json":
        assert json.loads(text)["lines"] == []
    elif kind == "har":
        assert json.loads(text)["log"]["entries"] == []
    elif kind == "junit":
        assert suites_of("a") == []
    else:
        assert text == ""


@pytest.mark.parametrize("kind", ["json", "jsonl", "har"])
def test_report_is_in_line_order_regardless_of_response_order(kind: str) -> None:
    targets = [f"/{number}" for number in range(12)]
    with LoadServer(random.Random(7).sample(targets, len(targets)), size=50_000) as server:
        write_list(*(f"{server.url}{target}" for target in targets))
        assert run("--batch=list", "--jobs=12", "-q", f"--report={kind}=a").status == 0
        urls = [f"{server.url}{target}" for target in targets]
    text = Path("a").read_text()
    if kind == "har":
        entries = json.loads(text)["log"]["entries"]
        assert [entry["request"]["url"] for entry in entries] == urls
    else:
        report = json.loads(text)["lines"] if kind == "json" else jsonl_objects("a")
        assert [each["requests"][0]["request"]["url"] for each in report] == urls


def test_jsonl_report_on_stdout_replaces_the_bodies(server: RawServer) -> None:
    write_list(*[server.url] * 3)
    ran = run("--batch=list", "--report=jsonl=-")
    assert [json.loads(line)["line"] for line in ran.text.splitlines()] == [1, 2, 3]


def test_line_is_reported_when_it_completes() -> None:
    with RawServer() as server:
        server.answer(response("one")).answer(stall)
        with start_process("--batch=-", "--jobs=1", "--report=jsonl=-", stdin=-1) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(f"{server.url}/1\n{server.url}/2\n".encode())
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["line"] == 1
            child.kill()


@pytest.mark.parametrize("kind", KINDS)
def test_ctrl_c_leaves_a_complete_report_with_the_interrupted_lines(kind: str) -> None:
    with RawServer() as first, RawServer() as silent, RawServer() as third:
        silent.answer_always(stall)
        write_list(f"{first.url}/1", f"{silent.url}/2", f"{third.url}/3", f"{silent.url}/4")
        with start_process("--batch=list", "--jobs=2", f"--report={kind}=a") as child:
            silent.wait_for_requests(2)  # by now the first and the third line are complete
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=TIMEOUT)
            assert child.returncode == 130
    text = Path("a").read_text()
    if kind in ("json", "jsonl"):
        report = json.loads(text)["lines"] if kind == "json" else jsonl_objects("a")
        assert [(each["line"], each["exit_status"]) for each in report] == [
            (1, 0),
            (2, 130),
            (3, 0),
            (4, 130),
        ]
    elif kind == "har":
        statuses = [each["response"]["status"] for each in json.loads(text)["log"]["entries"]]
        assert statuses == [200, 0, 200, 0]
    elif kind == "junit":
        assert [suite.get("errors") for suite in suites_of("a")] == ["0", "1", "0", "1"]


@pytest.mark.parametrize("kind", KINDS)
def test_unwritable_report_stops_the_run(kind: str, server: RawServer) -> None:
    server.assert_not_called()
    write_list(server.url)
    Path("folder").mkdir()
    ran = run("--batch=list", "--report=json=good.json", f"--report={kind}=folder")
    assert ran.status == 17
    assert len(ran.err.splitlines()) == 1
    assert sorted(each.name for each in Path.cwd().iterdir()) == [
        "folder",
        "home",
        "list",
    ]


def test_full_disk_is_reported_after_all_requests(server: RawServer) -> None:
    write_list(server.url, server.url)
    ran = run("--batch=list", "--report=jsonl=/dev/full")
    assert (ran.status, ran.text) == (17, "ok\nok\n")
    assert ran.err == "httpcli: error: /dev/full: cannot be written: no space left on device\n"
    assert len(server.requests) == 2


def test_closed_report_pipe_ends_the_run(server: RawServer) -> None:
    write_list(*[server.url] * 500)
    with start_process("--batch=list", "--report=jsonl=-") as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.wait(TIMEOUT) == 141
        assert child.stderr.read() == b""


def test_report_option_is_not_allowed_in_a_line(server: RawServer) -> None:
    server.assert_not_called()
    write_list(f"{server.url} --report=json=x")
    ran = run("--batch=list")
    assert "list:1: --report is not allowed in a line" in ran.err


@pytest.mark.parametrize("kind", KINDS)
def test_reports_contain_no_secrets(kind: str, server: RawServer) -> None:
    server.answer_always(response('{"echo": "s3cret"}', "Content-Type: application/json"))
    write_list(
        f"{server.url}/?token=t0ken X-A:@env:REF -a me:p4ss password=p4ss",
        f'{{"url": "{server.url}", "headers": {{"Authorization": "t0ken"}}}}',
        f"{server.url} 'Authorization:t0ken",
        "http://u:p4ss@h/ --foo",
    )
    run("--batch=list", "-q", f"--report={kind}=a", env={"REF": "s3cret"})
    text = Path("a").read_text()
    assert [secret for secret in ("s3cret", "t0ken", "p4ss") if secret in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["jsonl", "har"])
def test_memory_does_not_grow_with_the_number_of_lines(kind: str) -> None:
    peaks = {}
    with LoadServer(size=1_000) as server:
        for count in (500, 5_000):
            write_list(*(f"{server.url}/{number}" for number in range(count)))
            peaks[count] = peak_memory("--batch=list", "-q", f"--report={kind}=a{count}")
    sys.stdout.write(f"{peaks}\n")
    assert peaks[5_000] < peaks[500] + 2048  # KiB
