"""The report ``json``: the run as one JSON object, for scripts. ``jsonl``: on one line."""

from __future__ import annotations

from json import dumps
from typing import Any

from httpcli.core.connection_info import Timings
from httpcli.core.events import OtherHead, ResponseStarted
from httpcli.core.exit_status import Outcome
from httpcli.core.expectation import CheckResult
from httpcli.core.reports import RecordedExchange
from httpcli.protocol.dates import timestamp
from httpcli.report.registry import BatchFormat, ReportInfo, field_list, valid_unicode
from httpcli.report.write_out import WriteOutVariables


class JsonReport:
    """One object, written while the exchanges happen."""

    def __init__(self, info: ReportInfo) -> None:
        self._info = info
        self._variables = WriteOutVariables(info)
        self._first = True

    def begin(self) -> str:
        line = f'"line": {self._info.line},\n' if self._info.line else ""
        return f'{{{line}"began": {_json(timestamp(self._info.started_at))},\n"requests": ['

    def add(self, exchange: RecordedExchange) -> str:
        self._variables.add(exchange)
        before = "\n" if self._first else ",\n"
        self._first = False
        return before + _json(_exchange(exchange))

    def end(self, outcome: Outcome) -> str:
        members = {
            "expectations": [_check_result(result) for result in outcome.check_results],
            "variables": self._variables.values(outcome),
            **_result(outcome),
        }
        return "],\n" + _members(members) + "}\n"


class JsonLineReport(JsonReport):
    """The same on one line, written in one piece: other runs may append to the same file."""

    def __init__(self, info: ReportInfo) -> None:
        super().__init__(info)
        self._pieces: list[str] = []

    def begin(self) -> str:
        self._pieces.append(super().begin())
        return ""

    def add(self, exchange: RecordedExchange) -> str:
        self._pieces.append(super().add(exchange))
        return ""

    def end(self, outcome: Outcome) -> str:
        self._pieces.append(super().end(outcome))
        return "".join(self._pieces).replace("\n", "") + "\n"


class JsonBatchPart(JsonLineReport):
    """The same as an element of an array, without a line end."""

    def end(self, outcome: Outcome) -> str:
        return super().end(outcome).removesuffix("\n")


def _end_of_batch(outcome: Outcome) -> str:
    return "\n],\n" + _members(_result(outcome)) + "}\n"


BATCH = BatchFormat(
    JsonBatchPart,
    lambda started_at: f'{{"began": {_json(timestamp(started_at))},\n"lines": [\n',
    ",\n",
    _end_of_batch,
)
"""One object with an array of the parts."""

LINES_BATCH = BatchFormat(JsonLineReport)
"""A line for each part."""


def _result(outcome: Outcome) -> dict[str, Any]:
    return {"error": valid_unicode(outcome.reason), "exit_status": int(outcome.status)}


def _members(members: dict[str, Any]) -> str:
    """Return members of an object, each on a line."""
    return ",\n".join(f'"{name}": {_json(value)}' for name, value in members.items())


def _json(value: Any) -> str:
    return dumps(value, ensure_ascii=False)


def _exchange(exchange: RecordedExchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    result: dict[str, Any] = {
        "request": {
            "method": request.method,
            "url": valid_unicode(str(request.url)),
            "version": request.version,
            "fields": field_list(request.fields),
            "size": exchange.request_body.size,
        },
        "response": None,
        "timings": _timings(exchange.timings),
        "error": valid_unicode(exchange.error),
    }
    if response is not None:
        result["response"] = {
            "status": response.status,
            "reason": valid_unicode(response.reason),
            "version": response.version,
            "fields": field_list(response.fields),
            "size": exchange.response_body.size,
            "whole": exchange.complete,
            **_other_heads(response),
        }
        if exchange.trailers:
            result["response"]["trailers"] = field_list(exchange.trailers)
    return result


def _other_heads(response: ResponseStarted) -> dict[str, Any]:
    """Return the interim responses and the proxy's response to a CONNECT, if any."""
    result: dict[str, Any] = {}
    if response.interim:
        result["interim"] = [_other_head(head) for head in response.interim]
    if response.tunnel is not None:
        result["tunnel"] = _other_head(response.tunnel)
    return result


def _other_head(head: OtherHead) -> dict[str, Any]:
    return {
        "status": head.status,
        "reason": valid_unicode(head.reason),
        "version": head.version,
        "fields": field_list(head.fields),
    }


def _check_result(check: CheckResult) -> dict[str, Any]:
    result: dict[str, Any] = {"expected": valid_unicode(check.expected), "holds": check.passed}
    return result if check.passed else {**result, "actual": valid_unicode(check.actual)}


def _timings(timings: Timings) -> dict[str, Any]:
    """Return the duration of each phase and in total, in seconds."""
    durations = {phase.name.lower(): round(phase.duration, 6) for phase in timings.phases}
    return {
        "began": timestamp(timings.started_at),
        **durations,
        "total": round(timings.ended or 0.0, 6),
    }
