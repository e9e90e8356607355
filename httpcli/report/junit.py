"""The report ``junit``: the run as a JUnit test suite, with a test case for each request."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from httpcli.core.exit_status import ExitStatus, Outcome
from httpcli.core.reports import RecordedExchange
from httpcli.protocol.dates import timestamp
from httpcli.report.registry import BatchFormat, ReportInfo, valid_unicode
from httpcli.report.write_out import AUTH_STATUSES

_NOT_IN_XML = re.compile(r"[^\t\n\r -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow (2.2), and controls that it discourages."""
_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_REQUEST = "httpcli.request"
_EXPECTATION = "httpcli.expectation"
_COUNTS = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
_FAILURES = (
    ExitStatus.REDIRECTED,
    ExitStatus.CLIENT_ERROR,
    ExitStatus.SERVER_ERROR,
    ExitStatus.EXPECTATION,
)
"""Statuses of a run with an unexpected response. With others a test case is an error."""


class JunitPart:
    """One suite: a case for each exchange, then one for each expectation.

    The counts come before the cases, so the cases are kept until the end. The case of the last
    exchange fails if the run fails for another reason than an expectation; that of an
    exchange that failed and was retried is skipped.

    CI systems compare the cases of two runs by name. So the names of the last exchange and
    of expectations do not contain their result. In a batch they begin with the number of
    the line: two lines may be the same.
    """

    def __init__(self, info: ReportInfo) -> None:
        self._info = info
        self._cases: list[_Case] = []
        self._prefix = f"line {info.line}: " if info.line else ""
        self._last_status = ""

    def begin(self) -> str:
        return ""

    def add(self, exchange: RecordedExchange) -> str:
        request, response = exchange.request, exchange.response
        if self._cases:
            self._cases[-1].name += self._last_status
        self._last_status = "" if response is None else f" ({response.status})"
        name = f"{self._prefix}{request.method} {request.url}"
        self._cases.append(_Case(_REQUEST, name, exchange.duration, _retry_reason(exchange)))
        return ""

    def end(self, outcome: Outcome) -> str:
        request = f"{self._info.method} {self._info.url}".strip() or "no request"
        name = self._prefix + request
        cases = self._cases or [_Case(_REQUEST, name)]
        for case in cases[:-1]:
            if case.retry_reason:
                case.add("skipped", f"retried: {case.retry_reason}")
        explained = outcome.status is ExitStatus.EXPECTATION and outcome.check_results
        if outcome.status is not ExitStatus.OK and not explained:
            kind = "failure" if outcome.status in _FAILURES else "error"
            cases[-1].add(kind, outcome.reason, outcome.status.name)
        for check in outcome.check_results:
            cases.append(_Case(_EXPECTATION, self._prefix + check.expected))
            if not check.passed:
                cases[-1].add("failure", str(check), ExitStatus.EXPECTATION.name)
        counts = " ".join(
            f'{attribute}="{sum(case.kind == kind for case in cases)}"'
            for attribute, kind in _COUNTS
        )
        suite = (
            f'<testsuite name={_quoted(name)} tests="{len(cases)}" {counts}'
            f' time="{sum(case.seconds for case in cases):.3f}"'
            f' timestamp="{timestamp(self._info.started_at)}">'
        )
        return "\n".join([suite, *(case.text for case in cases), "</testsuite>", ""])


class JunitReport(JunitPart):
    """A document with one suite."""

    def end(self, outcome: Outcome) -> str:
        return f"{_XML_DECLARATION}\n{super().end(outcome)}"


BATCH = BatchFormat(
    JunitPart,
    lambda _started_at: f"{_XML_DECLARATION}\n<testsuites>\n",
    end=lambda _outcome: "</testsuites>\n",
)
"""A document with a suite for each part."""


def _retry_reason(exchange: RecordedExchange) -> str:
    """Return why this exchange is a failed attempt; empty for a redirect or challenge."""
    response = exchange.response
    if exchange.error or response is None:
        return exchange.error
    if 300 <= response.status <= 399 or response.status in AUTH_STATUSES:
        return ""  # a redirect or challenge is followed, not retried
    return f"HTTP {response.status} {response.reason}".rstrip()


class _Case:
    """One test case."""

    def __init__(
        self, group: str, name: str, seconds: float = 0.0, retry_reason: str = ""
    ) -> None:
        self._group = group
        self.name = name
        self.seconds = seconds
        self.retry_reason = retry_reason
        self.kind = ""
        """``failure``, ``error`` or ``skipped``; empty for success."""
        self._result = ""

    def add(self, kind: str, message: str, status: str = "") -> None:
        """Record that the case did not succeed."""
        self.kind = kind
        type_ = f" type={_quoted(status)}" if status else ""
        self._result = f"<{kind}{type_} message={_quoted(message)}/>"

    @property
    def text(self) -> str:
        """The XML element."""
        start = (
            f'  <testcase classname="{self._group}" name={_quoted(self.name)}'
            f' time="{self.seconds:.3f}"'
        )
        return f"{start}>{self._result}</testcase>" if self._result else f"{start}/>"


def _quoted(text: str) -> str:
    return quoteattr(_NOT_IN_XML.sub("\ufffd", valid_unicode(text)))
