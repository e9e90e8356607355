"""The run as a JUnit test suite, as CI systems show it: one case for each request."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from httpcli.model.exchange import Exchange
from httpcli.model.exits import ExitStatus, Outcome
from httpcli.protocol.dates import timestamp
from httpcli.report.registry import About
from httpcli.report.texts import readable

_NOT_IN_XML = re.compile(r"[^\t\n\r -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, 2.2, and the controls that it discourages."""
_JUDGED = (
    ExitStatus.REDIRECTED,
    ExitStatus.CLIENT_ERROR,
    ExitStatus.SERVER_ERROR,
    ExitStatus.EXPECTATION,
)
"""Statuses of an answer that is here, and is not what was wanted."""


class JunitReport:
    """One suite. Of an exchange only its line is kept: the counts stand before the cases.

    The last exchange fails where the run does; one that failed before it was
    tried again, and counts as skipped.
    """

    def __init__(self, about: About) -> None:
        self._about = about
        self._cases: list[_Case] = []

    def begin(self) -> str:
        return ""

    def exchange(self, exchange: Exchange) -> str:
        request, response = exchange.request, exchange.response
        answer = "" if response is None else f" ({response.status})"
        name = f"{request.method} {request.url}{answer}"
        self._cases.append(_Case(name, exchange.length, exchange.error))
        return ""

    def end(self, outcome: Outcome) -> str:
        cases = self._cases or [_Case(f"{self._about.method} {self._about.url}", 0.0, "")]
        last = cases[-1]
        lines: list[str] = []
        bad = ""
        for case in cases:
            inside = ""
            if case is last and outcome.status is not ExitStatus.OK:
                bad = "failure" if outcome.status in _JUDGED else "error"
                kind = _attribute(outcome.status.name)
                inside = f"<{bad} type={kind} message={_attribute(outcome.reason)}/>"
            elif case is not last and case.error:
                inside = f"<skipped message={_attribute(f'tried again: {case.error}')}/>"
            lines.append(case.written(inside))
        skipped = sum("<skipped" in line for line in lines)
        suite = (
            f"<testsuite name={_attribute(f'{self._about.method} {self._about.url}')}"
            f' tests="{len(cases)}" failures="{int(bad == "failure")}"'
            f' errors="{int(bad == "error")}" skipped="{skipped}"'
            f' time="{sum(case.seconds for case in cases):.3f}"'
            f' timestamp="{timestamp(self._about.began)}">'
        )
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        return "\n".join([head, suite, *lines, "</testsuite>", ""])


class _Case:
    def __init__(self, name: str, seconds: float, error: str) -> None:
        self._name = name
        self.seconds = seconds
        self.error = error

    def written(self, inside: str) -> str:
        start = (
            f'  <testcase classname="httpcli" name={_attribute(self._name)}'
            f' time="{self.seconds:.3f}"'
        )
        return f"{start}>{inside}</testcase>" if inside else f"{start}/>"


def _attribute(text: str) -> str:
    return quoteattr(_NOT_IN_XML.sub("\ufffd", readable(text)))
