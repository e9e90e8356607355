"""Every kind of report is well-formed: of one run, and of the lines of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from httpcli.core.connection_info import Timings
from httpcli.core.events import RequestStarted, ResponseStarted
from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.headers import Field, Fields
from httpcli.core.lazy_load import load
from httpcli.core.reports import RecordedBody, RecordedExchange, ReportFile, Reports
from httpcli.core.url import Url
from httpcli.report.registry import REPORTS, BatchFormat, Report, ReportInfo, needs_body

HOSTILE = '\x1b]0;<&"\udcff\x00\u2028'
FAILED = Outcome(ExitStatus.FAILED, f"reason {HOSTILE}")


def exchange(status: int = 200, body: bytes = b"{}", error: str = "") -> RecordedExchange:
    url = Url("http", "h", path="/a", query=f"q={HOSTILE}")
    headers = Fields([Field("Content-Type", "application/json"), Field("X-Odd", HOSTILE)])
    recorded = RecordedBody(len(body), body)
    return RecordedExchange(
        RequestStarted("POST", url.target, url, headers),
        recorded,
        ResponseStarted("1.1", status, HOSTILE, headers, url),
        recorded,
        Timings(0.0, connected=0.25, sent=0.5, responded=1.0, ended=2.0),
        error=error,
    )


def info(line: int = 0) -> ReportInfo:
    return ReportInfo("POST", f"http://h/{HOSTILE}", 0.0, "curl http://h/\n", line)


def text_of(report: Report, *exchanges: RecordedExchange, outcome: Outcome) -> str:
    pieces = [report.begin(), *map(report.add, exchanges), report.end(outcome)]
    return "".join(pieces)


def of_run(kind: str, *exchanges: RecordedExchange, outcome: Outcome) -> str:
    """Return the report of one run."""
    return text_of(load(REPORTS[kind].report)(info()), *exchanges, outcome=outcome)


def of_batch(kind: str, *parts: list[RecordedExchange]) -> str:
    """Return the report of a batch with these exchanges in each line, the last one failed."""
    batch: BatchFormat = load(REPORTS[kind].batch)
    texts = [
        text_of(batch.part(info(number)), *exchanges, outcome=Outcome(ExitStatus.OK))
        for number, exchanges in enumerate(parts, 1)
    ]
    return batch.begin(0.0) + batch.separator.join(texts) + batch.end(FAILED)


def exchanges() -> Iterator[list[RecordedExchange]]:
    yield [exchange()]
    yield [exchange(503), exchange(body=b"\x00\xff" * 9, error=HOSTILE)]
    yield [exchange(302), exchange(401), exchange(200)]


@pytest.mark.parametrize("recorded", [[], *exchanges()])
class TestReportOfARun:
    def test_json_has_an_object_for_each_exchange(self, recorded: list[RecordedExchange]) -> None:
        report = json.loads(of_run("json", *recorded, outcome=FAILED))
        assert len(report["requests"]) == len(recorded)
        assert report["exit_status"] == ExitStatus.FAILED
        assert report["error"] == "reason " + HOSTILE.replace("\udcff", "\ufffd")

    def test_jsonl_is_the_same_on_one_line(self, recorded: list[RecordedExchange]) -> None:
        line = of_run("jsonl", *recorded, outcome=FAILED)
        assert line.endswith("\n")
        assert line.count("\n") == 1
        assert json.loads(line) == json.loads(of_run("json", *recorded, outcome=FAILED))

    def test_har_has_an_entry_for_each_exchange(self, recorded: list[RecordedExchange]) -> None:
        log = json.loads(of_run("har", *recorded, outcome=FAILED))["log"]
        assert [entry["response"]["status"] for entry in log["entries"]] == [
            each.response.status for each in recorded if each.response is not None
        ]
        assert [entry["time"] for entry in log["entries"]] == [2000.0] * len(recorded)

    def test_junit_has_a_case_for_each_exchange(self, recorded: list[RecordedExchange]) -> None:
        suite = ET.fromstring(of_run("junit", *recorded, outcome=FAILED))
        assert suite.get("tests") == str(len(suite)) == str(max(1, len(recorded)))
        assert len(suite[-1]) == 1

    def test_curl_is_the_command(self, recorded: list[RecordedExchange]) -> None:
        assert of_run("curl", *recorded, outcome=FAILED) == "curl http://h/\n"


class TestReportOfABatch:
    def test_json_has_an_object_for_each_line(self) -> None:
        report = json.loads(of_batch("json", *exchanges()))
        assert [line["line"] for line in report["lines"]] == [1, 2, 3]
        assert report["exit_status"] == ExitStatus.FAILED

    def test_jsonl_has_a_line_for_each_line(self) -> None:
        lines = of_batch("jsonl", *exchanges()).split("\n")
        assert [json.loads(line)["line"] for line in lines[:-1]] == [1, 2, 3]
        assert lines[-1] == ""

    def test_har_has_all_entries(self) -> None:
        assert len(json.loads(of_batch("har", *exchanges()))["log"]["entries"]) == 6

    def test_junit_has_a_suite_for_each_line(self) -> None:
        suites = ET.fromstring(of_batch("junit", *exchanges()))
        assert [suite.get("tests") for suite in suites] == ["1", "2", "3"]

    def test_curl_has_all_commands(self) -> None:
        assert of_batch("curl", *exchanges()) == "curl http://h/\n" * 3

    @pytest.mark.parametrize("kind", ["json", "junit", "har"])
    def test_without_a_line_is_well_formed(self, kind: str) -> None:
        text = of_batch(kind)
        if kind == "junit":
            assert len(ET.fromstring(text)) == 0
        else:
            assert json.loads(text)


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("json", True), ("jsonl", True), ("har", True), ("junit", False), ("curl", False)],
)
def test_reports_with_sizes_need_the_body(kind: str, needed: bool) -> None:
    assert needs_body(Reports((ReportFile(kind, "-"),))) is needed
