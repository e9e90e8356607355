"""The run as a JUnit test suite, as CI systems show it: one case for each request."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.reports import RecordedExchange
from httpcli.protocol.dates import timestamp
from httpcli.report.registry import About
from httpcli.report.text import readable
from httpcli.report.write_out import CHALLENGES

_NOT_IN_XML = re.compile(r"[^\t\n\r -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, 2.2, and the controls that it discourages."""
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_REQUEST = "httpcli.request"
_EXPECTATION = "httpcli.expectation"
_COUNTED = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
_JUDGED = (
    ExitStatus.REDIRECTED,
    ExitStatus.CLIENT_ERROR,
    ExitStatus.SERVER_ERROR,
    ExitStatus.EXPECTATION,
)
"""Statuses of an answer that is here, and is not what was wanted."""


class JunitSuite:
    """One suite: a case for each exchange, then one for each expectation.

    Of an exchange only its line is kept: the counts stand before the cases. The
    last one fails where the run does and no expectation says why; one that
    failed before it was tried again, and counts as skipped.

    CI systems compare the cases of two runs by their names, so those of the last
    exchange and of expectations do not tell what came of them. A batch's line
    has its number in front: two lines may say the same.
    """

    def __init__(self, about: About) -> None:
        self._about = about
        self._cases: list[_Case] = []
        self._place = f"line {about.line}: " if about.line else ""
        self._answer = ""

    def begin(self) -> str:
        return ""

    def exchange(self, exchange: RecordedExchange) -> str:
        request, response = exchange.request, exchange.response
        if self._cases:
            self._cases[-1].name += self._answer
        self._answer = "" if response is None else f" ({response.status})"
        name = f"{self._place}{request.method} {request.url}"
        self._cases.append(_Case(_REQUEST, name, exchange.duration, _why_again(exchange)))
        return ""

    def end(self, outcome: Outcome) -> str:
        about = self._place + (f"{self._about.method} {self._about.url}".strip() or "no request")
        cases = self._cases or [_Case(_REQUEST, about)]
        for case in cases[:-1]:
            if case.why_again:
                case.add("skipped", f"tried again: {case.why_again}")
        told = outcome.status is ExitStatus.EXPECTATION and outcome.check_results
        if outcome.status is not ExitStatus.OK and not told:
            kind = "failure" if outcome.status in _JUDGED else "error"
            cases[-1].add(kind, outcome.reason, outcome.status.name)
        for finding in outcome.check_results:
            cases.append(_Case(_EXPECTATION, self._place + finding.expected))
            if not finding.passed:
                cases[-1].add("failure", str(finding), ExitStatus.EXPECTATION.name)
        counts = " ".join(
            f'{name}="{sum(case.kind == kind for case in cases)}"' for name, kind in _COUNTED
        )
        suite = (
            f'<testsuite name={_attribute(about)} tests="{len(cases)}" {counts}'
            f' time="{sum(case.seconds for case in cases):.3f}"'
            f' timestamp="{timestamp(self._about.began)}">'
        )
        return "\n".join([suite, *(case.text for case in cases), "</testsuite>", ""])


class JunitReport(JunitSuite):
    """A document of one suite."""

    def end(self, outcome: Outcome) -> str:
        return f"{XML_HEAD}\n{super().end(outcome)}"


def _why_again(exchange: RecordedExchange) -> str:
    """Return why another exchange of the same request comes behind this one, if one does."""
    response = exchange.response
    if exchange.error or response is None:
        return exchange.error
    if 300 <= response.status <= 399 or response.status in CHALLENGES:
        return ""  # it led there
    return f"HTTP {response.status} {response.reason}".rstrip()


class _Case:
    """One case; ``kind`` is what came of it, empty for success."""

    def __init__(self, group: str, name: str, seconds: float = 0.0, why_again: str = "") -> None:
        self._group = group
        self.name = name
        self.seconds = seconds
        self.why_again = why_again
        self.kind = ""
        self._inside = ""

    def add(self, kind: str, message: str, status: str = "") -> None:
        """Say that it did not succeed."""
        self.kind = kind
        named = f" type={_attribute(status)}" if status else ""
        self._inside = f"<{kind}{named} message={_attribute(message)}/>"

    @property
    def text(self) -> str:
        """The case as it is written."""
        start = (
            f'  <testcase classname="{self._group}" name={_attribute(self.name)}'
            f' time="{self.seconds:.3f}"'
        )
        return f"{start}>{self._inside}</testcase>" if self._inside else f"{start}/>"


def _attribute(text: str) -> str:
    return quoteattr(_NOT_IN_XML.sub("\ufffd", readable(text)))
