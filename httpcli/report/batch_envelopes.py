"""How the reports of many requests become one: what stands around them, and between two."""

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from typing import NamedTuple

from httpcli.core.exit_status import Outcome
from httpcli.protocol.dates import timestamp
from httpcli.report.har import end_of_log, start_of_log
from httpcli.report.junit import XML_HEAD
from httpcli.report.text import readable


class Envelope(NamedTuple):
    """What makes one report of many.

    ``made_by`` names what makes the part of one request, as ``Kind.made_by``
    does. ``begin`` is given seconds since 1970, ``end`` what the run came to.
    """

    made_by: str
    begin: Callable[[float], str] = lambda _began: ""
    between: str = ""
    end: Callable[[Outcome], str] = lambda _outcome: ""


def _start_of_lines(began: float) -> str:
    return f'{{"began": {dumps(timestamp(began))},\n"lines": [\n'


def _end_of_lines(outcome: Outcome) -> str:
    error = dumps(readable(outcome.reason), ensure_ascii=False)
    return f'\n],\n"error": {error},\n"exit_status": {int(outcome.status)}}}\n'


ENVELOPES: dict[str, Envelope] = {
    "json": Envelope("httpcli.report.json:JsonPart", _start_of_lines, ",\n", _end_of_lines),
    "jsonl": Envelope("httpcli.report.json:JsonLine"),
    "junit": Envelope(
        "httpcli.report.junit:JunitSuite",
        lambda _began: f"{XML_HEAD}\n<testsuites>\n",
        end=lambda _outcome: "</testsuites>\n",
    ),
    "har": Envelope(
        "httpcli.report.har:HarEntries", lambda _began: start_of_log(), ",\n", end_of_log
    ),
    "curl": Envelope("httpcli.report.curl:CurlReport"),
}
