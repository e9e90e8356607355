"""The run as an HTTP Archive (HAR 1.2), which browsers' developer tools load."""

from __future__ import annotations

from json import dumps
from typing import Any

from httpcli import __version__
from httpcli.core.exchange import Exchange
from httpcli.core.exit_status import Outcome
from httpcli.core.timings import BODY, CONNECT, DNS, REQUEST, TLS, WAIT, Timings
from httpcli.protocol.dates import timestamp
from httpcli.report.har_messages import request_of, response_of
from httpcli.report.registry import About
from httpcli.report.text import milliseconds, readable

_NOT_APPLICABLE = -1
"""HAR's word for a phase that an exchange did not have."""


class HarEntries:
    """The entries of a run; each is written when its exchange is over."""

    def __init__(self, _about: About) -> None:
        self._first = True

    def begin(self) -> str:
        return ""

    def exchange(self, exchange: Exchange) -> str:
        before = "" if self._first else ",\n"
        self._first = False
        return before + dumps(_entry(exchange), ensure_ascii=False)

    def end(self, _outcome: Outcome) -> str:
        return ""


class HarReport(HarEntries):
    """One log of them."""

    def begin(self) -> str:
        return start_of_log()

    def end(self, outcome: Outcome) -> str:
        return end_of_log(outcome)


def start_of_log() -> str:
    """Return what stands before the first entry."""
    creator = dumps({"name": "httpcli", "version": __version__})
    return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n'


def end_of_log(outcome: Outcome) -> str:
    """Return what stands behind the last entry."""
    comment = f"exit status {int(outcome.status)}"
    if outcome.reason:
        comment += f": {readable(outcome.reason)}"
    return f'\n], "comment": {dumps(comment, ensure_ascii=False)}}}}}\n'


def _entry(exchange: Exchange) -> dict[str, Any]:
    timings = _timings(exchange.timings)
    parts = [length for name, length in timings.items() if name != "ssl" and length > 0]
    entry: dict[str, Any] = {
        "startedDateTime": timestamp(exchange.timings.began),
        "time": round(sum(parts), 3),
        "request": request_of(exchange),
        "response": response_of(exchange),
        "cache": {},
        "timings": timings,
    }
    response = exchange.response
    if response is not None and response.connection is not None:
        address = response.connection.address.rpartition(":")[0].strip("[]")
        entry["serverIPAddress"] = address.partition("%")[0]
    return entry


def _timings(timings: Timings) -> dict[str, float]:
    """Return the phases in milliseconds; what HAR calls connect has the handshake in it."""
    lengths = {each.name: milliseconds(each.length) for each in timings.phases}
    told: dict[str, float] = {"blocked": _NOT_APPLICABLE}
    told["dns"] = lengths.get(DNS, _NOT_APPLICABLE)
    told["connect"] = lengths.get(CONNECT, _NOT_APPLICABLE)
    told["ssl"] = lengths.get(TLS, _NOT_APPLICABLE)
    if TLS in lengths:
        told["connect"] = round(lengths.get(CONNECT, 0.0) + lengths[TLS], 3)
    told["send"] = lengths.get(REQUEST, 0.0)
    told["wait"] = lengths.get(WAIT, 0.0)
    told["receive"] = lengths.get(BODY, 0.0)
    return told
