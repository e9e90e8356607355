"""The run as one JSON object: for scripts that ask how it went."""

from __future__ import annotations

from json import dumps
from typing import Any

from httpcli.core.connection_info import Timings
from httpcli.core.exit_status import Outcome
from httpcli.core.expectation import CheckResult
from httpcli.core.reports import RecordedExchange
from httpcli.protocol.dates import timestamp
from httpcli.report.registry import About
from httpcli.report.text import readable, told_fields
from httpcli.report.write_out import Variables


class JsonReport:
    """One object, written as the exchanges come."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._variables = Variables(about)
        self._first = True

    def begin(self) -> str:
        line = f'"line": {self._about.line},\n' if self._about.line else ""
        return f'{{{line}"began": {_json(timestamp(self._about.began))},\n"requests": ['

    def exchange(self, exchange: RecordedExchange) -> str:
        self._variables.observe(exchange)
        before = "\n" if self._first else ",\n"
        self._first = False
        return before + _json(_exchange(exchange))

    def end(self, outcome: Outcome) -> str:
        rest = {
            "expectations": [_finding(each) for each in outcome.check_results],
            "variables": self._variables.at_end(outcome),
            "error": readable(outcome.reason),
            "exit_status": int(outcome.status),
        }
        return "],\n" + ",\n".join(f'"{name}": {_json(rest[name])}' for name in rest) + "}\n"


class JsonLine(JsonReport):
    """The same on one line, all at once: other runs may add theirs to the same file."""

    def __init__(self, about: About) -> None:
        super().__init__(about)
        self._pieces: list[str] = []

    def begin(self) -> str:
        self._pieces.append(super().begin())
        return ""

    def exchange(self, exchange: RecordedExchange) -> str:
        self._pieces.append(super().exchange(exchange))
        return ""

    def end(self, outcome: Outcome) -> str:
        self._pieces.append(super().end(outcome))
        return "".join(self._pieces).replace("\n", "") + "\n"


class JsonPart(JsonLine):
    """The same as a member of an array, whose lines it does not end."""

    def end(self, outcome: Outcome) -> str:
        return super().end(outcome).removesuffix("\n")


def _json(value: Any) -> str:
    return dumps(value, ensure_ascii=False)


def _exchange(exchange: RecordedExchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    told: dict[str, Any] = {
        "request": {
            "method": request.method,
            "url": readable(str(request.url)),
            "version": request.version,
            "fields": told_fields(request.fields),
            "size": exchange.request_body.size,
        },
        "response": None,
        "timings": _timings(exchange.timings),
        "error": readable(exchange.error),
    }
    if response is not None:
        told["response"] = {
            "status": response.status,
            "reason": readable(response.reason),
            "version": response.version,
            "fields": told_fields(response.fields),
            "size": exchange.response_body.size,
            "whole": exchange.complete,
        }
    return told


def _finding(finding: CheckResult) -> dict[str, Any]:
    told: dict[str, Any] = {"expected": readable(finding.expected), "holds": finding.passed}
    return told if finding.passed else {**told, "actual": readable(finding.actual)}


def _timings(timings: Timings) -> dict[str, Any]:
    """Return the length of each phase and of all, in seconds."""
    lengths = {each.name.lower(): round(each.duration, 6) for each in timings.phases}
    return {
        "began": timestamp(timings.started_at),
        **lengths,
        "total": round(timings.ended or 0.0, 6),
    }
